"""Send what is due. At least once: a crash between sending and marking gives a second copy with the same key.

A notice is spread into deliveries, one for each place; each delivery is tried until its notice is void. What a server
accepted is not what a person has seen: a flag's e-mail leaves again, hours apart, until somebody takes the flag.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from messaging.models import Attempt, Channel, Delivery, Notice, PushSubscription
from messaging.spreading import deliveries_of, in_reserve
from messaging.transports import TRANSPORTS, SendError

log = structlog.get_logger(__name__)
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=10), timedelta(minutes=10)
FIRST_COPY, LONGEST_COPY = timedelta(hours=1), timedelta(days=1)
#: A delivery whose process died in the middle is due again after this; longer than any transport may take.
LEASE = timedelta(minutes=3)
Result = Attempt.Result


@dataclass(frozen=True)
class Outcome:
    """How one attempt ended."""

    result: Result
    reason: str = ""


def send_one(now: datetime, channel: Channel | None = None) -> bool:
    """Spread or send what has been due the longest, on one channel or on any. Return False when nothing is due.

    1. A notice without deliveries gets them.
    2. Claim the oldest due delivery in a transaction of its own, so that a kill leaves a trace and a slow server holds
       no lock.
    3. Send it outside any transaction, then mark it and log the attempt.
    """
    if spread_one(now):
        return True
    return any(_send_by(each, now) for each in ([channel] if channel else Channel))


def send_email(now: datetime) -> bool:
    return send_one(now, Channel.EMAIL)


def send_push(now: datetime) -> bool:
    return send_one(now, Channel.PUSH)


def send_sms(now: datetime) -> bool:
    return send_one(now, Channel.SMS)


@transaction.atomic
def spread_one(now: datetime) -> bool:
    """Give the oldest new notice its deliveries. A newer word that a flag waits replaces the older to the same person.

    It leaves alone what reminds of a next try: that stands beside it (ADR 26).
    """
    locked = Notice.objects.unspread().select_for_update(skip_locked=True, of=("self",)).select_related("recipient")
    notice = locked.first()
    if notice is None:
        return False
    Delivery.objects.bulk_create(deliveries_of(notice, now))
    notice.spread_at = now
    notice.save(update_fields=["spread_at"])
    if notice.is_about_a_flag:
        same = Notice.objects.standing().filter(key__startswith=notice.about, kind=notice.kind)
        same.filter(recipient=notice.recipient_id, pk__lt=notice.pk).update(dropped_at=now)
    return True


def _send_by(channel: Channel, now: datetime) -> bool:
    delivery = _claim(channel, now)
    if delivery is None:
        return False
    if delivery.next_attempt_at is not None:  # else its notice was void, and is now done with
        _mark(delivery, _tried(delivery), now)
    return True


@transaction.atomic
def _claim(channel: Channel, now: datetime) -> Delivery | None:
    """Take the oldest due delivery for the length of a lease; one whose notice is void is ended instead."""
    due = Delivery.objects.filter(channel=channel).due(now).select_for_update(skip_locked=True, of=("self",))
    delivery = due.select_related("notice__recipient").first()
    if delivery is None:
        return None
    if delivery.leased_at:  # whoever tried it died, or is still trying: one copy more at the most
        _log(delivery, Outcome(Result.UNKNOWN), delivery.leased_at)
    if delivery.notice.dropped_at:
        delivery.next_attempt_at = delivery.leased_at = None
    else:
        delivery.attempts += 1
        delivery.leased_at, delivery.next_attempt_at = now, now + LEASE
    delivery.save(update_fields=["attempts", "leased_at", "next_attempt_at"])
    return delivery


def _tried(delivery: Delivery) -> Outcome:
    """Send, and return how it ended. Whatever a transport throws, the next delivery is sent all the same."""
    try:
        TRANSPORTS[Channel(delivery.channel)](delivery)
    except SendError as error:
        log.warning("notice.not_sent", delivery=delivery.pk, error=str(error), permanent=error.permanent)
        result = Result.GONE if error.gone else Result.REFUSED if error.permanent else Result.FAILED
        return Outcome(result, str(error)[:200])
    except Exception as error:
        log.exception("notice.transport_broke", delivery=delivery.pk)
        return Outcome(Result.FAILED, type(error).__name__)
    return Outcome(Result.SENT)


@transaction.atomic
def _mark(tried: Delivery, outcome: Outcome, now: datetime) -> None:
    """Log the attempt and say when the next one comes, if any."""
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("notice").get(pk=tried.pk)
    if (delivery.attempts, delivery.leased_at) != (tried.attempts, tried.leased_at):
        return  # the lease ran out and another has tried since: that attempt tells the story
    _log(delivery, outcome, now)
    delivery.leased_at, delivery.last_error = None, outcome.reason
    if outcome.result == Result.SENT:
        _accepted(delivery, now)
    elif outcome.result == Result.GONE:
        delivery.next_attempt_at = None
        if delivery.browser:
            PushSubscription.objects.filter(code=delivery.browser).delete()
    else:
        delivery.failures += 1
        again = now + doubled(FIRST_RETRY, delivery.failures, LONGEST_RETRY)
        is_trial = delivery.notice.kind == Notice.Kind.TRIAL  # the person sees that nothing came, and presses again
        delivery.next_attempt_at = None if is_trial else again
    if outcome.result != Result.SENT:
        _second_channel_now(delivery, now)
    delivery.save(update_fields=["leased_at", "last_error", "next_attempt_at", "failures", "copies", "sent_at"])


def _accepted(delivery: Delivery, now: datetime) -> None:
    """A server may accept and forget, so that a flag's e-mail leaves again; what rings and buzzes does so once."""
    delivery.failures, delivery.copies = 0, delivery.copies + 1
    delivery.sent_at = delivery.sent_at or now
    leaves_again = delivery.channel == Channel.EMAIL and delivery.notice.is_about_a_flag
    delivery.next_attempt_at = now + doubled(FIRST_COPY, delivery.copies, LONGEST_COPY) if leaves_again else None


def _second_channel_now(delivery: Delivery, now: datetime) -> None:
    """A way has failed: those that were left out are taken, and the SMS that was kept for later waits no longer."""
    if delivery.notice.is_about_a_flag:
        Delivery.objects.bulk_create(in_reserve(delivery.notice, now), ignore_conflicts=True)
    later = Delivery.objects.filter(notice=delivery.notice_id, channel=Channel.SMS, attempts=0)
    later.filter(next_attempt_at__gt=now).update(next_attempt_at=now, due_at=now)


def _log(delivery: Delivery, outcome: Outcome, at: datetime) -> None:
    Attempt.objects.create(
        delivery=delivery, channel=delivery.channel, at=at, number=delivery.attempts, result=outcome.result,
        reason=outcome.reason,
    )  # fmt: skip


def doubled(first: timedelta, time: int, longest: timedelta) -> timedelta:
    """Return the wait after the first, second, third … time: twice the one before, and never above the longest."""
    return min(first * (1 << min(time - 1, 20)), longest)
