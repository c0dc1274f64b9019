"""Notices are rows, sent afterwards at least once, with nothing in them about any patient."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from messaging import notices
from messaging.models import Notice
from messaging.sweeps import FIRST_RETRY, send_one
from tests.cast import NOW, Cast


def waits(cast: Cast, key: str = "flag:1:1:1") -> None:
    notices.flag_waits(to=cast.berit, key=key, path="/worklist/", now=NOW)


@pytest.fixture
def refusing_server(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: EmailBackend, messages: list) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)


@pytest.mark.hazard("H17")
def test_a_notice_says_that_something_waits_and_about_nobody(cast: Cast) -> None:
    waits(cast)
    assert send_one(NOW)
    sent = mail.outbox[0]
    words = f"{sent.subject} {sent.body}"
    assert sent.to == [cast.berit.email]
    for secret in ("Anna", "Lind", "PHQ", "suicid", "Depression", str(cast.annas.code)):
        assert secret.lower() not in words.lower()


def test_the_same_climb_is_told_once(cast: Cast) -> None:
    waits(cast)
    waits(cast)
    while send_one(NOW):
        pass
    assert len(mail.outbox) == 1


def test_a_server_that_refuses_is_tried_again_later_and_for_ever(cast: Cast, refusing_server: None) -> None:
    waits(cast)
    at = NOW
    for _ in range(15):
        assert send_one(at)
        assert not send_one(at)
        at = Notice.objects.get().next_attempt_at
    notice = Notice.objects.get()
    assert (notice.sent_at, notice.attempts, notice.last_error) == (None, 15, "ConnectionRefusedError")


@pytest.mark.hazard("H15")
def test_it_leaves_when_the_server_is_back_with_the_same_message_id(cast: Cast, monkeypatch, settings) -> None:
    waits(cast)
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", lambda self, messages: (_ for _ in ()).throw(TimeoutError()))
        send_one(NOW)
    assert send_one(NOW + FIRST_RETRY)
    assert mail.outbox[0].extra_headers["Message-ID"] == f"<notice-{Notice.objects.get().pk}@ikbt.invalid>"
    assert not send_one(NOW + timedelta(days=1))
