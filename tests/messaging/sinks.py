"""Servers that take notices: one for mail, one for HTTP (push services and SMS gateways). Each can be made to fail.

A sink listens on a free port of this machine, and remembers what it accepted *and kept*. Modes:
`accept` keeps; `refuse` answers with a refusal; `delay` answers later than anybody waits; `drop` hangs up in the
middle; `forget` accepts and throws away.
"""

from __future__ import annotations

import email
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

MODES = ("refuse", "delay", "drop", "forget")
LATE = 0.3  # seconds; the tests wait for less


@dataclass
class MailSink:
    """What a mail server kept. `asked` counts conversations that came as far as the words."""

    mode: str = "accept"
    kept: list[EmailMessage] = field(default_factory=list)
    asked: int = 0
    port: int = 0

    async def handle_RCPT(self, server: SMTP, _session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self.mode == "refuse":
            return "451 Come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:
        self.asked += 1
        if self.mode == "drop":
            server.transport.abort()
            return "421 Gone"
        if self.mode == "delay":
            time.sleep(LATE)
        if self.mode != "forget":
            self.kept.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.kept]


@contextmanager
def mail_sink(mode: str = "accept") -> Iterator[MailSink]:
    sink = MailSink(mode=mode, port=_free_port())
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


@dataclass
class HttpSink:
    """What a server kept. `status` is what `refuse` answers, and `headers` go with it."""

    mode: str = "accept"
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    kept: list[Request] = field(default_factory=list)
    asked: int = 0
    port: int = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def http_sink(mode: str = "accept") -> Iterator[HttpSink]:
    sink = HttpSink(mode=mode)

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            sink.asked += 1
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if sink.mode == "drop":
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if sink.mode == "delay":
                time.sleep(LATE)
            if sink.mode in {"accept", "delay"}:
                names = {name.lower(): value for name, value in self.headers.items()}
                sink.kept.append(Request(self.command, self.path, names, body))
            self.send_response(sink.status if sink.mode == "refuse" else 201)
            for name, value in sink.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_PUT = handle_any

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                return  # whoever asked has hung up

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        sink.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
