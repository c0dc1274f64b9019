"""Notices are rows, sent afterwards at least once, with nothing in them about any patient."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import DatabaseError, transaction

from messaging import notices, sweeps
from messaging.models import Attempt, Delivery, Notice, NoticeChoice
from messaging.spreading import SECOND_CHANNEL_AFTER
from messaging.sweeps import FIRST_COPY, FIRST_RETRY, LEASE, LONGEST_COPY, LONGEST_RETRY, doubled, send_one
from tests.cast import NOW, Cast


def waits(cast: Cast, key: str = "flag:1:1:1", now: datetime = NOW) -> Notice:
    notices.flag_waits(to=cast.berit, key=key, path="/worklist/", now=now)
    return Notice.objects.get(key=key)


def send_all(now: datetime) -> None:
    while send_one(now):
        pass


def results() -> list[str]:
    return list(Attempt.objects.order_by("pk").values_list("result", flat=True))


@pytest.fixture
def refusing_server(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: EmailBackend, messages: list) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)


@pytest.mark.hazard("H17b")
def test_a_notice_says_that_something_waits_and_about_nobody(cast: Cast) -> None:
    waits(cast)
    send_all(NOW)
    sent = mail.outbox[0]
    words = f"{sent.subject} {sent.body}"
    assert sent.to == [cast.berit.email]
    for secret in ("Anna", "Lind", "PHQ", "suicid", "Depression", str(cast.annas.code)):
        assert secret.lower() not in words.lower()


def test_a_newer_word_that_a_flag_waits_leaves_the_reminder_of_a_next_try_alone(cast: Cast) -> None:
    """The older word is replaced; the reminder, not sent yet, stands beside the new one."""
    waits(cast)
    notices.try_again(to=cast.berit, key="flag:1:again:202611201045", path="/worklist/", now=NOW)
    waits(cast, "flag:1:1:2")
    send_all(NOW)
    standing = Notice.objects.standing().order_by("pk")
    assert [each.key for each in standing] == ["flag:1:again:202611201045", "flag:1:1:2"]
    assert "Dags för ett nytt försök" in [each.subject for each in mail.outbox]


def test_the_same_climb_is_told_once(cast: Cast) -> None:
    waits(cast)
    waits(cast)
    send_all(NOW)
    assert len(mail.outbox) == 1


def test_a_server_that_refuses_is_tried_again_later_and_for_ever(cast: Cast, refusing_server: None) -> None:
    waits(cast)
    at, waited = NOW, []
    for _ in range(15):
        send_all(at)
        later = Delivery.objects.get().next_attempt_at
        waited.append(later - at)
        at = later
    delivery = Delivery.objects.get()
    assert (delivery.sent_at, delivery.attempts, delivery.last_error) == (None, 15, "ConnectionRefusedError")
    assert waited[0] == FIRST_RETRY
    assert waited == sorted(waited)
    assert waited[-1] == LONGEST_RETRY
    assert results() == ["failed"] * 15


@pytest.mark.hazard("H15a")
def test_it_leaves_when_the_server_is_back_with_the_same_message_id(cast: Cast, monkeypatch, settings) -> None:
    notice = waits(cast)
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", lambda self, messages: (_ for _ in ()).throw(TimeoutError()))
        send_all(NOW)
    send_all(NOW + FIRST_RETRY)
    assert [each.extra_headers["Message-ID"] for each in mail.outbox] == [
        f"<{Delivery(notice=notice).key}@ikbt.invalid>"
    ]
    assert results() == ["failed", "sent"]


def test_sent_is_not_seen_so_that_a_flags_mail_leaves_again_until_somebody_takes_it(cast: Cast) -> None:
    """A server may accept and forget. The copies are the same message, ever further apart, a day at the most."""
    waits(cast)
    at = NOW
    for _ in range(8):
        send_all(at)
        at = Delivery.objects.get().next_attempt_at
    assert len(mail.outbox) == 8
    assert len({each.extra_headers["Message-ID"] for each in mail.outbox}) == 1
    assert at - NOW > timedelta(days=2)
    assert doubled(FIRST_COPY, 50, LONGEST_COPY) == LONGEST_COPY
    notices.void(about="flag:1:", now=at)
    send_all(at + timedelta(days=30))
    assert len(mail.outbox) == 8
    assert Delivery.objects.get().next_attempt_at is None


def test_what_is_answered_before_it_leaves_never_leaves(cast: Cast, refusing_server: None) -> None:
    waits(cast)
    send_all(NOW)
    notices.void(about="flag:1:", now=NOW)
    send_all(NOW + timedelta(days=1))
    assert results() == ["failed"]
    assert not Delivery.objects.unsent().exists()


def test_dropping_one_flags_notices_leaves_those_of_the_next_number_alone(cast: Cast) -> None:
    waits(cast, "flag:1:1:1")
    other = waits(cast, "flag:12:1:1")
    notices.void(about="flag:1:", now=NOW)
    assert list(Notice.objects.standing()) == [other]


@pytest.mark.hazard("H7d")
def test_a_newer_word_about_the_same_flag_replaces_the_older(cast: Cast) -> None:
    first, other = waits(cast, "flag:1:1:7"), waits(cast, "flag:2:1:7")
    send_all(NOW)
    second = waits(cast, "flag:1:2:7", NOW + timedelta(minutes=30))
    send_all(NOW + timedelta(minutes=30))
    assert set(Notice.objects.standing()) == {other, second}
    first.refresh_from_db()
    assert first.dropped_at == NOW + timedelta(minutes=30)
    assert len(mail.outbox) == 3


def test_what_is_not_about_a_flag_leaves_once(cast: Cast) -> None:
    notices.cover_starts(to=cast.cecilia, key="cover:1:1", path="/worklist/", now=NOW)
    send_all(NOW)
    send_all(NOW + timedelta(days=9))
    assert len(mail.outbox) == 1


def test_a_process_that_dies_between_sending_and_marking_gives_one_copy_more(cast: Cast, monkeypatch) -> None:
    waits(cast)
    with monkeypatch.context() as dying:
        dying.setattr(sweeps, "_mark", lambda *_args: (_ for _ in ()).throw(KeyboardInterrupt()))
        sweeps.spread_one(NOW)
        with pytest.raises(KeyboardInterrupt):
            send_one(NOW)
    assert len(mail.outbox) == 1
    send_all(NOW + LEASE - timedelta(seconds=1))
    assert len(mail.outbox) == 1, "the lease holds"
    send_all(NOW + LEASE)
    assert len(mail.outbox) == 2
    assert len({each.extra_headers["Message-ID"] for each in mail.outbox}) == 1
    assert results() == ["unknown", "sent"]
    assert Notice.objects.count() == 1, "in the platform it is one"


def test_an_answer_that_comes_after_its_lease_changes_nothing(cast: Cast, monkeypatch) -> None:
    waits(cast)
    sweeps.spread_one(NOW)
    slow = sweeps._claim("email", NOW)
    send_all(NOW + LEASE)
    before = Delivery.objects.get()
    sweeps._mark(slow, sweeps.Outcome(Attempt.Result.FAILED, "late"), NOW + LEASE)
    after = Delivery.objects.get()
    assert (after.next_attempt_at, after.last_error) == (before.next_attempt_at, "")
    assert results() == ["unknown", "sent"]


def test_a_transport_that_breaks_stops_no_other(cast: Cast, monkeypatch) -> None:
    waits(cast, "flag:1:1:1")
    cast.cecilia.email = "not an address\nBcc: x@example.org"
    cast.cecilia.save(update_fields=["email"])
    notices.flag_waits(to=cast.cecilia, key="flag:1:1:2", path="/worklist/", now=NOW - timedelta(seconds=1))
    send_all(NOW)
    assert [each.to for each in mail.outbox] == [[cast.berit.email]]
    assert sorted(results()) == ["failed", "sent"]


def test_the_log_stays_as_it_was_written(cast: Cast) -> None:
    waits(cast)
    send_all(NOW)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Attempt.objects.update(result="failed")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Attempt.objects.all().delete()


def test_mail_about_flags_cannot_be_chosen_away_and_mail_about_cover_can(cast: Cast) -> None:
    NoticeChoice.objects.create(user=cast.berit, email_about_cover=False)
    notices.cover_starts(to=cast.berit, key="cover:1:1", path="/worklist/", now=NOW)
    send_all(NOW)
    assert mail.outbox == []
    waits(cast)
    send_all(NOW)
    assert len(mail.outbox) == 1


def test_there_are_no_quiet_hours_for_a_flag(cast: Cast, settings) -> None:
    """On Christmas night at three, e-mail leaves at once and SMS when it is due."""
    settings.SMS_URL = "http://127.0.0.1:1/"
    NoticeChoice.objects.create(user=cast.berit, sms_about_flags=True, sms_number="+46701234567")
    night = datetime(2026, 12, 25, 2, 0, tzinfo=NOW.tzinfo)
    waits(cast, now=night)
    send_all(night)
    assert len(mail.outbox) == 1
    assert Delivery.objects.get(channel="sms").due_at == night + SECOND_CHANNEL_AFTER
    send_all(night + SECOND_CHANNEL_AFTER)
    assert Delivery.objects.get(channel="sms").attempts == 1


def test_a_notice_with_the_number_of_one_that_a_restore_forgot_is_no_copy_of_it(cast: Cast) -> None:
    forgotten, new = (Notice(pk=7, created_at=at) for at in (NOW, NOW + timedelta(hours=5)))
    keys = {Delivery(notice=each).key for each in (forgotten, new)}
    assert len(keys) == 2
    assert max(map(len, keys)) <= 32
    assert len(Delivery(notice=Notice(pk=999_999_999, created_at=NOW)).key) <= 32
