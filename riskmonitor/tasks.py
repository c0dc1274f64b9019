"""What beat and wake-ups call. Each task may run twice at once, and may be missed: the rows wait for a sweep."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from messaging.models import Message
from programs.models import Submission
from riskmonitor import sweeps
from riskmonitor.actions import note_worker
from riskmonitor.watch.chain import beat

TRY_FOR = timedelta(seconds=3)  # of the five until beat calls again: a report gets its turn between


@shared_task(ignore_result=True)
def screen_submission(pk: int) -> None:
    """Screen one submission, right after it was sent."""
    sweeps.screen_row(Submission, pk, timezone.now())


@shared_task(ignore_result=True)
def screen_message(pk: int) -> None:
    """Screen one message, right after it was sent."""
    sweeps.screen_row(Message, pk, timezone.now())


@shared_task(ignore_result=True)
def answer_canary(pk: int) -> None:
    """Say that the worker reads its queue. Run twice it changes nothing, missed it is what the canary looks for."""
    note_worker(run=pk, now=timezone.now())


@shared_task(ignore_result=True)
def screen_due() -> None:
    """Screen everything that waits. That beat, broker and worker got here is the worker's sign of life."""
    beat("worker")
    while sweeps.screen_one(timezone.now()):
        pass


@shared_task(ignore_result=True)
def escalate_due() -> None:
    """Climb every flag that is due."""
    while sweeps.escalate_one(timezone.now()):
        pass


@shared_task(ignore_result=True)
def remind_due() -> None:
    """Remind of every next try that has come. Twice it is one notice, missed it is found later."""
    sweeps.remind_due(timezone.now())


@shared_task(ignore_result=True)
def miss_flags() -> None:
    """Tell of some open flags whose rows are gone; beat calls again. Two at once take turns at the counterfoils."""
    sweeps.miss_flags(timezone.now())


@shared_task(ignore_result=True)
def flag_marked_drafts() -> None:
    """Look at measures that lie marked and unsent."""
    while sweeps.flag_marked_draft(timezone.now()):
        pass


@shared_task(ignore_result=True)
def end_memberships() -> None:
    """End the memberships whose planned end has come, loans among them."""
    while sweeps.end_due_membership(timezone.now()):
        pass


@shared_task(ignore_result=True)
def end_left_access() -> None:
    """Close what flags have opened to people who have left. Run twice it closes once, missed it is counted."""
    sweeps.end_left_access(timezone.now())


@shared_task(ignore_result=True)
def notice_silence() -> None:
    """Take those as away who are not seen while something waits. Twice it is one absence, missed it is found later."""
    sweeps.notice_silence(timezone.now())


@shared_task(ignore_result=True)
def check_cover() -> None:
    """Look 14 days ahead for patients without cover."""
    sweeps.check_cover(timezone.now())


@shared_task(ignore_result=True)
def try_rules() -> None:
    """Go on with a dry run for some seconds, in the queue of reports. Two at once take turns at the batches."""
    began = timezone.now()
    while timezone.now() - began < TRY_FOR and sweeps.try_some(timezone.now()):
        pass


@shared_task(ignore_result=True)
def check_break_off() -> None:
    """Look for patients who may be breaking off."""
    sweeps.check_break_off(timezone.now())
