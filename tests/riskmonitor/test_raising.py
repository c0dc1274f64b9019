"""From a marked answer to a flag with an owner, in the answers' own transaction."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from uuid import uuid4

import psycopg2
import pytest
from django.db import connection, transaction

from clinics.models import AccessGrant
from messaging.models import Notice
from programs.actions import send_measure
from programs.models import Submission
from programs.shipped import instruments
from riskmonitor import rules
from riskmonitor.models import Flag
from riskmonitor.sweeps import screen_one
from tests.cast import NOW, Cast, make_cast

ZEROS = {str(item): 0 for item in range(1, 10)}


def send(cast: Cast, answers: dict[str, int], *, version: str | None = None, key=None, now=NOW) -> Submission:
    phq9 = instruments()["phq9"]
    return send_measure(
        treatment=cast.annas, instrument=phq9, version=version or phq9.version, answers=answers,
        key=key or uuid4(), by=cast.anna, now=now,
    )  # fmt: skip


@pytest.mark.hazard("H4a")
@pytest.mark.parametrize(("marked", "urgency"), [(1, "today"), (2, "now"), (3, "now")])
def test_item_nine_raises_a_flag_with_the_therapist_as_owner(cast: Cast, marked: int, urgency: str) -> None:
    send(cast, ZEROS | {"9": marked})
    flag = Flag.objects.get()
    assert (flag.kind, flag.urgency, flag.owner) == ("suicide", urgency, cast.berit)
    assert [n.recipient for n in Notice.objects.all()] == [cast.berit]


def test_a_form_without_marks_raises_nothing(cast: Cast) -> None:
    submission = send(cast, ZEROS)
    assert not Flag.objects.exists()
    assert submission.items_screened_at == NOW


def test_a_missing_risk_item_is_unknown_and_seen_today(cast: Cast) -> None:
    send(cast, {str(item): 0 for item in range(1, 9)})
    assert Flag.objects.get().urgency == "today"


@pytest.mark.hazard("H1a")
@pytest.mark.django_db(transaction=True)
def test_answers_and_flag_become_visible_in_the_same_commit() -> None:
    """Seen from another connection before the commit, and first of all after it."""
    cast = make_cast()
    counts = "SELECT (SELECT count(*) FROM programs_submission), (SELECT count(*) FROM riskmonitor_flag)"
    seen: list[tuple[int, int]] = []
    with closing(psycopg2.connect(**connection.get_connection_params())) as other, other.cursor() as outside:
        other.autocommit = True

        def look() -> None:
            outside.execute(counts)
            seen.extend(outside.fetchall())

        with transaction.atomic():
            transaction.on_commit(look)  # before whatever the sending asks for after the commit
            send(cast, ZEROS | {"9": 2})
            look()
    assert seen == [(0, 0), (1, 1)]


def test_the_same_key_twice_is_one_answer_set_and_one_flag(cast: Cast) -> None:
    key = uuid4()
    first, second = send(cast, ZEROS | {"9": 2}, key=key), send(cast, ZEROS | {"9": 2}, key=key)
    assert first == second
    assert (Submission.objects.count(), Flag.objects.count()) == (1, 1)


def test_the_same_key_with_other_answers_is_kept_and_screened_too(cast: Cast) -> None:
    key = uuid4()
    send(cast, ZEROS, key=key)
    send(cast, ZEROS | {"9": 3}, key=key)
    assert Submission.objects.count() == 2
    assert Flag.objects.get().urgency == "now"


@pytest.mark.hazard("H12b")
def test_an_unknown_form_version_is_kept_and_read_by_a_human(cast: Cast) -> None:
    submission = send(cast, ZEROS, version="of another time")
    assert Flag.objects.get().kind == "unscreenable"
    assert submission.total is None


def test_a_rule_that_breaks_keeps_the_answers_and_flags_them(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("riskmonitor.receivers.item_findings_of", broken)
    submission = send(cast, ZEROS | {"9": 2})
    assert Submission.objects.get() == submission
    assert Flag.objects.get().kind == "unscreenable"


def test_the_second_net_agrees_and_raises_nothing_twice(cast: Cast) -> None:
    send(cast, ZEROS | {"9": 2})
    assert screen_one(NOW + timedelta(seconds=1))
    assert not screen_one(NOW + timedelta(seconds=1))
    assert (Flag.objects.count(), Flag.objects.get().findings.count()) == (1, 1)


@pytest.mark.hazard("H7a")
def test_new_danger_of_a_kind_attaches_to_the_flag_that_is_open(cast: Cast) -> None:
    for days in range(3):
        send(cast, ZEROS | {"9": 1 + days}, now=NOW + timedelta(days=days))
    assert list(Flag.objects.values_list("kind", flat=True)) == ["suicide"]
    assert Flag.objects.get().findings.count() == 3


@pytest.mark.hazard("H7b")
def test_a_higher_mark_alerts_again_and_a_lower_one_does_not(cast: Cast) -> None:
    send(cast, ZEROS | {"9": 1})
    send(cast, ZEROS | {"9": 1}, now=NOW + timedelta(hours=1))
    flag = Flag.objects.get()
    assert (flag.urgency, flag.climbs) == ("today", 1)
    send(cast, ZEROS | {"9": 3}, now=NOW + timedelta(hours=2))
    flag.refresh_from_db()
    assert (flag.urgency, flag.climbs) == ("now", 2)
    assert flag.alerted_at == NOW + timedelta(hours=2)


def test_handing_a_flag_opens_the_patient_to_its_owner(cast: Cast) -> None:
    send(cast, ZEROS | {"9": 2})
    assert AccessGrant.objects.filter(user=cast.berit, patient=cast.annas.patient).exists()


@pytest.mark.hazard("H12c")
def test_the_rules_know_the_versions_that_are_shipped() -> None:
    for instrument in instruments().values():
        assert instrument.version in rules.FORMS[instrument.id].versions
