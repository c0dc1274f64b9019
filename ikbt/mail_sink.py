"""A mail server that delivers to nobody, and a page that shows what it received: for the demo and for trying out.

The last 200 mails are kept in memory only. The page has no link to anything outside and runs no script.
"""

from __future__ import annotations

import argparse
import asyncio
import email
import html
import signal
import threading
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

KEPT = 200
LARGEST = 5 * 1024 * 1024  # bytes
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{count} mails</title>
<meta http-equiv="refresh" content="5"><meta name="viewport" content="width=device-width"><style>
body{{font:1rem/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}}
article{{border-top:1px solid #767676;padding:1rem 0}}h2{{font-size:1.1rem;margin:0}}
pre{{white-space:pre-wrap;font:inherit}}</style></head>
<body><main><h1>{count} mails, the newest first</h1>{mails}</main></body></html>"""
MAIL = (
    "<article><h2>{subject}</h2><p>{at:%Y-%m-%d %H:%M:%S} UTC · from {sender} · to {to}</p><pre>{text}</pre></article>"
)


class Sink:
    """Keeps what aiosmtpd hands over, and writes the page."""

    def __init__(self) -> None:
        self.mails: deque[tuple[datetime, EmailMessage]] = deque(maxlen=KEPT)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a mail (aiosmtpd's name for it) and say so; a copy with a Message-ID seen before is the same mail."""
        message = email.message_from_bytes(envelope.content, policy=policy.default)
        known = {kept["Message-ID"] for _at, kept in self.mails}
        if message["Message-ID"] is None or message["Message-ID"] not in known:
            self.mails.appendleft((datetime.now(UTC), message))
        return "250 Kept, not delivered"

    def page(self) -> str:
        """Return the page as HTML; everything from a mail is escaped."""
        return PAGE.format(count=len(self.mails), mails="".join(_article(at, mail) for at, mail in list(self.mails)))


def _article(at: datetime, mail: EmailMessage) -> str:
    body = mail.get_body(("plain", "html"))
    words = {"subject": mail["Subject"], "sender": mail["From"], "to": mail["To"]}
    text = body.get_content() if body else ""
    return MAIL.format(at=at, text=html.escape(text), **{name: html.escape(str(word)) for name, word in words.items()})


def page_server(sink: Sink, host: str, port: int) -> ThreadingHTTPServer:
    """Return a server that answers every GET with the page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = sink.page().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the page asks for itself every few seconds."""

    return ThreadingHTTPServer((host, port), Handler)


def address(text: str) -> tuple[str, int]:
    """Return (host, port) of host:port."""
    host, _colon, port = text.rpartition(":")
    return host, int(port)


async def serve(sink: Sink, smtp: tuple[str, int], page: tuple[str, int]) -> None:
    """Receive and show mails until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    receiver = Controller(sink, hostname=smtp[0], port=smtp[1], data_size_limit=LARGEST)
    with page_server(sink, *page) as server:
        receiver.start()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        await stop.wait()
        server.shutdown()
        receiver.stop()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smtp", type=address, default=("127.0.0.1", 8025), help="where mails are received")
    parser.add_argument("--page", type=address, default=("127.0.0.1", 8026), help="where they are shown")
    options = parser.parse_args(arguments)
    asyncio.run(serve(Sink(), options.smtp, options.page))


if __name__ == "__main__":
    main()
