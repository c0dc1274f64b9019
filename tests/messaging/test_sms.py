"""SMS goes through one HTTP gateway from the settings, as the second channel. No provider was ever tried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import parse_qs

import pytest
from django.core.mail.backends.locmem import EmailBackend

from messaging import notices, outbound, sweeps
from messaging.models import Attempt, Delivery, NoticeChoice
from messaging.spreading import SECOND_CHANNEL_AFTER
from messaging.sweeps import FIRST_RETRY, send_one
from tests.cast import NOW, Cast
from tests.messaging.sinks import LATE, HttpSink, http_sink

NUMBER = "+46701234567"
DUE = NOW + SECOND_CHANNEL_AFTER


@pytest.fixture
def gateway(cast: Cast, settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpSink]:
    monkeypatch.setattr(outbound, "CONNECT_SECONDS", LATE / 2)
    NoticeChoice.objects.create(user=cast.berit, sms_about_flags=True, sms_number=NUMBER)
    with http_sink() as sink:
        settings.SMS_URL, settings.SMS_HEADER = f"{sink.origin}/send", "Authorization: Bearer a:b"
        yield sink


def waits(cast: Cast) -> None:
    notices.flag_waits(to=cast.berit, key="flag:1:1:1", path="/worklist/", now=NOW)
    send_all(NOW)


def send_all(now: datetime) -> None:
    while send_one(now):
        pass


def test_a_flag_that_nobody_takes_for_ten_minutes_is_told_by_sms(cast: Cast, gateway: HttpSink) -> None:
    waits(cast)
    send_all(DUE - timedelta(seconds=1))
    assert gateway.kept == []
    send_all(DUE)
    (request,) = gateway.kept
    sent = json.loads(request.body)
    assert (request.method, request.path, request.headers["authorization"]) == ("POST", "/send", "Bearer a:b")
    assert (sent["to"], sent["reference"]) == (NUMBER, request.headers["idempotency-key"])
    assert len(sent["text"]) <= 160
    for secret in ("Anna", "Lind", "PHQ", "suicid", "Depression", "http"):
        assert secret.lower() not in sent["text"].lower()
    send_all(DUE + timedelta(days=3))
    assert len(gateway.kept) == 1, "it rings once"


def test_a_flag_that_somebody_takes_in_time_sends_none(cast: Cast, gateway: HttpSink) -> None:
    waits(cast)
    notices.void(about="flag:1:", now=NOW + timedelta(minutes=5))
    send_all(DUE + timedelta(days=1))
    assert gateway.asked == 0


def refused_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: EmailBackend, messages: list) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)


def test_when_mail_fails_the_second_channel_does_not_wait(cast: Cast, gateway: HttpSink, monkeypatch) -> None:
    refused_mail(monkeypatch)
    waits(cast)
    assert len(gateway.kept) == 1


def test_without_that_rule_it_would_wait(cast: Cast, gateway: HttpSink, monkeypatch) -> None:
    """Red twin."""
    refused_mail(monkeypatch)
    monkeypatch.setattr(sweeps, "_second_channel_now", lambda *_args: None)
    waits(cast)
    assert gateway.kept == []


@pytest.mark.parametrize("mode", ["refuse", "delay", "drop"])
def test_a_gateway_that_fails_is_tried_again_with_the_same_key(cast: Cast, gateway: HttpSink, mode: str) -> None:
    waits(cast)
    gateway.mode = mode
    send_all(DUE)
    assert Attempt.objects.get(channel="sms").result == "failed"
    gateway.mode = "accept"
    gateway.kept.clear()
    send_all(DUE + FIRST_RETRY)
    assert Delivery.objects.get(channel="sms").sent_at == DUE + FIRST_RETRY
    assert {each.headers["idempotency-key"] for each in gateway.kept} == {Delivery.objects.get(channel="sms").key}


def test_a_gateway_that_wants_a_form_or_an_address_gets_it_quoted(cast: Cast, gateway: HttpSink, settings) -> None:
    settings.SMS_URL += "?to=$number&ref=$key"
    settings.SMS_METHOD, settings.SMS_CONTENT_TYPE = "PUT", "application/x-www-form-urlencoded"
    settings.SMS_BODY = "message=$text"
    waits(cast)
    send_all(DUE)
    (request,) = gateway.kept
    assert request.method == "PUT"
    assert parse_qs(request.path.partition("?")[2])["to"] == [NUMBER]
    assert "." in parse_qs(request.body.decode())["message"][0]


def test_switched_off_meanwhile_it_is_not_sent(cast: Cast, gateway: HttpSink) -> None:
    waits(cast)
    NoticeChoice.objects.update(sms_about_flags=False)
    send_all(DUE)
    assert gateway.asked == 0
    assert Delivery.objects.get(channel="sms").next_attempt_at is None


def test_without_a_gateway_nobody_is_promised_one(cast: Cast, gateway: HttpSink, settings) -> None:
    settings.SMS_URL = ""
    waits(cast)
    assert not Delivery.objects.filter(channel="sms").exists()


def test_cover_is_not_told_by_sms(cast: Cast, gateway: HttpSink) -> None:
    notices.cover_starts(to=cast.berit, key="cover:1:1", path="/worklist/", now=NOW)
    send_all(NOW + timedelta(days=1))
    assert gateway.asked == 0


def test_a_trial_that_fails_is_not_tried_again(cast: Cast, gateway: HttpSink) -> None:
    """Else a mistyped number would count as unsent for ever; the person sees that nothing came, and presses again."""
    gateway.mode = "refuse"
    notices.trial(to=cast.berit, path="/account/notices/", now=NOW)
    send_all(NOW)
    send_all(NOW + timedelta(days=1))
    assert gateway.asked == 1
    assert not Delivery.objects.unsent().exists()
