"""Ways out of the house. A transport raises one error and says whether trying again helps."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

from messaging.models import Notice
from messaging.notices import words


class SendError(Exception):
    """The notice did not leave. `permanent` means that the same address will refuse again."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


def send_email(notice: Notice) -> None:
    """Send one notice by SMTP. The Message-ID is the notice's own, so that a second copy is known as one."""
    subject, body = words(notice)
    message = EmailMessage(
        subject=subject,
        body=f"{body}\n\n{settings.PUBLIC_URL}{notice.path}\n",
        to=[notice.recipient.email],
        headers={"Message-ID": f"<notice-{notice.pk}@ikbt.invalid>", "Auto-Submitted": "auto-generated"},
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        raise SendError("recipient refused", permanent=True) from error
    except (smtplib.SMTPException, OSError) as error:
        raise SendError(type(error).__name__, permanent=False) from error
