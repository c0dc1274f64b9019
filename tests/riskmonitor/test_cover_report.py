"""manage.py cover_report: each uncovered stretch with its reason, for machines and for people."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.models import Absence, Membership, User
from programs.actions import end_treatment, pause_treatment
from riskmonitor.watch.uncovered import look_ahead
from tests.cast import NOW, Cast, make_treatment, make_user

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("friday_morning")


def said(*options: str) -> str:
    out = StringIO()
    call_command("cover_report", *options, stdout=out)
    return out.getvalue()


def reported(*options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said("--json", *options))
    return found


def away(user: User, start: timedelta, end: timedelta) -> None:
    Absence.objects.create(user=user, starts_at=NOW + start, ends_at=NOW + end, created_at=NOW, created_by=user)


def test_everybody_covered_is_an_empty_list_and_a_count(cast: Cast) -> None:
    assert reported() == {"uncovered": [], "covered": 3}
    assert said() == "Coming 14 days: 3 covered, 0 with gaps.\n"


def test_each_stretch_says_who_from_when_to_when_and_why(cast: Cast) -> None:
    away(cast.david, 3 * DAY, 4 * DAY)
    away(cast.siv, 3 * DAY, 3 * DAY + timedelta(hours=2))
    code = str(cast.nilss.patient.code)
    assert reported() == {
        "uncovered": [
            {"patient": code, "from": "2026-11-23T09:00:00Z", "to": "2026-11-23T11:00:00Z", "why": "both absent"}
        ],
        "covered": 2,
    }
    assert f"{code}  2026-11-23T09:00:00Z to 2026-11-23T11:00:00Z  both absent" in said()


def test_a_therapist_without_competence_leaves_all_to_the_substitute(cast: Cast) -> None:
    Membership.objects.get(user=cast.david).competences.all().delete()
    away(cast.siv, 3 * DAY, 3 * DAY + timedelta(hours=2))
    assert [row["why"] for row in reported()["uncovered"]] == ["substitute absent"]


def test_an_account_that_ends_leaves_a_gap_from_that_moment(cast: Cast) -> None:
    Membership.objects.filter(user=cast.siv).update(ends_at=NOW + 10 * DAY)
    rows = reported()["uncovered"]
    assert (rows[0]["from"], {row["why"] for row in rows}) == ("2026-11-30T09:00:00Z", {"substitute account closed"})


def test_it_looks_as_far_as_it_is_told(cast: Cast) -> None:
    for user in (cast.david, cast.siv):
        away(user, 20 * DAY, 21 * DAY)
    assert reported()["uncovered"] == []
    assert len(reported("--days", "30")["uncovered"]) == 2
    with pytest.raises(CommandError, match="1 to 366"):
        said("--days", "0")


def test_a_pause_needs_cover_and_what_has_ended_does_not(cast: Cast) -> None:
    pause_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    end_treatment(treatment=cast.eriks, by=cast.berit, now=NOW)
    assert reported()["covered"] == 2


def test_it_ends_with_a_fault_only_when_that_is_asked_for(cast: Cast) -> None:
    said("--check")
    Membership.objects.filter(user=cast.siv).update(ended_at=NOW)
    said("--json")
    with pytest.raises(CommandError, match="uncovered"):
        said("--check")


def test_no_name_stands_in_it(cast: Cast) -> None:
    Membership.objects.filter(user=cast.siv).update(ended_at=NOW)
    assert "Nils" not in said() + said("--json")


def test_many_patients_cost_as_few_questions_as_one(cast: Cast) -> None:
    for number in range(6):
        make_treatment(make_user(f"more{number}", "Alm"), cast.eken, cast.berit, cast.cecilia, cast.revision)
    with CaptureQueriesContext(connection) as counted:
        look_ahead(cast.eken, NOW)
    assert len(counted) == 4
