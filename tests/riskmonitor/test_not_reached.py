"""The patient was not reached: the next try has a time, its time is told once, and the flag's clock runs as before."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from clinics.cover.working_time import Hours, WorkingTime
from clinics.models import OpeningHours, User
from messaging.models import Notice
from messaging.sweeps import send_one
from riskmonitor import actions
from riskmonitor.actions import TryRefused
from riskmonitor.escalation.next_try import TryFault, fault_of_try, latest_try
from riskmonitor.models import Flag
from riskmonitor.rules import Urgency
from riskmonitor.sweeps import escalate_one, remind_due, reminding
from riskmonitor.sweeps.auditing import problems
from tests.cast import NOW, Cast
from tests.clinics.test_change import clinic
from tests.riskmonitor.test_flag_review import CONTACTED, LATER, WRITTEN, mark, page, words

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
AGAIN = NOW + 45 * MINUTE  # 10.45 at the clinic
TRIED = {"tried": "Ringde två gånger.", "try_again_at": "2026-11-20T10:45"}
CLOCK = ("clock_from", "due_at", "next_step_at", "owner_id", "acknowledged_at", "climbs", "audience")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def missed(cast: Cast, flag: Flag | None = None, now: datetime = LATER, again: datetime = AGAIN) -> Flag:
    return actions.not_reached(flag=flag or mark(cast), by=cast.berit, note="Ringt", try_again_at=again, now=now)


def clock(flag: Flag) -> list[object]:
    flag.refresh_from_db()
    return [getattr(flag, name) for name in CLOCK]


def climb(now: datetime) -> None:
    while escalate_one(now):
        pass


def reminders() -> list[tuple[str, bool]]:
    """Return to whom each reminder went, and whether it still stands."""
    found = Notice.objects.filter(kind="try_again").order_by("pk").select_related("recipient")
    return [(each.recipient.first_name, each.dropped_at is None) for each in found]


def worklist(user: User, now: datetime) -> str:
    client = Client()
    with time_machine.travel(now, tick=False):
        client.force_login(user)
        return words(client.get(reverse("worklist")))


# -- to say it -------------------------------------------------------------------------------------------------------


def test_the_next_try_stands_on_the_flag_in_its_history_and_in_the_work_list(cast: Cast) -> None:
    flag = mark(cast)
    told = page(cast.berit, "flag-not-reached", flag, TRIED)
    flag.refresh_from_db()
    event = flag.events.get(kind="not_reached")
    assert (told.status_code, flag.try_again_at, flag.reminded_at) == (302, AGAIN, None)
    assert (event.note, event.try_again_at, event.by) == ("Ringde två gånger.", AGAIN, cast.berit)
    shown = words(page(cast.berit, "flag", flag))
    assert "<dt>Nytt försök</dt> <dd><strong>i dag 10.45</strong>" in shown
    assert "Nytt försök: i dag 10.45" in shown
    assert "Nytt försök i dag 10.45" in worklist(cast.berit, LATER)
    assert "2026-11-20 10.45" in words(page(cast.berit, "flag-notes", flag))


def test_without_a_time_it_is_not_noted_and_nothing_typed_is_lost(cast: Cast) -> None:
    flag = mark(cast)
    shown = words(page(cast.berit, "flag-not-reached", flag, WRITTEN | {"tried": "Ringde två gånger."}))
    assert "Skriv när du försöker nå patienten igen." in shown
    assert "Ringde två gånger." in shown
    assert WRITTEN["assessment"] in shown
    assert not flag.events.filter(kind="not_reached").exists()


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("2026-11-20T10:10", "Den tiden har gått. Välj när du försöker igen, senast kl. 11.10."),
        ("2026-11-20T11:11", "Så länge får en sådan flagga inte vänta. Välj en tid senast kl. 11.10."),
        ("2026-10-25T02:30", "Klockan ställs om den natten"),
        ("2027-03-28T02:30", "Klockan ställs om den natten"),
    ],
)
def test_a_time_that_cannot_be_is_refused_in_a_kind_sentence(cast: Cast, value: str, sentence: str) -> None:
    flag = mark(cast)
    assert sentence in words(page(cast.berit, "flag-not-reached", flag, TRIED | {"try_again_at": value}))
    flag.refresh_from_db()
    assert flag.try_again_at is None


def test_over_a_closed_clinic_the_latest_is_the_same_wait_after_it_opens(cast: Cast) -> None:
    """On Friday at 16.30 a flag for now may be tried again until half an hour into Monday; not in the evening."""
    friday, flag = at("2026-11-20T16:30"), mark(cast)
    for again, because in (("2026-11-20T18:00", TryFault.CLOSED), ("2026-11-23T08:31", TryFault.LATE)):
        with pytest.raises(TryRefused) as refused:
            missed(cast, flag, friday, at(again))
        assert (refused.value.because, refused.value.latest) == (because, at("2026-11-23T08:30"))
    assert missed(cast, flag, friday, at("2026-11-23T08:30")).try_again_at == at("2026-11-23T08:30")


@pytest.mark.hazard("H18e")
@pytest.mark.parametrize(
    ("now", "urgency", "latest"),
    [
        ("2026-03-27T16:30", Urgency.NOW, "2026-03-30T08:30"),  # the clocks go forward on Sunday
        ("2026-10-23T16:30", Urgency.TODAY, "2026-10-26T16:30"),  # and back
        ("2026-12-23T16:30", Urgency.WEEK, "2026-12-30T16:30"),
    ],
)
def test_the_wait_is_working_time_over_the_nights_the_clocks_change(now: str, urgency: Urgency, latest: str) -> None:
    assert latest_try(urgency, at(now), clinic) == at(latest)
    assert fault_of_try(at(latest), urgency, at(now), clinic) is None
    assert fault_of_try(at(latest) + MINUTE, urgency, at(now), clinic) is TryFault.LATE


def test_a_clinic_whose_hours_are_broken_can_still_say_when() -> None:
    never = WorkingTime(Hours({}))
    assert fault_of_try(NOW + 5 * HOUR, Urgency.NOW, NOW, never) is None
    assert fault_of_try(NOW + 25 * HOUR, Urgency.NOW, NOW, never) is TryFault.LATE


def test_what_is_typed_for_a_next_try_stays_when_the_assessment_is_saved(cast: Cast) -> None:
    flag = mark(cast)
    page(cast.berit, "flag-document", flag, WRITTEN | TRIED)
    shown = words(page(cast.berit, "flag", flag))
    assert 'value="2026-11-20T10:45"' in shown
    assert "Ringde två gånger." in shown


@pytest.mark.parametrize("half", ["2026-10-25T02:30", "2026-11-", "i morgon"])
def test_a_next_try_that_cannot_be_read_blocks_neither_saving_nor_closing(cast: Cast, half: str) -> None:
    flag = mark(cast)
    typed = WRITTEN | CONTACTED | {"try_again_at": half, "tried": "Ringde. " * 100}
    assert page(cast.berit, "flag-document", flag, typed).status_code == 302
    assert typed["tried"].strip() in words(page(cast.berit, "flag", flag)), "and nothing typed is lost"
    sure = {"sure": "1", "checked": "1"}
    assert page(cast.berit, "flag-close", flag, typed | sure, at=LATER + MINUTE).status_code == 302
    flag.refresh_from_db()
    assert flag.outcome == "contacted"


@pytest.mark.parametrize("half", [{"contact_at": "2026-11-"}, {"next_contact_on": "i morgon"}, {"contact_at": "nu"}])
def test_what_closing_asks_for_blocks_no_next_try_either(cast: Cast, half: dict[str, str]) -> None:
    flag = mark(cast)
    assert page(cast.berit, "flag-not-reached", flag, WRITTEN | TRIED | half).status_code == 302
    flag.refresh_from_db()
    assert flag.try_again_at == AGAIN


# -- the clock runs ----------------------------------------------------------------------------------------------------


@pytest.mark.hazard("H2h")
def test_the_clock_runs_as_if_nobody_had_tried(cast: Cast) -> None:
    flag = mark(cast)
    before = clock(flag)
    missed(cast, flag)
    assert clock(flag) == before
    climb(NOW + 31 * MINUTE)
    assert clock(flag)[3] == cast.cecilia.pk


def test_a_reminder_moves_nothing_also_of_what_somebody_has_taken_on(cast: Cast) -> None:
    flag = actions.acknowledge(flag=mark(cast), by=cast.berit, now=NOW + 5 * MINUTE)
    missed(cast, flag)
    before = clock(flag)
    remind_due(AGAIN)
    assert clock(flag) == before
    climb(NOW + 66 * MINUTE)
    flag.refresh_from_db()
    assert flag.acknowledged_at is None, "the promise lapses all the same"


@pytest.mark.parametrize("again", ["2026-11-20T10:30", "2026-11-23T09:00"])
def test_a_flag_that_becomes_more_urgent_is_tried_again_before_its_new_clock_is_out(cast: Cast, again: str) -> None:
    """Marked as for today and planned for later; at 10.10 something for now comes: within an hour, and never later."""
    flag = missed(cast, mark(cast, 1), NOW + MINUTE, at(again))
    assert flag.urgency == "today"
    mark(cast, 3, now=LATER)
    flag.refresh_from_db()
    assert (flag.urgency, flag.due_at) == ("now", LATER + HOUR)
    assert flag.try_again_at == min(at(again), flag.due_at)
    assert remind_due(LATER + HOUR) == 1


# -- the reminder ------------------------------------------------------------------------------------------------------


@pytest.mark.hazard("H2i")
def test_whoever_answers_for_the_flag_is_reminded_once_when_the_time_has_come(cast: Cast) -> None:
    flag = missed(cast)
    assert remind_due(AGAIN - MINUTE) == 0
    climb(NOW + 31 * MINUTE)  # Cecilia answers for it now
    assert [remind_due(AGAIN + second) for second in (timedelta(0), MINUTE, HOUR)] == [1, 0, 0]
    assert reminders() == [("Cecilia", True)]
    assert flag.events.get(kind="reminded").to == cast.cecilia
    assert "påmind i dag 10.45" in words(page(cast.berit, "flag", flag, at=AGAIN + MINUTE))


def test_a_reminder_that_is_not_marked_as_done_would_come_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    missed(cast)
    kept = reminding.remind

    def forgetful(*, flag: Flag, now: datetime) -> None:
        kept(flag=flag, now=now)
        Flag.objects.filter(pk=flag.pk).update(reminded_at=None)

    monkeypatch.setattr(reminding, "remind", forgetful)
    assert [remind_due(AGAIN), remind_due(AGAIN + MINUTE)] == [1, 1]
    assert len(reminders()) == 1, "the notice's key is the second net"


def test_without_the_sweep_nobody_is_reminded_and_the_auditor_says_so(cast: Cast) -> None:
    """The red twin."""
    missed(cast)
    climb(AGAIN + HOUR)
    assert reminders() == []
    assert problems(AGAIN)["not_reminded"] == 0
    assert problems(AGAIN + MINUTE)["not_reminded"] == 1
    remind_due(AGAIN + MINUTE)
    assert problems(AGAIN + MINUTE)["not_reminded"] == 0


def test_each_try_has_its_own_reminder_and_a_new_one_drops_the_old(cast: Cast) -> None:
    flag = missed(cast)
    remind_due(AGAIN)
    missed(cast, flag, AGAIN + MINUTE, AGAIN + 30 * MINUTE)
    assert reminders() == [("Berit", False)]
    remind_due(AGAIN + 30 * MINUTE)
    assert [stands for _name, stands in reminders()] == [False, True]


def test_the_reminder_is_about_nobody_and_leaves_once(cast: Cast) -> None:
    flag = missed(cast)
    remind_due(AGAIN)
    for later in (timedelta(0), HOUR, 5 * HOUR):
        while send_one(AGAIN + later):
            pass
    sent = [each for each in mail.outbox if "Dags för ett nytt försök" in each.subject]
    assert [each.to for each in sent] == [[cast.berit.email]]
    told = f"{sent[0].subject} {sent[0].body}".lower()
    assert not [word for word in ("anna", "lind", "phq", "suicid", "ringt", str(flag.code)) if word in told]


def test_one_that_breaks_does_not_stop_the_others(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    flag, kept = missed(cast), reminding.remind
    other = Flag.objects.get(pk=flag.pk)
    other.pk, other.code, other.kind = None, cast.erik.code, "help_asked"
    other.save(force_insert=True)

    def breaks(*, flag: Flag, now: datetime) -> None:
        if flag.kind == "suicide":
            raise ZeroDivisionError
        kept(flag=flag, now=now)

    monkeypatch.setattr(reminding, "_resting", {})
    monkeypatch.setattr(reminding, "remind", breaks)
    assert remind_due(AGAIN) == 1
    monkeypatch.undo()
    assert remind_due(AGAIN + reminding.RETRY_AFTER) == 1, "and it is tried again"


def test_one_that_breaks_rests_and_the_auditor_sees_it_all_the_same(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would break every few seconds, in each process that sweeps."""
    flag, tried = missed(cast), []

    def breaks(*, flag: Flag, now: datetime) -> None:
        tried.append(now)
        raise ZeroDivisionError

    monkeypatch.setattr(reminding, "_resting", {})
    monkeypatch.setattr(reminding, "remind", breaks)
    for seconds in range(0, 61, 3):
        assert remind_due(AGAIN + timedelta(seconds=seconds)) == 0
    assert tried == [AGAIN, AGAIN + 30 * SECOND, AGAIN + 60 * SECOND]
    assert problems(AGAIN + MINUTE)["not_reminded"] == 1
    flag.refresh_from_db()
    assert flag.try_again_at == AGAIN, "what the clinician chose stands"


def test_a_round_has_an_end_and_the_next_goes_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    flag = missed(cast)
    other = Flag.objects.get(pk=flag.pk)
    other.pk, other.code, other.kind = None, cast.erik.code, "help_asked"
    other.save(force_insert=True)
    monkeypatch.setattr(reminding, "AT_ONCE", 1)
    assert [remind_due(AGAIN), remind_due(AGAIN), remind_due(AGAIN)] == [1, 1, 0]


# -- the end of it -----------------------------------------------------------------------------------------------------


def test_contact_ends_the_waiting_for_a_next_try(cast: Cast) -> None:
    flag = missed(cast)
    page(cast.berit, "flag-document", flag, WRITTEN, at=LATER + MINUTE)
    flag.refresh_from_db()
    assert flag.try_again_at == AGAIN, "an assessment alone is no contact"
    spoke = CONTACTED | {"contact_at": "2026-11-20T10:11"}
    page(cast.berit, "flag-document", flag, WRITTEN | spoke, at=LATER + 2 * MINUTE)
    flag.refresh_from_db()
    assert flag.try_again_at is None
    assert remind_due(AGAIN) == 0


def test_a_contact_of_before_the_try_does_not_end_the_waiting(cast: Cast) -> None:
    """Spoken with at 10.05 and kept open, not reached at 10.30, and then something is written and saved."""
    flag = mark(cast)
    page(cast.berit, "flag-document", flag, WRITTEN | CONTACTED)
    page(cast.berit, "flag-not-reached", flag, WRITTEN | CONTACTED | TRIED, at=NOW + 30 * MINUTE)
    shown = page(cast.berit, "flag", flag, at=NOW + 32 * MINUTE).context["form"].initial
    assert [shown[name] for name in ("outcome", "contact_at", "contact_with")] == ["", "", ""]
    page(cast.berit, "flag-document", flag, WRITTEN | CONTACTED, at=NOW + 35 * MINUTE)  # from a tab of before
    assert remind_due(AGAIN) == 1


@pytest.mark.parametrize(("contact", "waits"), [("10:04", True), ("10:09", True), ("10:10", False), ("10:13", True)])
def test_only_a_contact_between_the_try_and_now_ends_the_waiting(cast: Cast, contact: str, waits: bool) -> None:
    flag = missed(cast, now=LATER + timedelta(seconds=40))
    spoke = CONTACTED | {"contact_at": f"2026-11-20T{contact}"}
    page(cast.berit, "flag-document", flag, WRITTEN | spoke, at=LATER + 2 * MINUTE)
    flag.refresh_from_db()
    assert (flag.try_again_at is not None) is waits


def test_a_closed_flag_waits_for_no_try_also_when_it_is_opened_again(cast: Cast) -> None:
    flag = missed(cast)
    actions.close_flag(
        flag=flag, by=cast.berit, outcome="contacted", contact_at=LATER, contact_with="Anna", now=LATER + MINUTE,
        **WRITTEN,
    )  # fmt: skip
    actions.reopen(flag=flag, by=cast.berit, reason="För tidigt.", now=LATER + 2 * MINUTE)
    flag.refresh_from_db()
    assert (flag.try_again_at, remind_due(AGAIN)) == (None, 0)


def test_the_database_refuses_a_reminder_of_no_try(cast: Cast) -> None:
    flag = mark(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Flag.objects.filter(pk=flag.pk).update(reminded_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        flag.events.create(kind="documented", at=NOW, try_again_at=AGAIN)


def test_an_evening_clinic_may_try_in_the_evening(cast: Cast) -> None:
    OpeningHours.objects.filter(clinic=cast.eken).update(closes=time(20))
    assert missed(cast, None, at("2026-11-20T18:00"), at("2026-11-20T18:45")).try_again_at
