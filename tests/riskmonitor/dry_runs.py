"""Rules that are tried on stored answers: what the tests of dry runs and of deciding share."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import time_machine
from django.test import Client
from django.urls import reverse

from clinics.models import User
from programs.actions import send_measure
from programs.shipped import instruments
from riskmonitor.actions import order_dry_run
from riskmonitor.models import DryRun
from riskmonitor.sweeps import try_some
from tests.cast import NOW

LATER = NOW + timedelta(hours=1)
RISKY = "Jag vill inte leva mer."


def answer(treatment, by: User, item9: int, now=NOW) -> None:
    phq9 = instruments()["phq9"]
    answers = {str(item): 0 for item in range(1, 9)} | {"9": item9}
    send_measure(
        treatment=treatment, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(), by=by, now=now
    )


def tried(by: User, days: int = 14, now=LATER) -> DryRun:
    run = order_dry_run(days=days, key=uuid4(), by=by, now=now)
    while try_some(now):
        pass
    run.refresh_from_db()
    return run


def visit(user: User, name: str, data: dict[str, str] | None = None, **parts):
    client = Client()
    with time_machine.travel(LATER, tick=False):
        client.force_login(user)
        url = reverse(name, kwargs=parts)
        return client.get(url) if data is None else client.post(url, data, follow=True)
