"""After the end: who reads the follow-ups, until when, and what happens when that person has left or is away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.models import Absence, AccessGrant, AuditEvent, Membership
from programs.actions import (
    NothingToFollowUp,
    NotTheirs,
    end_treatment,
    hand_over_follow_up,
    send_measure,
)
from programs.actions.answers import measure_key
from programs.models import Submission, Treatment
from programs.shipped import instruments
from programs.treatment.aftercare import cared_for_until, holder_of, without_reader
from riskmonitor.models import Flag
from tests.cast import NOW, Cast, make_revision, make_treatment, make_user
from tests.programs.test_starting import start

FOLLOWED = {
    "primary": "phq9", "risk": "phq9",
    "schedule": {"weekly": ["primary"], "follow_up": [{"weeks": 4, "ask": ["phq9"]}, {"weeks": 52, "ask": ["phq9"]}]},
}  # fmt: skip
DAY = timedelta(days=1)
FOUR_WEEKS = NOW + timedelta(weeks=4)  # a Friday morning, too


@pytest.fixture
def ended(cast: Cast) -> Treatment:
    """Maj's treatment with Berit, which ended on Friday morning."""
    treatment = make_treatment(
        make_user("Maj", "Ek"), cast.eken, cast.berit, cast.cecilia, make_revision(instruments=FOLLOWED)
    )
    end_treatment(treatment=treatment, by=cast.berit, now=NOW)
    treatment.refresh_from_db()
    return treatment


def answer(treatment: Treatment, at: datetime, nine: int = 0) -> Submission:
    phq9 = instruments()["phq9"]
    answers = {str(item): 0 for item in range(1, 9)} | {"9": nine}
    return send_measure(
        treatment=treatment, instrument=phq9, version=phq9.version, answers=answers,
        key=measure_key(treatment, "phq9"), by=treatment.patient.user, now=at,
    )  # fmt: skip


def page(client: Client, user: Any, name: str, *args: Any, at: datetime = FOUR_WEEKS + DAY / 24) -> Any:
    with time_machine.travel(at, tick=False):
        client.force_login(user)
        return client.get(reverse(name, args=args))


def leave(cast: Cast) -> None:
    Membership.objects.filter(user=cast.berit).update(ended_at=NOW)


def be_away(user: Any) -> None:
    Absence.objects.create(
        user=user, starts_at=FOUR_WEEKS - DAY, ends_at=FOUR_WEEKS + 5 * DAY, created_at=NOW, created_by=user
    )


def test_the_last_therapist_reads_until_the_last_follow_up_is_over_to_the_minute(
    cast: Cast, ended: Treatment, client: Client
) -> None:
    until = cared_for_until(ended)
    assert until == NOW + timedelta(weeks=52) + timedelta(days=28 + 14)
    assert page(client, cast.berit, "patient", ended.patient.code, at=until - timedelta(minutes=1)).status_code == 200
    assert page(client, cast.berit, "patient", ended.patient.code, at=until).status_code == 403
    assert page(client, cast.cecilia, "patient", ended.patient.code).status_code == 403  # the substitute's has ended


def test_without_follow_ups_it_is_the_twelve_months_in_which_the_patient_can_read(cast: Cast) -> None:
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    cast.annas.refresh_from_db()
    assert cared_for_until(cast.annas) == NOW + timedelta(days=365)
    with pytest.raises(ValueError, match="not ended"):
        cared_for_until(cast.eriks)


def test_a_care_relation_for_follow_ups_always_has_an_end(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessGrant.objects.create(
            patient=cast.annas.patient, user=cast.berit, why="follow_up", source="x", starts_at=NOW
        )


def test_an_answer_stands_in_the_list_until_it_is_marked_as_read(cast: Cast, ended: Treatment, client: Client) -> None:
    assert ended.patient.user.full_name not in page(client, cast.berit, "worklist").text
    answer(ended, FOUR_WEEKS)
    listed = page(client, cast.berit, "worklist").text
    assert "Uppföljning besvarad" in listed
    assert ended.patient.user.full_name in listed
    shown = page(client, cast.berit, "patient", ended.patient.code)
    assert reverse("patient-read", args=[ended.patient.code]) in shown.text
    with time_machine.travel(FOUR_WEEKS + DAY, tick=False):
        client.force_login(cast.berit)
        client.post(reverse("patient-read", args=[ended.patient.code]), {"seen_at": (FOUR_WEEKS + DAY).isoformat()})
    assert AuditEvent.objects.filter(what=f"treatment:{ended.code}", did="changed", at=FOUR_WEEKS + DAY).exists()
    assert "Uppföljning besvarad" not in page(client, cast.berit, "worklist", at=FOUR_WEEKS + 2 * DAY).text


def test_without_the_care_relation_nobody_would_see_the_answer(cast: Cast, ended: Treatment, client: Client) -> None:
    """Red twin."""
    AccessGrant.objects.all().delete()
    answer(ended, FOUR_WEEKS)
    assert ended.patient.user.full_name not in page(client, cast.berit, "worklist").text


def test_staff_fill_in_a_follow_up_for_a_patient_on_the_telephone(cast: Cast, ended: Treatment, client: Client) -> None:
    url = reverse("telephone", args=[ended.patient.code, "phq9"])
    assert page(client, cast.berit, "telephone", ended.patient.code, "phq9").status_code == 200
    posted = {str(item): "0" for item in range(1, 10)} | {
        "form_version": instruments()["phq9"].version, "idempotency_key": measure_key(ended, "phq9"),
    }  # fmt: skip
    with time_machine.travel(FOUR_WEEKS, tick=False):
        kept = client.post(reverse("autosave", args=[f"phone:{ended.code}:phq9"]), {"1": "2", "version": "0"})
        assert kept.status_code == 200
        done = client.post(url, posted)
    sent = Submission.objects.get(treatment=ended)
    assert (done.status_code, sent.entered_by, sent.total) == (302, cast.berit, 0)
    assert page(client, cast.tove, "telephone", ended.patient.code, "phq9").status_code == 403


def test_nothing_else_can_be_done_with_a_treatment_that_has_ended(cast: Cast, ended: Treatment, client: Client) -> None:
    with time_machine.travel(FOUR_WEEKS, tick=False):
        client.force_login(cast.berit)
        for name in ("patient-reply", "next-contact", "tool-add"):
            assert client.post(reverse(name, args=[ended.patient.code]), {"text": "Hej"}).status_code in {403, 404}


@pytest.mark.parametrize("how", ["left", "away"])
def test_the_lead_hands_a_follow_up_without_reader_to_a_colleague(
    cast: Cast, ended: Treatment, client: Client, how: str
) -> None:
    answer(ended, FOUR_WEEKS)
    assert without_reader([cast.eken], FOUR_WEEKS + DAY / 24) == []
    leave(cast) if how == "left" else be_away(cast.berit)
    found = without_reader([cast.eken], FOUR_WEEKS + DAY / 24)
    assert [(each.treatment, each.holder, each.unread) for each in found] == [(ended, cast.berit, 1)]
    listed = page(client, cast.lena, "clinic-follow-ups").text
    assert ended.patient.user.full_name in listed
    assert "PHQ" not in listed
    assert reverse("clinic-follow-ups") in page(client, cast.lena, "clinic-absence").text
    with time_machine.travel(FOUR_WEEKS + DAY / 24, tick=False):
        url = reverse("follow-up-hand-over", args=[ended.code])
        client.force_login(cast.lena)
        assert "Välj vem som följer upp." in client.post(url, {}).text
        done = client.post(url, {f"{ended.code}-to": str(cast.tove.code)})
    assert done["Location"] == reverse("clinic-follow-ups")
    later = FOUR_WEEKS + DAY / 12
    assert holder_of(ended, later) == cast.tove
    assert page(client, cast.berit, "patient", ended.patient.code, at=later).status_code == 403
    own = page(client, cast.tove, "worklist", at=later).text
    assert "Uppföljning besvarad" in own
    assert "för Berit" not in own  # her own now
    assert without_reader([cast.eken], later) == []
    assert AuditEvent.objects.filter(what=f"follow-up:{ended.code}", did="changed", actor=cast.lena.code).exists()


def test_an_absent_reader_without_answers_waiting_is_not_told(cast: Cast, ended: Treatment) -> None:
    be_away(cast.berit)
    assert without_reader([cast.eken], FOUR_WEEKS) == []


def test_only_a_present_and_competent_colleague_takes_it(cast: Cast, ended: Treatment) -> None:
    be_away(cast.cecilia)
    for wrong in (cast.david, cast.lena, cast.cecilia):
        with pytest.raises(NotTheirs), transaction.atomic():
            hand_over_follow_up(treatment=ended, to=wrong, by=cast.lena, now=FOUR_WEEKS)
    with pytest.raises(NothingToFollowUp), transaction.atomic():
        hand_over_follow_up(treatment=cast.annas, to=cast.tove, by=cast.lena, now=FOUR_WEEKS)
    assert holder_of(ended, FOUR_WEEKS) == cast.berit


def test_another_clinics_lead_finds_nothing(cast: Cast, ended: Treatment, client: Client) -> None:
    Membership.objects.create(user=cast.siv, clinic=cast.linden, role="lead", started_at=NOW)
    with time_machine.travel(FOUR_WEEKS, tick=False):
        client.force_login(cast.siv)
        assert client.post(reverse("follow-up-hand-over", args=[ended.code]), {}).status_code == 404


def test_the_list_of_follow_ups_costs_the_same_for_one_and_for_many(
    cast: Cast, ended: Treatment, client: Client
) -> None:
    leave(cast)
    queries(client, cast)  # the first visit also begins the session
    one = queries(client, cast)
    for number in range(6):
        more = make_treatment(make_user("Ek", f"Nr{number}"), cast.eken, cast.cecilia, cast.tove, ended.revision)
        end_treatment(treatment=more, by=cast.cecilia, now=NOW)
    Membership.objects.filter(user=cast.cecilia).update(ended_at=NOW)
    assert queries(client, cast, rows=7) == one


def queries(client: Client, cast: Cast, rows: int = 1) -> int:
    with time_machine.travel(FOUR_WEEKS, tick=False):
        client.force_login(cast.lena)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("clinic-follow-ups")).text.count("Lämna över uppföljningen") == rows
    return len(asked)


def test_a_new_treatment_ends_the_follow_up_of_the_old_one(cast: Cast, ended: Treatment, client: Client) -> None:
    start(cast, ended.patient, therapist=cast.tove, now=FOUR_WEEKS)
    assert holder_of(ended, FOUR_WEEKS) is None
    assert page(client, cast.berit, "patient", ended.patient.code).status_code == 403


def test_a_flag_after_the_end_goes_first_to_whoever_follows_up(cast: Cast, ended: Treatment) -> None:
    hand_over_follow_up(treatment=ended, to=cast.tove, by=cast.lena, now=NOW + DAY / 24)
    answer(ended, FOUR_WEEKS, nine=2)
    assert Flag.objects.get(patient=ended.patient).owner == cast.tove


def test_without_asking_for_the_holder_the_flag_would_go_to_who_was_relieved(
    cast: Cast, ended: Treatment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red twin."""
    monkeypatch.setattr("riskmonitor.actions.climbing.holder_of", lambda treatment, now: None)
    hand_over_follow_up(treatment=ended, to=cast.tove, by=cast.lena, now=NOW + DAY / 24)
    answer(ended, FOUR_WEEKS, nine=2)
    assert Flag.objects.get(patient=ended.patient).owner == cast.berit
