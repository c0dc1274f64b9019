"""Web push reaches a server of ours, which opens what came with the browser's keys and checks who signed it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.exceptions import InvalidSignature

from messaging import notices, outbound, vapid
from messaging.models import Attempt, Delivery, PushSubscription
from messaging.sweeps import FIRST_RETRY, send_one
from tests.cast import NOW, Cast
from tests.messaging.browsers import Browser, signed_claims, to_text
from tests.messaging.sinks import LATE, HttpSink, http_sink


@pytest.fixture
def service(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpSink]:
    """A push service inside the house, allowed by name, and less patience than it can wait."""
    monkeypatch.setattr(outbound, "CONNECT_SECONDS", LATE / 2)
    with http_sink() as sink:
        settings.PUSH_ALLOWED = [sink.origin]
        yield sink


def tell_berit(cast: Cast, browser: Browser, endpoint: str) -> Delivery:
    browser.subscribed(cast.berit, endpoint)
    notices.flag_waits(to=cast.berit, key="flag:1:1:1", path="/worklist/", now=NOW)
    send_all()
    return Delivery.objects.get(channel="push")


def send_all(now=NOW) -> None:
    while send_one(now):
        pass


def test_the_browser_reads_that_something_waits_and_about_nobody(cast: Cast, service: HttpSink) -> None:
    browser = Browser()
    sent = tell_berit(cast, browser, f"{service.origin}/push/abc")
    (request,) = service.kept
    shown = browser.opened(request)
    assert (request.method, request.path) == ("POST", "/push/abc")
    assert shown.keys() == {"title", "body", "path", "tag"}
    assert (shown["path"], shown["tag"]) == ("/worklist/", sent.key)
    told = " ".join(shown.values()).lower()
    for secret in ("anna", "lind", "phq", "suicid", "depression", str(cast.annas.code)):
        assert secret not in told
    assert sent.sent_at == NOW


def test_nobody_else_can_read_it(cast: Cast, service: HttpSink) -> None:
    browser, other = Browser(), Browser()
    tell_berit(cast, browser, f"{service.origin}/push/abc")
    with pytest.raises(Exception, match=r"Decryption error|InvalidTag"):
        other.opened(service.kept[0])
    assert b"worklist" not in service.kept[0].body


def test_it_is_signed_for_that_service_with_the_key_that_the_page_shows(
    cast: Cast, service: HttpSink, settings
) -> None:
    tell_berit(cast, Browser(), f"{service.origin}/push/abc")
    request = service.kept[0]
    claims = signed_claims(request, settings.VAPID_PUBLIC_KEY)
    assert claims["aud"] == service.origin
    assert claims["sub"].startswith("mailto:")
    assert (request.headers["urgency"], request.headers["ttl"]) == ("high", "86400")
    assert len(request.headers["topic"]) <= 32


def test_a_signature_with_another_key_is_seen(cast: Cast, service: HttpSink, settings) -> None:
    """The check itself can fail: the words are right, the key behind them is not."""
    shown, settings.VAPID_PRIVATE_KEY = settings.VAPID_PUBLIC_KEY, vapid.new_private_key()
    tell_berit(cast, Browser(), f"{service.origin}/push/abc")
    request = service.kept[0]
    forged = request.headers["authorization"].rpartition("k=")[0] + f"k={shown}"
    request.headers["authorization"] = forged
    with pytest.raises(InvalidSignature):
        signed_claims(request, shown)


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_removed(cast: Cast, service: HttpSink, status: int) -> None:
    service.mode, service.status = "refuse", status
    delivery = tell_berit(cast, Browser(), f"{service.origin}/push/abc")
    assert not PushSubscription.objects.exists()
    assert delivery.next_attempt_at is None
    assert Attempt.objects.get(channel="push").result == "gone"
    assert Delivery.objects.get(channel="email").sent_at, "the other ways are as they were"


@pytest.mark.parametrize(("status", "result"), [(500, "failed"), (429, "failed"), (403, "refused"), (302, "refused")])
def test_another_refusal_is_tried_again_and_the_browser_stays(
    cast: Cast, service: HttpSink, status: int, result: str
) -> None:
    service.mode, service.status = "refuse", status
    delivery = tell_berit(cast, Browser(), f"{service.origin}/push/abc")
    assert Attempt.objects.get(channel="push").result == result
    assert delivery.next_attempt_at == NOW + FIRST_RETRY
    assert PushSubscription.objects.exists()
    service.mode = "accept"
    send_all(NOW + FIRST_RETRY)
    assert len(service.kept) == 1


def test_a_redirect_is_not_followed(cast: Cast, service: HttpSink) -> None:
    with http_sink() as inner:
        service.mode, service.status, service.headers = "refuse", 307, {"Location": f"{inner.origin}/secrets"}
        tell_berit(cast, Browser(), f"{service.origin}/push/abc")
        assert (service.asked, inner.asked) == (1, 0)


@pytest.mark.parametrize("mode", ["delay", "drop"])
def test_a_service_that_hangs_or_hangs_up_is_tried_again(cast: Cast, service: HttpSink, mode: str) -> None:
    service.mode = mode
    delivery = tell_berit(cast, Browser(), f"{service.origin}/push/abc")
    assert (delivery.sent_at, delivery.failures) == (None, 1)
    assert Attempt.objects.get(channel="push").result == "failed"


def test_each_browser_is_told_and_one_that_fails_gives_the_other_no_second_copy(
    cast: Cast, service: HttpSink, settings
) -> None:
    with http_sink("refuse") as broken:
        settings.PUSH_ALLOWED = [service.origin, broken.origin]
        Browser().subscribed(cast.berit, f"{broken.origin}/b")
        Browser().subscribed(cast.berit, f"{service.origin}/a")
        notices.flag_waits(to=cast.berit, key="flag:1:1:1", path="/worklist/", now=NOW)
        send_all()
        broken.mode = "accept"
        send_all(NOW + FIRST_RETRY)
        assert (len(service.kept), len(broken.kept)) == (1, 1)


def test_without_a_key_no_browser_is_told_and_mail_is(cast: Cast, service: HttpSink, settings) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    Browser().subscribed(cast.berit, f"{service.origin}/a")
    notices.flag_waits(to=cast.berit, key="flag:1:1:1", path="/worklist/", now=NOW)
    send_all()
    assert [each.channel for each in Delivery.objects.all()] == ["email"]


@pytest.mark.parametrize("key", ["", "abc", "not base64 at all!", to_text(b"\0" * 32), to_text(b"\xff" * 32)])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(vapid.BadKey):
        vapid.public_key(key)


def test_a_new_key_is_another_and_has_its_public_half() -> None:
    first, second = vapid.new_private_key(), vapid.new_private_key()
    assert first != second
    assert len(vapid.public_key(first)) == 87  # 65 bytes in base64url
