"""Net 1: item rules inside the transaction that stores the answers. A fault here never loses the answers.

And the end of silence: somebody who was taken as away signs in.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import structlog
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from clinics.models import User
from messaging.models import Message
from messaging.signals import message_sent
from programs.models import Submission
from programs.signals import answers_sent
from riskmonitor.actions import note_answered, raise_flags, raise_unscreenable
from riskmonitor.activation.in_force import demand_rules, rules_stand
from riskmonitor.coming_back import welcome_back
from riskmonitor.rules import Finding, Kind, Urgency
from riskmonitor.screening import FoundIn, item_findings_of
from riskmonitor.watch import wakeup

log = structlog.get_logger(__name__)


def connect() -> None:
    """Listen to the two signals from below, and to signing in."""
    answers_sent.connect(screen_items, dispatch_uid="riskmonitor.items")
    message_sent.connect(wake_for_message, dispatch_uid="riskmonitor.message")
    user_logged_in.connect(welcome, dispatch_uid="riskmonitor.silence")


def screen_items(sender: type[Submission], submission: Submission, now: datetime, **kwargs: Any) -> None:
    """Raise the flags that the items ask for, in the answers' own transaction (invariant I2).

    The rules work in a savepoint of their own. If they fail, the answers stand, and so does an `unscreenable` flag.
    """
    patient, treatment = submission.treatment.patient, submission.treatment
    try:
        with transaction.atomic():
            demand_rules()
            raised = raise_flags(patient=patient, treatment=treatment, found=item_findings_of(submission), now=now)
            if not any(flag.kind == Kind.SUICIDE and flag.raised_at == now for flag in raised):
                note_answered(
                    submission=submission, now=now
                )  # a flag of this very moment holds no question from before
    except Exception:
        log.exception("items.not_screened", submission=submission.pk)
        place = FoundIn(Finding(Kind.UNSCREENABLE, Urgency.NOW, "items"), submission=submission)
        raise_unscreenable(patient=patient, treatment=treatment, place=place, reason="items", now=now)
    submission.items_screened_at = now
    Submission.objects.filter(pk=submission.pk).update(items_screened_at=now)
    transaction.on_commit(partial(wakeup.wake, "riskmonitor.tasks.screen_submission", submission.pk), robust=True)


def welcome(sender: type[User], request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Welcome back somebody who was taken as away and signs in."""
    welcome_back(request=request, user=user, now=timezone.now())


def wake_for_message(sender: type[Message], message: Message, now: datetime, **kwargs: Any) -> None:
    """Wake the worker for a patient's message. For speed only: a sweep finds the row in any case.

    Where the rules are not in force no sweep will: a human is told to read, in the message's own transaction. If that
    fails the message stands all the same, unscreened: the auditor counts it, and a sweep takes it when the rules stand.
    """
    if not message.from_patient:
        return
    try:
        with transaction.atomic():
            if not rules_stand():
                _have_it_read(message, now)
    except Exception:
        log.exception("message.not_flagged", message=message.pk)
    transaction.on_commit(partial(wakeup.wake, "riskmonitor.tasks.screen_message", message.pk), robust=True)


def _have_it_read(message: Message, now: datetime) -> None:
    treatment = message.treatment
    place = FoundIn(Finding(Kind.UNSCREENABLE, Urgency.NOW, "text"), message=message)
    raise_unscreenable(patient=treatment.patient, treatment=treatment, place=place, reason="rules", now=now)
