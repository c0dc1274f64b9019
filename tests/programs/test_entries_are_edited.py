"""An entry can be changed later: a new submission stands in for the former, which stays. The newest is shown."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse

from programs.actions import AnswersRefused, send_tool_entry
from programs.models import Draft, Submission, Treatment
from programs.toolkit.records import recorded
from tests.cast import NOW, Cast

HOUR = timedelta(hours=1)
KEY = uuid4()

pytestmark = pytest.mark.usefixtures("friday_morning")


def log(treatment: Treatment, activity: str, hours: int = 0, replaces: Submission | None = None) -> Submission:
    return send_tool_entry(
        treatment=treatment, tool="mood_log", entry={"activity": activity, "mood": 5}, key=uuid4(),
        by=treatment.patient.user, now=NOW + hours * HOUR, replaces=replaces,
    )  # fmt: skip


def page(query: str = "") -> str:
    return reverse("tool", args=["mood_log"]) + query


def test_the_newest_version_is_shown_and_the_former_stays(cast: Cast) -> None:
    first = log(cast.annas, "Bio")
    log(cast.annas, "Promenad", 1)
    log(cast.annas, "Bion, med Lisa", 2, replaces=first)
    entries = recorded(cast.annas, "mood_log")
    assert [entry.data["activity"] for entry in entries] == ["Promenad", "Bion, med Lisa"]
    edited = entries[1]
    assert (edited.code, edited.at, edited.changed_at) == (str(first.code), NOW, NOW + 2 * HOUR)
    assert [data["activity"] for _at, data in edited.former] == ["Bio"]
    assert Submission.objects.filter(form="mood_log").count() == 3


def test_every_version_is_screened(cast: Cast) -> None:
    first = log(cast.annas, "Bio")
    second = log(cast.annas, "Bion", 1, replaces=first)
    assert second.screened_at is None
    assert second.texts == [["activity", "Bion"]]


def test_two_windows_that_change_the_same_entry_make_one_entry_with_both_texts_kept(cast: Cast) -> None:
    first = log(cast.annas, "Bio")
    one = log(cast.annas, "Bio, fönster ett", 1, replaces=first)
    log(cast.annas, "Bio, fönster två", 2, replaces=first)
    log(cast.annas, "Bio, sist", 3, replaces=one)
    (entry,) = recorded(cast.annas, "mood_log")
    assert entry.data["activity"] == "Bio, sist"
    assert [data["activity"] for _at, data in entry.former] == ["Bio, fönster två", "Bio, fönster ett", "Bio"]


def test_an_entry_of_another_patient_or_tool_cannot_be_replaced(cast: Cast) -> None:
    eriks = log(cast.eriks, "Bio")
    with pytest.raises(AnswersRefused):
        log(cast.annas, "Bio", replaces=eriks)
    goal = send_tool_entry(
        treatment=cast.annas, tool="goals", entry={"goals": [{"goal": "Läsa"}]}, key=uuid4(), by=cast.anna, now=NOW
    )
    with pytest.raises(AnswersRefused):
        log(cast.annas, "Bio", replaces=goal)


@pytest.mark.parametrize("whose", ["another patient's", "a later version"])
def test_the_database_refuses_what_is_not_the_first_version_of_the_same_entry(cast: Cast, whose: str) -> None:
    first = log(cast.annas, "Bio")
    wrong = log(cast.eriks, "Bio") if whose == "another patient's" else log(cast.annas, "Bion", replaces=first)
    row = Submission(
        key=uuid4(), treatment=cast.annas, kind="tool", form="mood_log", answers={}, sent_at=NOW, screen_after=NOW,
        entered_by=cast.anna, replaces=wrong,
    )  # fmt: skip
    with pytest.raises(Error, match="first version"), transaction.atomic():
        row.save()


def test_only_tool_entries_replace(cast: Cast) -> None:
    first = log(cast.annas, "Bio")
    row = Submission(
        key=uuid4(), treatment=cast.annas, kind="measure", form="mood_log", answers={}, sent_at=NOW, screen_after=NOW,
        entered_by=cast.anna, replaces=first,
    )  # fmt: skip
    with pytest.raises(Error), transaction.atomic():
        row.save()


def test_the_page_shows_what_stands_and_saving_changes_it_once_however_often_it_is_pressed(
    client: Client, cast: Cast
) -> None:
    first = log(cast.annas, "Bio")
    client.force_login(cast.anna)
    query = f"?edit={first.code}"
    assert 'value="Bio"' in client.get(page(query)).content.decode()
    for _twice in range(2):
        answer = client.post(page(query), {"activity": "Bion", "mood": "7", "idempotency_key": str(KEY)})
    assert Submission.objects.filter(form="mood_log").count() == 2
    shown = client.get(answer.url).content.decode()
    assert shown.count('id="entry-') == 1
    assert "Så stod det förut" in shown
    assert "Sparat och skickat." in shown


def test_a_change_that_is_refused_keeps_what_was_typed_and_the_entry(client: Client, cast: Cast) -> None:
    first = log(cast.annas, "Bio")
    client.force_login(cast.anna)
    answer = client.post(page(f"?edit={first.code}"), {"activity": "Bion", "mood": "70"})
    shown = answer.content.decode()
    assert 'value="Bion"' in shown
    assert f"edit={first.code}" in shown
    assert Submission.objects.filter(form="mood_log").count() == 1


def test_what_is_begun_on_a_change_is_kept_apart_from_a_new_entry(client: Client, cast: Cast) -> None:
    first = log(cast.annas, "Bio")
    client.force_login(cast.anna)
    kept = client.post(f"/my/drafts/tool:mood_log:{first.code}/", {"activity": "Bion, hal", "version": "0"})
    assert kept.status_code == 200
    assert "Bion, hal" in client.get(page(f"?edit={first.code}")).content.decode()
    assert "Bion, hal" not in client.get(page()).content.decode()
    client.post(page(f"?edit={first.code}"), {"activity": "Bion", "mood": "7"})
    assert not Draft.objects.exists()


def test_a_draft_for_another_patients_entry_has_no_place(client: Client, cast: Cast) -> None:
    eriks = log(cast.eriks, "Bio")
    client.force_login(cast.anna)
    for which in (eriks.code, uuid4(), "steps"):
        assert client.post(f"/my/drafts/tool:mood_log:{which}/", {"activity": "x"}).status_code == 404
