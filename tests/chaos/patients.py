"""Patients who are signed in, each with a treatment of their own."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from clinics.models import User
from tests.cast import make_cast, make_treatment, make_user

CSRF = "c" * 32
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class SignedIn:
    """What a browser holds: the session, and the treatment's number for the ledger."""

    session: str
    treatment: int

    @property
    def cookies(self) -> str:
        return f"{settings.SESSION_COOKIE_NAME}={self.session}; {settings.CSRF_COOKIE_NAME}={CSRF}"


def sign_in(user: User) -> str:
    """Make a session row as signing in does, and return its key."""
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def make_patients(count: int) -> list[SignedIn]:
    cast = make_cast()
    found = []
    for number in range(count):
        user = make_user(f"Patient{number}", "Prov")
        treatment = make_treatment(user, cast.eken, cast.berit, cast.cecilia, cast.revision)
        found.append(SignedIn(sign_in(user), treatment.pk))
    return found
