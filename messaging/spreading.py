"""Which ways a notice takes, and when. Decided when it is sent and not when it is written, so that no submit waits."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from messaging.models import Channel, Delivery, Notice, NoticeChoice, PushSubscription

#: How long the first ways have alone, before a flag that nobody has taken is told by SMS too.
SECOND_CHANNEL_AFTER = timedelta(minutes=10)


def deliveries_of(notice: Notice, now: datetime) -> list[Delivery]:
    """Return the unsaved deliveries of a notice, by its kind and ways and the person's choice. Three queries at most.

    E-mail and every browser at once; SMS is the second channel, for flags alone (and for a trial, at once). A way that
    the clinic's plan leaves out is kept for when another fails; if nothing else reaches the person, none is left out.
    There are no quiet hours: a flag waits for nobody's night, and nothing else is sent by SMS.
    """
    found = _possible(notice, now)
    first = [each for each in found if each.channel in notice.ways] or found
    if notice.is_about_a_flag and all(each.channel == Channel.SMS for each in first):
        return [_way(notice, Channel.SMS, now) for _each in first]  # with nothing before it, it is the first
    return first


def in_reserve(notice: Notice, now: datetime) -> list[Delivery]:
    """Return the unsaved deliveries on the ways that were left out, to leave at once: a chosen one has failed."""
    left_out = [each for each in _possible(notice, now) if each.channel not in notice.ways]
    for each in left_out:
        each.due_at = each.next_attempt_at = now
    return left_out


def _possible(notice: Notice, now: datetime) -> list[Delivery]:
    """Return every way that the person has. A canary's therapist is nobody, and is told in the list alone."""
    if notice.is_about_a_flag and notice.recipient.memberships.filter(clinic__is_canary=True).exists():
        return []
    choice = NoticeChoice.objects.filter(user=notice.recipient_id).first() or NoticeChoice()
    ways = [_way(notice, Channel.EMAIL, now)] if notice.is_about_a_flag or _wants_email(notice, choice) else []
    browsers = PushSubscription.objects.filter(user=notice.recipient_id) if settings.VAPID_PRIVATE_KEY else []
    for browser in browsers:
        way = _way(notice, Channel.PUSH, now)
        way.browser = browser.code
        ways.append(way)
    if choice.sms_about_flags and settings.SMS_URL and notice.kind in (Notice.Kind.FLAG_WAITS, Notice.Kind.TRIAL):
        ways.append(_way(notice, Channel.SMS, now + SECOND_CHANNEL_AFTER if notice.is_about_a_flag else now))
    return ways


def _wants_email(notice: Notice, choice: NoticeChoice) -> bool:
    return choice.email_about_cover or notice.kind != Notice.Kind.COVER_STARTS


def _way(notice: Notice, channel: Channel, due_at: datetime) -> Delivery:
    return Delivery(notice=notice, channel=channel, due_at=due_at, next_attempt_at=due_at)
