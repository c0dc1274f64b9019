"""Unsent words are kept for thirty days, as the page about one's data says."""

from __future__ import annotations

from datetime import timedelta

from programs.actions import save_draft
from programs.models import Draft
from programs.sweeps import delete_old_drafts
from tests.cast import NOW, Cast

DAY = timedelta(days=1)


def test_a_draft_left_for_thirty_days_is_forgotten_and_a_younger_one_stays(cast: Cast) -> None:
    for key, age in (("message", 31), ("tool:goals", 29)):
        save_draft(
            owner=cast.anna, treatment=cast.annas, form_key=key, data={"text": "x"}, version=0, now=NOW - age * DAY
        )
    assert delete_old_drafts(NOW) == 1
    assert [draft.form_key for draft in Draft.objects.all()] == ["tool:goals"]
