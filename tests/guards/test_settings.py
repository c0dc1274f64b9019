"""What the platform demands of its settings is told, with an id and what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from ikbt.checks import DEMANDS, IN_PRODUCTION, check_demands, check_production

from .source import ROOT

POLICY = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]


def policy(**changed: Any) -> dict[str, Any]:
    return {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": POLICY | {k.replace("_", "-"): v for k, v in changed.items()}}}


def databases(**changed: Any) -> dict[str, Any]:
    return {"DATABASES": {"default": settings.DATABASES["default"] | changed}}


BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("E001", {"TIME_ZONE": "UTC"}),
    ("E001", {"USE_TZ": False}),
    ("E002", databases(ATOMIC_REQUESTS=False)),
    ("E003", {"SESSION_ENGINE": "django.contrib.sessions.backends.cache"}),
    ("E004", policy(script_src=["'self'", "'unsafe-inline'"])),
    ("E004", policy(style_src=["'self'", "'unsafe-inline'"])),
    ("E004", policy(img_src=["*"])),
    ("E004", policy(default_src=["'self'"])),
    ("E005", {"CSRF_COOKIE_HTTPONLY": False}),
    ("E005", {"SESSION_COOKIE_SAMESITE": "None"}),
    ("E006", {"MIDDLEWARE": [each for each in settings.MIDDLEWARE if "LoginRequired" not in each]}),
    ("E007", {"SESSION_LIMITS": settings.SESSION_LIMITS | {"staff": settings.SESSION_LIMITS["patient"]}}),
    ("E008", databases(ENGINE="django.db.backends.sqlite3")),
    ("E009", {"CELERY_TASK_IGNORE_RESULT": False}),
]


def test_our_own_settings_keep_every_demand() -> None:
    assert check_demands(None) == []


@pytest.mark.parametrize(("number", "changed"), BROKEN)
@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_a_broken_demand_is_told_with_what_to_do(number: str, changed: dict[str, Any]) -> None:
    with override_settings(**changed):
        said = check_demands(None)
    assert [each.id for each in said] == [f"ikbt.{number}"]
    assert said[0].hint


def test_every_demand_is_seen_to_fail_above() -> None:
    assert {number for number, _changed in BROKEN} == {demand.number for demand in DEMANDS}


def test_where_patients_are_cookies_are_bound_and_nobody_signs_in_by_one_click() -> None:
    assert [each.id for each in check_production(None)] == ["ikbt.D001"]  # a local run has no TLS
    secure = {f"{name}_COOKIE_SECURE": True for name in ("SESSION", "CSRF", "LANGUAGE")}
    named = {"SESSION_COOKIE_NAME": "__Host-session", "CSRF_COOKIE_NAME": "__Host-csrf"}
    with override_settings(**secure, **named):
        assert check_production(None) == []
        with override_settings(DEMO=True):
            assert [each.id for each in check_production(None)] == ["ikbt.D002"]
    assert len({demand.number for demand in DEMANDS + IN_PRODUCTION}) == len(DEMANDS + IN_PRODUCTION)


def start_in_production(demo: str) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process of its own, as every process of the platform does before anything else."""
    production = {
        "IKBT_ENV": "production", "IKBT_TLS": "1", "IKBT_DEMO": demo, "DEBUG": "0", "IKBT_URL": "https://ikbt.invalid",
        "SECRET_KEY": "k" * 60, "METRICS_KEY": "m" * 40, "ALLOWED_HOSTS": "ikbt.invalid",
    }  # fmt: skip
    command = [sys.executable, "-c", "from ikbt import settings; print(settings.PRODUCTION, settings.DEMO)"]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | production, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.hazard("H20a")
def test_a_demo_does_not_start_where_patients_are() -> None:
    refused = start_in_production(demo="1")
    assert refused.returncode != 0
    assert "IKBT_ENV=production needs DEBUG=0, IKBT_DEMO=0, IKBT_TLS=1 and a METRICS_KEY." in refused.stderr


def test_the_same_without_the_demo_starts() -> None:
    """The red twin: it was the demo that was refused."""
    started = start_in_production(demo="0")
    assert (started.stdout, started.stderr) == ("True False\n", "")
