"""The canary's browser: one message through the door that patients use, with a session of its own for that one request.

Whether it came in, its row tells and not the answer: a sign-in page answers kindly too.
"""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from django.utils.crypto import get_random_string

from clinics.models import User
from messaging.outbound import Forbidden, NoAnswer, call
from programs.models import Treatment

log = structlog.get_logger(__name__)
SESSION_SECONDS = 60
CSRF_LETTERS = 32  # what Django's form protection takes for a secret


def send_through_web(*, treatment: Treatment, text: str, key: UUID) -> None:
    """Post a message as a canary patient to CANARY_URL. Raise ValueError for anybody who is somebody.

    Waits for the web up to the whole limit of messaging.outbound. Nothing is thrown where it does not answer.
    """
    if not treatment.patient.clinic.is_canary:
        raise ValueError("only a canary is signed in without a password")
    session, csrf = _session_of(treatment.patient.user), get_random_string(CSRF_LETTERS)
    cookies = {settings.SESSION_COOKIE_NAME: session.session_key, settings.CSRF_COOKIE_NAME: csrf}
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": settings.PUBLIC_URL,
    } | ({"X-Forwarded-Proto": "https"} if settings.BEHIND_TLS else {})
    form = {"text": text, "idempotency_key": str(key), "csrfmiddlewaretoken": csrf}
    try:
        url = settings.CANARY_URL + reverse("messages")
        status = call(url, headers=headers, body=urlencode(form).encode(), trusted=True)
    except (Forbidden, NoAnswer) as error:
        log.warning("canary.not_let_in", error=type(error).__name__)
    else:
        if status >= 400:
            log.warning("canary.not_let_in", status=status)
    finally:
        session.delete()


def _session_of(user: User) -> SessionStore:
    """Make a session that ends by itself, should its process die before it deletes it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.set_expiry(SESSION_SECONDS)
    session.create()
    return session
