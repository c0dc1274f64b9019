"""Ways out of the house. A transport takes one delivery, raises one error and says whether trying again helps."""

from __future__ import annotations

import json
import smtplib
import time
from collections.abc import Callable
from email.utils import parseaddr
from string import Template
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from pywebpush import WebPusher

from messaging import outbound, vapid
from messaging.models import Channel, Delivery, NoticeChoice, PushSubscription
from messaging.notices import words

#: Seconds that a push service keeps a notice for a browser that is not there. A flag older than a day has climbed.
PUSH_TTL = 24 * 60 * 60
SIGNED_FOR = 12 * 60 * 60  # seconds; RFC 8292 §2 allows 24 hours, clocks differ
GONE = {404, 410}  # RFC 8030 §7.3: the subscription has expired, or was removed
FOR_NOW = {408, 425, 429}  # client errors that pass


class SendError(Exception):
    """The notice did not leave. `permanent`: the same address will refuse again. `gone`: it will never be there."""

    def __init__(self, reason: str, *, permanent: bool, gone: bool = False) -> None:
        super().__init__(reason)
        self.permanent, self.gone = permanent, gone


def send_email(delivery: Delivery) -> None:
    """Send one notice by SMTP. The Message-ID is the notice's own, so that a second copy is known as one."""
    notice = delivery.notice
    subject, body = words(notice)
    message = EmailMessage(
        subject=subject,
        body=f"{body}\n\n{settings.PUBLIC_URL}{notice.path}\n",
        to=[notice.recipient.email],
        headers={"Message-ID": f"<{delivery.key}@ikbt.invalid>", "Auto-Submitted": "auto-generated"},
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        refused = all(code >= 500 for code, _words in error.recipients.values())
        raise SendError("recipient refused", permanent=refused) from error
    except smtplib.SMTPResponseException as error:
        reason = f"{type(error).__name__} {error.smtp_code}"
        raise SendError(reason, permanent=error.smtp_code >= 500) from error
    except (smtplib.SMTPException, OSError) as error:
        raise SendError(type(error).__name__, permanent=False) from error


def send_push(delivery: Delivery) -> None:
    """Send one notice to one browser, encrypted for it (RFC 8291) and signed by us (RFC 8292).

    The topic is the notice's own (RFC 8030 §5.4): a copy replaces one that the browser has not fetched yet.
    """
    own = PushSubscription.objects.filter(user=delivery.notice.recipient_id)
    browser = own.filter(code=delivery.browser).first() if delivery.browser else None
    if browser is None:
        raise SendError("switched off", permanent=True, gone=True)
    subject, body = words(delivery.notice)
    shown = {"title": subject, "body": body, "path": delivery.notice.path, "tag": delivery.key}
    keys = {"p256dh": browser.p256dh, "auth": browser.auth}
    sealed = WebPusher({"endpoint": browser.endpoint, "keys": keys}).encode(json.dumps(shown).encode())
    parts = urlsplit(browser.endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "sub": f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
        "exp": int(time.time()) + SIGNED_FOR,
    }
    headers = {
        "TTL": str(PUSH_TTL), "Urgency": "high", "Topic": delivery.key, "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream", **vapid.signer(settings.VAPID_PRIVATE_KEY).sign(claims),
    }  # fmt: skip
    _deliver(browser.endpoint, headers=headers, body=sealed["body"], allowed=frozenset(settings.PUSH_ALLOWED))


def send_sms(delivery: Delivery) -> None:
    """Ask the operator's gateway to send one SMS. Address, header and body are templates in the settings.

    Known to them are `$number`, `$text` and `$key`; each is quoted for the place where it stands. **Tried against a
    gateway of our own only**, never against a provider.
    """
    choice = NoticeChoice.objects.filter(user=delivery.notice.recipient_id).exclude(sms_number="").first()
    if choice is None or not choice.sms_about_flags:
        raise SendError("switched off", permanent=True, gone=True)
    known = {"number": choice.sms_number, "text": words(delivery.notice)[1], "key": delivery.key}
    kind = settings.SMS_CONTENT_TYPE
    in_address = {name: quote(value, safe="") for name, value in known.items()}
    in_body = {name: json.dumps(value)[1:-1] for name, value in known.items()} if "json" in kind else in_address
    headers = {"Content-Type": kind, "Idempotency-Key": delivery.key}
    if settings.SMS_HEADER:
        name, _colon, value = settings.SMS_HEADER.partition(":")
        headers[name.strip()] = value.strip()
    url, body = Template(settings.SMS_URL), Template(settings.SMS_BODY)
    _deliver(
        url.substitute(in_address), method=settings.SMS_METHOD, headers=headers,
        body=body.substitute(in_body).encode(), trusted=True,
    )  # fmt: skip


def _deliver(
    url: str,
    *,
    method: str = "POST",
    headers: dict[str, str],
    body: bytes,
    trusted: bool = False,
    allowed: frozenset[str] = frozenset(),
) -> None:
    """Call, and turn every answer but a 2xx into the one error."""
    try:
        status = outbound.call(url, method=method, headers=headers, body=body, trusted=trusted, allowed=allowed)
    except outbound.Forbidden as error:
        raise SendError(f"address refused: {error}", permanent=True) from error
    except outbound.NoAnswer as error:
        raise SendError(str(error), permanent=False) from error
    if not 200 <= status < 300:
        gone = not trusted and status in GONE
        permanent = gone or (400 <= status < 500 and status not in FOR_NOW) or 300 <= status < 400
        raise SendError(f"status {status}", permanent=permanent, gone=gone)


TRANSPORTS: dict[Channel, Callable[[Delivery], None]] = {
    Channel.EMAIL: send_email,
    Channel.PUSH: send_push,
    Channel.SMS: send_sms,
}
