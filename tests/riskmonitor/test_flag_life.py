"""A flag goes on: what is done about it, to a colleague who confirms, opened again, and into the record system."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from clinics.actions import ill_today
from clinics.cover import coverage
from clinics.models import AccessGrant, AuditEvent, User
from messaging.models import Notice
from riskmonitor import actions
from riskmonitor.flags.flag_history import handed_on
from riskmonitor.models import Flag, FlagEvent
from riskmonitor.rules import Finding, Kind, Urgency
from riskmonitor.screening import FoundIn
from riskmonitor.sweeps import escalate_one
from tests.cast import NOW, Cast, make_cast
from tests.riskmonitor.test_flag_review import CONTACTED, LATER, WRITTEN, mark, page, words

TICKED = {"done_crisis_plan": "on", "done_physician": "on"}
MINUTE = timedelta(minutes=1)


def closed(cast: Cast) -> Flag:
    return actions.close_flag(
        flag=mark(cast), by=cast.berit, outcome="contacted", contact_at=NOW, contact_with="Anna", now=NOW + MINUTE,
        done=["physician"], **WRITTEN,
    )  # fmt: skip


def mark_again(cast: Cast) -> Flag:
    found = [FoundIn(Finding(Kind.SUICIDE, Urgency.NOW, "phq9.item9", item="9", value=3))]
    flag = actions.raise_flag(patient=cast.annas.patient, treatment=cast.annas, found=found, now=NOW + 2 * MINUTE)
    assert flag
    return flag


def to(user: User, note: str = "Hon ville bli ringd efter tre.") -> dict[str, Any]:
    return {"to": str(user.code), "note": note}


def confirmation(flag: Flag):
    return handed_on(list(flag.events.select_related("by", "to")))


# -- what is done ------------------------------------------------------------------------------------------------------


def test_what_is_ticked_stands_on_the_flag_in_its_history_and_on_the_page(cast: Cast) -> None:
    flag = mark(cast)
    page(cast.berit, "flag-document", flag, WRITTEN | TICKED | {"next_contact_on": "2026-11-23"})
    flag.refresh_from_db()
    event = flag.events.get(kind="documented")
    assert (flag.done, str(flag.next_contact_on)) == (["crisis_plan", "physician"], "2026-11-23")
    assert (event.done, event.next_contact_on) == (flag.done, flag.next_contact_on)
    shown = words(page(cast.berit, "flag", flag))
    assert "Krisplanen uppdaterad, Medicinsk bedömning begärd" in shown
    assert shown.count(" checked") == 2


def test_a_tick_that_is_taken_away_stays_away_in_the_draft(cast: Cast) -> None:
    flag = mark(cast)
    page(cast.berit, "flag-document", flag, WRITTEN | TICKED)
    tried = {"tried": "Ringde.", "try_again_at": "2026-11-20T10:45"}
    page(cast.berit, "flag-not-reached", flag, WRITTEN | tried | {"done_physician": "on"})
    shown = words(page(cast.berit, "flag", flag))
    assert shown.count(" checked") == 1


def test_the_ticks_go_through_the_page_to_check_and_are_closed_with(cast: Cast) -> None:
    flag = mark(cast)
    check = words(page(cast.berit, "flag-close", flag, CONTACTED | WRITTEN | TICKED))
    assert 'name="done_crisis_plan" value="True"' in check
    assert 'name="done_paused" value="False"' in check
    hidden = {"done_crisis_plan": "True", "done_physician": "False", "done_closer": "False", "done_paused": "False"}
    page(cast.berit, "flag-close", flag, CONTACTED | WRITTEN | hidden | {"checked": "1"})
    flag.refresh_from_db()
    assert (flag.outcome, flag.done) == ("contacted", ["crisis_plan"])


def test_the_database_refuses_a_fact_that_nobody_knows(cast: Cast) -> None:
    with pytest.raises(DatabaseError, match="flag_done_is_known"), transaction.atomic():
        Flag.objects.filter(pk=mark(cast).pk).update(done=["prayed"])


# -- to a colleague ----------------------------------------------------------------------------------------------------


@pytest.mark.hazard("H13d")
def test_the_flag_stays_open_and_its_clock_runs_until_the_colleague_confirms(cast: Cast) -> None:
    flag = mark(cast)
    page(cast.berit, "flag-acknowledge", flag, {})
    assert page(cast.berit, "flag-pass-on", flag, to(cast.tove)).status_code == 302
    flag.refresh_from_db()
    assert (flag.owner, flag.acknowledged_at, flag.closed_at) == (cast.tove, None, None)
    assert flag.next_step_at == NOW + timedelta(minutes=30)  # the substitute, counted from when it was raised
    assert Notice.objects.filter(recipient=cast.tove, kind="flag_waits").count() == 1
    shown = words(page(cast.berit, "flag", flag))
    assert "Inte bekräftat än: klockan går." in shown
    assert "Hon ville bli ringd efter tre." in shown


def test_the_receipt_is_the_colleagues_own_act(cast: Cast) -> None:
    flag = mark(cast)
    page(cast.berit, "flag-pass-on", flag, to(cast.tove))
    assert confirmation(flag).confirmed_at is None
    assert "Jag bekräftar att jag tar över flaggan" in words(page(cast.tove, "flag", flag))
    page(cast.tove, "flag-acknowledge", flag, {}, LATER + MINUTE)
    assert (confirmation(flag).to, confirmation(flag).confirmed_at) == (cast.tove, LATER + MINUTE)
    shown = words(page(cast.berit, "flag", flag, at=LATER + 2 * MINUTE))
    assert f"{cast.tove.full_name} bekräftade" in shown


def test_somebody_elses_taking_it_is_no_receipt(cast: Cast) -> None:
    flag = mark(cast)
    page(cast.berit, "flag-pass-on", flag, to(cast.tove))
    page(cast.berit, "flag-acknowledge", flag, {}, LATER + MINUTE)
    assert confirmation(flag).confirmed_at is None


def test_a_handing_over_that_nobody_confirms_goes_on_to_the_next(cast: Cast) -> None:
    flag = mark(cast)
    page(cast.berit, "flag-pass-on", flag, to(cast.tove))
    while escalate_one(NOW + 31 * MINUTE):
        pass
    flag.refresh_from_db()
    assert flag.owner == cast.cecilia
    assert AccessGrant.objects.open_at(NOW + 31 * MINUTE).filter(user=cast.tove).exists()


@pytest.mark.hazard("H3a")
def test_a_flag_is_never_handed_to_who_is_away(cast: Cast) -> None:
    flag = mark(cast)
    ill_today(user=cast.tove, by=cast.tove, now=NOW)
    with pytest.raises(actions.NotThere):
        actions.assign(flag=flag, to=cast.tove, by=cast.lena, now=LATER)
    answer = words(page(cast.berit, "flag-pass-on", flag, to(cast.tove)))
    assert "Den personen är inte på plats nu. Välj någon annan." in answer
    assert "Hon ville bli ringd efter tre." in answer
    flag.refresh_from_db()
    assert flag.owner == cast.berit


def test_without_asking_who_is_there_the_flag_would_lie_with_somebody_ill(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin of the test above."""
    flag = mark(cast)
    ill_today(user=cast.tove, by=cast.tove, now=NOW)
    monkeypatch.setattr(coverage, "present", lambda *_: True)
    assert actions.assign(flag=flag, to=cast.tove, by=cast.lena, now=LATER).owner == cast.tove


def falls_ill_meanwhile(cast: Cast, verb: Callable[[], object]) -> list[str]:
    """Run the verb while Tove's absence is being saved elsewhere; return in which order the two ended."""
    begun, ended, errors = threading.Event(), [], []

    def hand() -> None:
        begun.wait()
        try:
            verb()
        except actions.NotThere:
            errors.append("not there")
        finally:
            ended.append("handed")
            connection.close()

    other = threading.Thread(target=hand)
    other.start()
    with transaction.atomic():
        actions.hand_over(absence=ill_today(user=cast.tove, by=cast.tove, now=NOW), now=NOW)
        begun.set()
        other.join(timeout=2)  # who does not wait is done by then
        ended.append("ill")
    other.join()
    return [*ended, *errors]


@pytest.mark.django_db(transaction=True)
def test_whoever_falls_ill_in_that_very_moment_is_not_handed_the_flag() -> None:
    cast = make_cast()
    flag = mark(cast)
    story = falls_ill_meanwhile(cast, lambda: actions.assign(flag=flag, to=cast.tove, by=cast.lena, now=NOW))
    assert story == ["ill", "handed", "not there"]
    assert Flag.objects.get().owner == cast.berit


@pytest.mark.django_db(transaction=True)
def test_without_waiting_the_flag_would_lie_with_somebody_ill(monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin of the test above."""
    monkeypatch.setattr("riskmonitor.actions.handing.wait_for_absence", lambda _user: None)
    cast = make_cast()
    flag = mark(cast)
    falls_ill_meanwhile(cast, lambda: actions.assign(flag=flag, to=cast.tove, by=cast.lena, now=NOW))
    assert Flag.objects.get().owner == cast.tove


def test_nobody_hands_on_what_a_colleague_has_taken_and_the_words_stay(cast: Cast) -> None:
    flag = mark(cast)
    actions.assign(flag=flag, to=cast.cecilia, by=cast.lena, now=NOW)
    actions.acknowledge(flag=flag, by=cast.cecilia, now=NOW + MINUTE)
    answer = words(page(cast.berit, "flag-pass-on", flag, to(cast.tove)))
    assert "Cecilia tog flaggan" in answer
    assert "Hon ville bli ringd efter tre." in answer
    flag.refresh_from_db()
    assert flag.owner == cast.cecilia


def test_nobody_hands_the_flag_to_oneself(cast: Cast) -> None:
    flag = mark(cast)
    assert "Berit Almgren</option>" not in words(page(cast.berit, "flag-pass-on", flag))
    with pytest.raises(actions.NotYours):
        actions.pass_on(flag=flag, to=cast.berit, by=cast.berit, note="", now=LATER)


# -- open again --------------------------------------------------------------------------------------------------------


def test_a_closed_flag_is_opened_again_with_a_new_clock_and_its_history(cast: Cast) -> None:
    flag = closed(cast)
    assert page(cast.berit, "flag-reopen", flag, {"reason": "Hon ringde tillbaka och är rädd."}).status_code == 302
    flag.refresh_from_db()
    assert (flag.closed_at, flag.outcome, flag.assessment, flag.done) == (None, "", "", [])
    assert (flag.clock_from, flag.due_at, flag.owner) == (LATER, LATER + timedelta(minutes=60), cast.berit)
    assert flag.acknowledged_at is None
    assert flag.steps.exclude(taken_at=None).get().wait_minutes == 0  # the therapist is told, and nobody else yet
    event = flag.events.get(kind="reopened")
    assert (event.note, event.outcome, event.contact_with) == ("Hon ringde tillbaka och är rädd.", "contacted", "Anna")
    assert flag.events.get(kind="closed").done == ["physician"]
    assert AuditEvent.objects.filter(did="opened", what=f"flag:{flag.code}", actor=cast.berit.code).count() == 1
    shown = words(page(cast.berit, "flag", flag))
    assert "Var stängd som: Talat med patienten." in shown
    assert WRITTEN["assessment"] in shown
    assert shown.count(WRITTEN["assessment"]) == 1  # in the history, and not in the new form


@pytest.mark.hazard("H13f")
def test_an_opened_flag_is_told_again_and_climbs_as_a_new_one(cast: Cast) -> None:
    flag = closed(cast)
    actions.reopen(flag=flag, by=cast.cecilia, reason="Ny oro.", now=LATER)
    assert flag.events.filter(kind="notified", to=cast.berit, at=LATER).exists()
    while escalate_one(LATER + 31 * MINUTE):
        pass
    flag.refresh_from_db()
    assert flag.owner == cast.cecilia


def test_without_a_new_clock_nobody_would_be_called(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin of the test above."""
    monkeypatch.setattr("riskmonitor.actions.reopening.climb_or_stay_due", lambda *_: None)
    flag = closed(cast)
    actions.reopen(flag=flag, by=cast.cecilia, reason="Ny oro.", now=LATER)
    assert not flag.events.filter(kind="notified", at=LATER).exists()


def opened_again(cast: Cast) -> Flag:
    """The patient was not reached after all: the flag is open again at 10.10, after a contact at 10.00."""
    return actions.reopen(flag=closed(cast), by=cast.berit, reason="Nådde inte Anna.", now=LATER)


def close_with(flag: Flag, contact: str, at: datetime) -> HttpResponse:
    data = CONTACTED | WRITTEN | {"contact_at": f"2026-11-20T{contact}", "checked": "1", "sure": "1"}
    return page(flag.owner, "flag-close", flag, data, at=at)


@pytest.mark.parametrize("contact", ["10:00", "10:05", "10:09"])
def test_the_contact_of_before_does_not_close_what_was_opened_again(cast: Cast, contact: str) -> None:
    flag = opened_again(cast)
    assert "skapades, eller öppnades igen" in words(close_with(flag, contact, LATER + 5 * MINUTE))
    with pytest.raises(actions.OutcomeRefused) as refused:
        actions.close_flag(
            flag=flag, by=cast.berit, outcome="contacted", contact_at=LATER - MINUTE, contact_with="Anna",
            now=LATER + 5 * MINUTE, **WRITTEN,
        )  # fmt: skip
    assert refused.value.faults == [("contact_at", "between")]
    assert Flag.objects.get().closed_at is None


@pytest.mark.parametrize("contact", ["10:10", "10:14"])
def test_a_new_contact_closes_it_also_one_in_the_very_minute(cast: Cast, contact: str) -> None:
    flag = actions.reopen(flag=closed(cast), by=cast.berit, reason="Ny oro.", now=LATER + timedelta(seconds=20))
    assert close_with(flag, contact, LATER + 5 * MINUTE).status_code == 302
    assert Flag.objects.get().closed_at


def test_without_the_bound_the_old_contact_would_close_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    for place in ("actions.closing", "flags.flag_forms"):
        monkeypatch.setattr(f"riskmonitor.{place}.contact_counts_from", lambda flag: flag.raised_at)
    assert close_with(opened_again(cast), "10:05", LATER + 5 * MINUTE).status_code == 302
    assert Flag.objects.get().closed_at


@pytest.mark.parametrize("reason", ["", "  ", "\x00"])
def test_no_flag_is_opened_again_without_a_reason(cast: Cast, reason: str) -> None:
    flag = closed(cast)
    assert page(cast.berit, "flag-reopen", flag, {"reason": reason}).status_code == 200
    with pytest.raises(actions.ReopenRefused):
        actions.reopen(flag=flag, by=cast.berit, reason=reason, now=LATER)
    assert Flag.objects.get().closed_at


def test_a_newer_open_flag_of_the_kind_is_where_to_write(cast: Cast) -> None:
    flag = closed(cast)
    newer = mark_again(cast)
    answer = words(page(cast.berit, "flag-reopen", flag, {"reason": "Ny oro."}))
    assert "En nyare flagga av samma slag är öppen" in answer
    assert "Ny oro." in answer
    assert list(Flag.objects.open()) == [newer]


def test_an_open_flag_and_one_of_the_system_are_not_opened(cast: Cast) -> None:
    with pytest.raises(actions.ReopenRefused, match="open"):
        actions.reopen(flag=mark(cast), by=cast.berit, reason="Oro.", now=LATER)
    uncovered = actions.raise_uncovered(patient=cast.eriks.patient, treatment=cast.eriks, urgency=Urgency.NOW, now=NOW)
    actions.check_clinic(cast.eken, LATER)
    with pytest.raises(actions.ReopenRefused, match="system"):
        actions.reopen(flag=uncovered, by=cast.berit, reason="Oro.", now=LATER)


def test_the_history_says_why_or_the_database_refuses(cast: Cast) -> None:
    with pytest.raises(DatabaseError, match="flag_event_reopened_with_reason"), transaction.atomic():
        FlagEvent.objects.create(flag=mark(cast), kind="reopened", at=NOW, by=cast.berit, note="", outcome="contacted")


# -- for the record ----------------------------------------------------------------------------------------------------


def test_the_notes_hold_facts_and_the_clinicians_words_and_nobodys_name(cast: Cast) -> None:
    flag = mark(cast)
    again = NOW + 40 * MINUTE
    actions.not_reached(flag=flag, by=cast.berit, note="Ringde två gånger.", try_again_at=again, now=NOW + MINUTE)
    page(
        cast.berit, "flag-close", flag, CONTACTED | WRITTEN | TICKED | {"checked": "1", "next_contact_on": "2026-11-23"}
    )
    shown = words(page(cast.berit, "flag-notes", flag))
    block = shown.partition('<div class="card written"')[2].partition("</div>")[0]
    for text in (
        "Suicidtankar", "PHQ-9, fråga 9, 2026-11-20 10.00", "Ringde två gånger.", WRITTEN["assessment"],
        WRITTEN["action"], "Krisplanen uppdaterad", "2026-11-23", "Talat med patienten", "Berit Almgren",
    ):  # fmt: skip
        assert text in block
    assert "Lind" not in block
    assert "Anna Lind" in shown


@pytest.mark.parametrize("name", ["flag-pass-on", "flag-reopen", "flag-notes"])
@pytest.mark.parametrize(("who", "status"), [("david", 404), ("tove", 403), ("lena", 403), ("anna", 403)])
def test_who_may_not_read_the_patient_gets_none_of_the_pages(cast: Cast, name: str, who: str, status: int) -> None:
    assert page(getattr(cast, who), name, closed(cast)).status_code == status


def test_each_page_leaves_one_row_that_the_patient_was_read(cast: Cast) -> None:
    flag = mark(cast)
    for name in ("flag-pass-on", "flag-notes"):
        before = AuditEvent.objects.filter(did="read").count()
        page(cast.berit, name, flag)
        assert AuditEvent.objects.filter(did="read").count() == before + 1
    client = Client()
    with time_machine.travel(LATER, tick=False):
        client.force_login(cast.berit)
        assert client.post(reverse("flag-notes", args=[flag.code])).status_code == 405
