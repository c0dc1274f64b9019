"""A browser's address cannot make us knock at doors inside the house (CWE-918)."""

from __future__ import annotations

import socket
import threading
import time
from ipaddress import ip_address

import pytest

from messaging import notices, outbound
from messaging.models import Attempt
from messaging.outbound import Forbidden, NoAnswer, call, is_public, refuse_inner
from messaging.sweeps import send_one
from tests.cast import NOW, Cast
from tests.messaging.browsers import Browser
from tests.messaging.sinks import http_sink

INNER = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
    "2002:a00:1::", "2001:0:a00:1::f5ff:fffe",
]  # fmt: skip


@pytest.mark.parametrize("address", INNER)
def test_an_inner_address_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "142.250.74.106", "2a00:1450:400f:80c::200a", "64:ff9b::808:808"])
def test_a_public_address_is(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://push.example.org/a", "https://push.example.org:8443/a", "https://user:pw@push.example.org/a",
        "ftp://push.example.org/a", "file:///etc/passwd", "https://127.0.0.1/a", "https://[::1]/a", "https:///a", "",
        "https://push.example.org:99999/", "https://[broken/", "gopher://push.example.org/", "//push.example.org/a",
    ],
)  # fmt: skip
def test_only_https_to_the_outside_is_taken(url: str) -> None:
    with pytest.raises(Forbidden):
        refuse_inner(url)
    with pytest.raises(Forbidden):
        call(url, headers={}, body=b"")


def test_an_ordinary_endpoint_is_taken() -> None:
    refuse_inner("https://fcm.googleapis.com/fcm/send/abc:def")
    refuse_inner("https://push.example.org:443/a")


def resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name have these addresses, and remember where a connection was asked for."""
    asked: list[str] = []

    def connect(place: tuple[str, int], _timeout: float) -> socket.socket:
        asked.append(place[0])
        raise ConnectionRefusedError

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(outbound, "getaddrinfo", lambda *_args, **_named: found)
    monkeypatch.setattr(outbound, "create_connection", connect)
    return asked


@pytest.mark.parametrize("addresses", [("10.0.0.1",), ("8.8.8.8", "10.0.0.1"), ("::ffff:127.0.0.1",)])
def test_a_name_with_an_inner_address_is_not_knocked_at(monkeypatch, addresses: tuple[str, ...]) -> None:
    asked = resolves_to(monkeypatch, *addresses)
    with pytest.raises(Forbidden):
        call("https://rebinding.example.org/a", headers={}, body=b"")
    assert asked == []


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch) -> None:
    """Not to the name, which could answer differently the second time."""
    asked = resolves_to(monkeypatch, "8.8.8.8")
    with pytest.raises(NoAnswer):
        call("https://rebinding.example.org/a", headers={}, body=b"")
    assert asked == ["8.8.8.8"]


def test_without_the_look_the_inner_server_is_reached(monkeypatch) -> None:
    """Red twin: taken away, the guard is missed."""
    monkeypatch.setattr(outbound, "is_public", lambda _address: True)
    monkeypatch.setattr(outbound, "HTTPS", 0)
    asked = resolves_to(monkeypatch, "10.0.0.1")
    with pytest.raises(NoAnswer):
        call("https://rebinding.example.org/a", headers={}, body=b"")
    assert asked == ["10.0.0.1"]


def test_an_inner_endpoint_that_got_into_the_table_is_refused_when_sending(cast: Cast) -> None:
    with http_sink() as inner:
        Browser().subscribed(cast.berit, f"{inner.origin}/a")
        notices.flag_waits(to=cast.berit, key="flag:1:1:1", path="/worklist/", now=NOW)
        while send_one(NOW):
            pass
        assert inner.asked == 0
    assert Attempt.objects.get(channel="push").result == "refused"


def test_allowing_one_origin_allows_no_other() -> None:
    allowed = frozenset({"http://127.0.0.1:9000"})
    refuse_inner("http://127.0.0.1:9000/a", allowed)
    for url in ("http://127.0.0.1:9001/a", "https://127.0.0.1:9000/a", "http://127.0.0.1:9000.example.org/a"):
        with pytest.raises(Forbidden):
            refuse_inner(url, allowed)


def test_an_answer_that_drips_for_ever_is_cut_off(monkeypatch) -> None:
    monkeypatch.setattr(outbound, "WHOLE_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip, args=(server,), daemon=True).start()
        began = time.monotonic()
        with pytest.raises(NoAnswer):
            call(f"http://127.0.0.1:{server.getsockname()[1]}/", headers={}, body=b"", trusted=True)
    assert time.monotonic() - began < 4


def drip(server: socket.socket) -> None:
    line, _from = server.accept()
    with line:
        line.sendall(b"HTTP/1.1 ")
        for _ in range(60):
            time.sleep(0.1)
            try:
                line.sendall(b"2")
            except OSError:
                return
