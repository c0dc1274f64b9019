"""What the platform demands of its settings, each with an id and what to do. `manage.py check` says what does not hold.

Registered by ikbt.apps. E-numbers hold everywhere, D-numbers where patients are (`check --deploy`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

LONGEST_SESSIONS = {  # (idle, at most): architecture §5
    "patient": (timedelta(minutes=30), timedelta(hours=4)),
    "staff": (timedelta(minutes=15), timedelta(hours=10)),
}
COOKIES = ("SESSION", "CSRF", "LANGUAGE")


@dataclass(frozen=True)
class Demand:
    """One demand: `holds` asks the settings of the moment."""

    number: str
    holds: Callable[[], bool]
    message: str
    hint: str

    def faults(self) -> list[CheckMessage]:
        return [] if self.holds() else [Error(self.message, hint=self.hint, id=f"ikbt.{self.number}")]


def _database(name: str) -> Any:
    return settings.DATABASES["default"].get(name)


def _policy() -> Mapping[str, Sequence[str]]:
    directives: Mapping[str, Sequence[str]] = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return directives


def _policy_is_strict() -> bool:
    sources = [source for allowed in _policy().values() for source in allowed]
    closed = list(_policy().get("default-src", [])) == ["'none'"] and list(_policy().get("script-src", [])) == [
        "'self'"
    ]
    return closed and not any("unsafe-" in source or source in {"*", "http:", "https:"} for source in sources)


def _sessions_end_in_time() -> bool:
    limits = settings.SESSION_LIMITS
    return all(limits[who][i] <= most[i] for who, most in LONGEST_SESSIONS.items() for i in (0, 1))


def _cookies_are_closed() -> bool:
    return all(
        getattr(settings, f"{name}_COOKIE_HTTPONLY")
        and getattr(settings, f"{name}_COOKIE_SAMESITE") in {"Lax", "Strict"}
        for name in COOKIES
    )


def _cookies_are_secure() -> bool:
    hosts = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
    return all(getattr(settings, f"{name}_COOKIE_SECURE") for name in COOKIES) and all(
        name.startswith("__Host-") for name in hosts
    )


DEMANDS = [
    Demand(
        "E001", lambda: settings.USE_TZ and settings.TIME_ZONE == "Europe/Stockholm",
        "Times are not kept in UTC and shown in Swedish time.",
        'Set USE_TZ = True and TIME_ZONE = "Europe/Stockholm": working time is counted there.',
    ),
    Demand(
        "E002", lambda: _database("ATOMIC_REQUESTS") is True,
        "A request is not one transaction.",
        "Set ATOMIC_REQUESTS: without it a page could show patient data though its audit row was refused.",
    ),
    Demand(
        "E003", lambda: settings.SESSION_ENGINE == "django.contrib.sessions.backends.db",
        "Sessions are not kept in the database.",
        'Set SESSION_ENGINE = "django.contrib.sessions.backends.db": nothing in Redis may be needed for correctness.',
    ),
    Demand(
        "E004", _policy_is_strict,
        "The content security policy is not strict.",
        "default-src is 'none', script-src is 'self', and nothing is unsafe or from everywhere.",
    ),
    Demand(
        "E005", _cookies_are_closed,
        "A cookie can be read by scripts or is sent by other sites.",
        "Set …_COOKIE_HTTPONLY = True and …_COOKIE_SAMESITE to Lax or Strict for session, csrf and language.",
    ),
    Demand(
        "E006", lambda: "django.contrib.auth.middleware.LoginRequiredMiddleware" in settings.MIDDLEWARE,
        "Pages are not closed by default.",
        "Put LoginRequiredMiddleware into MIDDLEWARE: a forgotten decorator must close a page, not open it.",
    ),
    Demand(
        "E007", _sessions_end_in_time,
        "Sessions last too long.",
        "SESSION_LIMITS: patients at most 30 minutes idle and 4 hours, staff at most 15 minutes and 10 hours.",
    ),
    Demand(
        "E008", lambda: _database("ENGINE") == "django.db.backends.postgresql",
        "The database is not PostgreSQL.",
        "Set DATABASE_URL to a PostgreSQL server: row locks, partial indexes and triggers carry the safety chain.",
    ),
    Demand(
        "E009", lambda: settings.CELERY_TASK_IGNORE_RESULT and bool(settings.CELERY_TASK_ROUTES),
        "Celery keeps results, or tasks have no queue of their own.",
        "Set CELERY_TASK_IGNORE_RESULT = True and CELERY_TASK_ROUTES: results would carry data into the broker.",
    ),
]  # fmt: skip
IN_PRODUCTION = [
    Demand(
        "D001", _cookies_are_secure,
        "Cookies are not bound to TLS and to this host.",
        "Set IKBT_TLS=1: session and csrf get the prefix __Host-, and all cookies are Secure.",
    ),
    Demand(
        "D002", lambda: not settings.DEMO,
        "Demo sign-in is open.",
        "Unset IKBT_DEMO: with it everybody can be anybody by one click.",
    ),
]  # fmt: skip


def check_demands(app_configs: Sequence[AppConfig] | None, **_others: Any) -> list[CheckMessage]:
    """Return what does not hold anywhere."""
    return [fault for demand in DEMANDS for fault in demand.faults()]


def check_production(app_configs: Sequence[AppConfig] | None, **_others: Any) -> list[CheckMessage]:
    """Return what does not hold where patients are."""
    return [fault for demand in IN_PRODUCTION for fault in demand.faults()]
