"""What comes while a flag is being answered is never buried, and what was written about it is never lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from clinics.models import Absence, AccessGrant, AuditEvent, Membership, User
from messaging.actions import send_message
from programs.actions import save_draft, send_asked_again, send_measure
from programs.models import Draft
from programs.shipped import instruments
from riskmonitor import actions
from riskmonitor.actions import climb
from riskmonitor.flags.seen import Seen, newest
from riskmonitor.models import Flag
from riskmonitor.sweeps import escalate_one, screen_one
from riskmonitor.views import flags
from tests.cast import NOW, Cast

MINUTE = timedelta(minutes=1)
WRITTEN = {"assessment": "Tankar utan plan.", "action": "Krisplan."}
CONTACTED = {"outcome": "contacted", "contact_at": "2026-11-20T10:04", "contact_with": "Anna"}
CLOSED = WRITTEN | {"outcome": "contacted", "contact_at": NOW, "contact_with": "Anna"}
CLOSING = CONTACTED | WRITTEN | {"checked": "1"}


def mark(cast: Cast, value: int | None = 2, now: datetime = NOW) -> Flag:
    phq9 = instruments()["phq9"]
    answers = {str(item): 0 for item in range(1, 9)} | ({} if value is None else {"9": value})
    send_measure(
        treatment=cast.annas, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(), by=cast.anna, now=now
    )
    return Flag.objects.open().get(patient=cast.annas.patient)


def write(cast: Cast, text: str, now: datetime = NOW) -> Flag:
    send_message(treatment=cast.annas, text=text, key=uuid4(), by=cast.anna, now=now)
    while screen_one(now):
        pass
    return Flag.objects.open().get(patient=cast.annas.patient)


def ask(user: User, name: str, flag: Flag, data: dict[str, str] | None, at: datetime, follow: bool = False):
    client, url = Client(), reverse(name, args=[flag.code])
    with time_machine.travel(at, tick=False):
        client.force_login(user)
        return client.get(url) if data is None else client.post(url, data, follow=follow)


def words(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(("name", "data"), [("flag-document", WRITTEN), ("flag-close", CLOSING)])
def test_what_came_after_the_page_was_drawn_is_shown_before_anything_is_saved(
    cast: Cast, name: str, data: dict[str, str]
) -> None:
    flag = write(cast, "Jag vill inte leva.")
    seen = str(newest(flag))
    assert f'name="seen" value="{seen}"' in words(ask(cast.berit, "flag", flag, None, NOW + 5 * MINUTE))
    mark(cast, 3, NOW + 6 * MINUTE)
    shown = words(ask(cast.berit, name, flag, data | {"seen": seen}, NOW + 7 * MINUTE, follow=True))
    for text in ("Något nytt har kommit", "3: Nästan varje dag", WRITTEN["assessment"]):
        assert text in shown
    flag.refresh_from_db()
    assert (flag.closed_at, flag.acknowledged_at, flag.assessment) == (None, None, "")
    again = ask(cast.berit, name, flag, data | {"seen": str(newest(flag))}, NOW + 8 * MINUTE)
    assert again.status_code == 302
    flag.refresh_from_db()
    assert flag.assessment == WRITTEN["assessment"]


def test_an_answer_to_the_follow_up_questions_is_something_new(cast: Cast) -> None:
    flag = mark(cast)
    seen = newest(flag)
    actions.answer_follow_up(flag=flag, plan=False, today=False, safe=True, by=cast.anna, now=NOW + MINUTE)
    with pytest.raises(actions.SomethingNew):
        actions.close_flag(flag=flag, by=cast.berit, now=NOW + MINUTE, seen=seen, **CLOSED)
    actions.close_flag(flag=flag, by=cast.berit, now=NOW + MINUTE, seen=newest(flag), **CLOSED)


def test_the_page_to_check_carries_what_had_been_seen(cast: Cast) -> None:
    flag = mark(cast)
    data = CONTACTED | WRITTEN | {"seen": str(newest(flag))}
    shown = words(ask(cast.berit, "flag-close", flag, data, NOW + 5 * MINUTE))
    assert f'<input type="hidden" name="seen" value="{newest(flag)}">' in shown


@pytest.mark.parametrize("text", ["", "1", "1.2.3", "a.1", "-1.2", "1.²", "9" * 30 + ".1"])
def test_what_cannot_be_read_has_seen_nothing(text: str) -> None:
    assert Seen.parse(text) == Seen(0, 0)
    assert str(Seen.parse("12.34")) == "12.34"


@pytest.mark.parametrize("answer", [{"plan": True}, {"today": True}, {"safe": False}])
def test_a_dangerous_answer_asks_for_contact(cast: Cast, answer: dict[str, bool]) -> None:
    given = {"plan": None, "today": None, "safe": None} | answer
    flag = write(cast, "Jag vill inte leva.")
    assert "not_about_suicide" in actions.outcomes_for(flag)
    actions.answer_follow_up(flag=flag, **given, by=cast.anna, now=NOW + MINUTE)
    flag.refresh_from_db()
    assert actions.outcomes_for(flag) == ("contacted", "handed_over", "emergency")


def test_a_question_left_out_and_a_plan_cannot_be_closed_as_asked_again(cast: Cast) -> None:
    flag = mark(cast, None)
    assert "asked_again" not in actions.outcomes_for(flag)  # nobody has answered yet
    phq9 = instruments()["phq9"]
    send_asked_again(
        treatment=cast.annas, instrument=phq9, answers={"9": 0}, key=uuid4(), by=cast.anna, now=NOW + MINUTE
    )
    assert "asked_again" in actions.outcomes_for(Flag.objects.get())
    actions.answer_follow_up(flag=flag, plan=True, today=None, safe=None, by=cast.anna, now=NOW + MINUTE)
    assert "asked_again" not in actions.outcomes_for(Flag.objects.get())


def test_a_flag_that_the_follow_up_page_raised_asks_for_contact(cast: Cast) -> None:
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.force_login(cast.anna)
        client.post(reverse("follow-up"), {"plan": "yes", "idempotency_key": str(uuid4())})
    Flag.objects.update(asked_plan=None)  # the finding alone is enough
    assert actions.outcomes_for(Flag.objects.get()) == ("contacted", "handed_over", "emergency")


def test_an_alarming_answer_stays_when_a_later_one_is_milder_or_left_out(cast: Cast) -> None:
    flag = mark(cast)
    actions.answer_follow_up(flag=flag, plan=True, today=None, safe=False, by=cast.anna, now=NOW + MINUTE)
    actions.answer_follow_up(flag=flag, plan=None, today=False, safe=True, by=cast.anna, now=NOW + 2 * MINUTE)
    flag.refresh_from_db()
    assert (flag.asked_plan, flag.asked_today, flag.asked_safe) == (True, False, False)


def test_an_alarming_answer_to_a_flag_closed_meanwhile_raises_anew(cast: Cast) -> None:
    stale = mark(cast)
    actions.close_flag(flag=stale, by=cast.berit, now=NOW, **CLOSED)
    actions.answer_follow_up(flag=stale, plan=True, today=True, safe=False, by=cast.anna, now=NOW + MINUTE)
    flag = Flag.objects.open().get()
    assert (flag.urgency, flag.asked_plan, flag.asked_today, flag.asked_safe) == ("now", True, True, False)
    assert flag.pk != stale.pk


def test_answers_are_kept_and_the_flag_is_due_when_alerting_breaks(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise ZeroDivisionError

    flag = actions.acknowledge(flag=mark(cast, 1), by=cast.berit, now=NOW)
    monkeypatch.setattr("riskmonitor.actions.answering.realert", broken)
    at = NOW + MINUTE
    actions.answer_follow_up(flag=flag, plan=True, today=None, safe=None, by=cast.anna, now=at)
    flag.refresh_from_db()
    assert (flag.asked_plan, flag.urgency, flag.next_step_at, flag.acknowledged_by) == (True, "now", at, None)


def test_who_takes_documents_or_is_handed_the_flag_makes_it_reachable_again(cast: Cast) -> None:
    flag = mark(cast)
    for answered in (
        lambda: actions.acknowledge(flag=flag, by=cast.berit, now=NOW + MINUTE),
        lambda: actions.document(flag=flag, by=cast.berit, now=NOW + MINUTE, **WRITTEN),
        lambda: actions.assign(flag=flag, to=cast.tove, by=cast.lena, now=NOW + MINUTE),
    ):
        Flag.objects.update(unreachable_since=NOW)
        answered()
        assert Flag.objects.get().unreachable_since is None


def test_handing_it_over_lets_the_steps_go_on_from_where_they_were(cast: Cast) -> None:
    flag = actions.acknowledge(flag=mark(cast), by=cast.berit, now=NOW + 25 * MINUTE)
    assert (
        actions.assign(flag=flag, to=cast.tove, by=cast.lena, now=NOW + 26 * MINUTE).next_step_at == NOW + 30 * MINUTE
    )
    late = NOW + 45 * MINUTE
    assert actions.assign(flag=flag, to=cast.tove, by=cast.lena, now=late).next_step_at == late


def test_handing_it_over_after_the_last_step_asks_again_within_an_hour(cast: Cast) -> None:
    flag, late = mark(cast), NOW + timedelta(hours=2)
    while escalate_one(late):
        pass
    flag = actions.acknowledge(flag=flag, by=cast.berit, now=late)
    flag = actions.assign(flag=flag, to=cast.tove, by=cast.lena, now=late + MINUTE)
    assert late + MINUTE < flag.next_step_at <= late + timedelta(minutes=61)


def test_a_promise_that_has_lapsed_holds_nobody_back_although_no_sweep_has_run(cast: Cast) -> None:
    flag = actions.acknowledge(flag=mark(cast), by=cast.berit, now=NOW)
    AccessGrant.objects.create(
        patient=flag.patient, user=cast.cecilia, why="flag", source=f"flag:{flag.code}", starts_at=NOW
    )
    with pytest.raises(actions.AlreadyTaken):
        actions.acknowledge(flag=flag, by=cast.cecilia, now=NOW + 59 * MINUTE)
    assert "Berit tog flaggan" in words(ask(cast.cecilia, "flag", flag, None, NOW + 59 * MINUTE))
    assert "Berit tog flaggan" not in words(ask(cast.cecilia, "flag", flag, None, NOW + 60 * MINUTE))
    taken = actions.acknowledge(flag=flag, by=cast.cecilia, now=NOW + 60 * MINUTE)
    assert taken.owner == cast.cecilia
    assert flag.events.filter(kind="lapsed").count() == 1


def test_access_given_after_the_closing_had_asked_the_time_ends_with_the_flag(cast: Cast) -> None:
    flag, asked = mark(cast), NOW + 30 * MINUTE
    climb(flag, asked + timedelta(seconds=1))
    assert AccessGrant.objects.filter(user=cast.cecilia, ends_at=None).exists()
    actions.close_flag(flag=flag, by=cast.berit, now=asked, **CLOSED)
    assert not AccessGrant.objects.filter(ends_at=None).exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("flag-document", {"action": "Ringer."}),
        ("flag-close", {"action": "Ringer."}),
        ("flag-close", CONTACTED | WRITTEN),
        ("flag-close", WRITTEN | {"outcome": "not_about_suicide"}),
    ],
)
def test_a_page_that_answers_a_post_leaves_the_row_of_reading(cast: Cast, name: str, data: dict[str, str]) -> None:
    flag = write(cast, "Jag vill inte leva.")
    answer = ask(cast.berit, name, flag, data | {"seen": str(newest(flag))}, NOW + 5 * MINUTE)
    assert answer.status_code == 200
    read = AuditEvent.objects.filter(did="read", actor=cast.berit.code, patient=cast.annas.patient.code)
    assert read.count() == 1


@pytest.mark.parametrize("name", ["flag-document", "flag-not-reached", "flag-close"])
def test_what_was_sent_to_a_flag_closed_meanwhile_stands_on_its_page(cast: Cast, name: str) -> None:
    flag = mark(cast)
    actions.close_flag(flag=flag, by=cast.cecilia, now=NOW, **CLOSED)
    data = {"assessment": "Min text utan skript.", "tried": "Ringde två gånger."}
    shown = words(ask(cast.berit, name, flag, data, NOW + MINUTE, follow=True))
    for text in ("Redan hanterad av Cecilia", "Det du skrev finns kvar här:", *data.values()):
        assert text in shown


def test_what_was_sent_when_the_access_had_ended_stays_in_the_draft(cast: Cast) -> None:
    end = NOW + 10 * MINUTE
    Absence.objects.create(user=cast.berit, starts_at=NOW, ends_at=end, created_at=NOW, created_by=cast.berit)
    flag = mark(cast)
    AccessGrant.objects.all().delete()
    assert ask(cast.cecilia, "flag-document", flag, {"assessment": "Text av Cecilia."}, end).status_code == 403
    assert Draft.objects.get(owner=cast.cecilia).data["assessment"] == "Text av Cecilia."
    assert Flag.objects.get().assessment == ""


def test_nothing_is_kept_for_a_flag_of_another_clinic(cast: Cast) -> None:
    flag = mark(cast)
    Membership.objects.filter(user=cast.cecilia).update(clinic=cast.linden)
    assert ask(cast.cecilia, "flag-document", flag, WRITTEN, NOW).status_code == 404
    assert not Draft.objects.exists()


def test_two_tabs_that_save_at_once_lose_neither_text(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    flag, calls = mark(cast), []

    def racing(**given: object) -> object:
        if not calls:  # the other tab's draft commits between our reading of the version and our lock
            calls.append(given)
            save_draft(**(given | {"data": {"assessment": "Den andra fliken.", "action": "Ring"}}))
        return save_draft(**given)

    key = f"flag:{flag.code}"
    Draft.objects.create(owner=cast.berit, form_key=key, data={"assessment": "Ha"}, version=1, updated_at=NOW)
    monkeypatch.setattr(flags, "save_draft", racing)
    data = {"assessment": "Hela texten.", "action": "Ring i dag", "seen": str(newest(flag))}
    shown = words(ask(cast.berit, "flag-document", flag, data, NOW + MINUTE, follow=True))
    assert "sparade det här i samma ögonblick: Den andra fliken.<" in shown
    assert Flag.objects.get().assessment == "Hela texten."
