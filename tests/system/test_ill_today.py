"""One click says that a therapist is ill: every open flag has its substitute as owner in the database, and back again.

Only the web runs: no worker, no beat and no guard, so that it is the click that moves the flags and not a sweep.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.system.browser import PHONE, person
from tests.system.platform import Platform, demo_platform

pytestmark = pytest.mark.e2e
FLAGS = 20
MOST_SECONDS = 10.0  # a bound against hanging; the time itself is printed, and should be under one second
AT_WORK = f"""
from datetime import time
from django.utils import timezone
from clinics.models import Clinic, ClosingDay, User
from programs.models import Treatment
from riskmonitor.actions import raise_flag
from riskmonitor.actions.raising import FoundIn
from riskmonitor.rules import Finding, Kind, Urgency

now = timezone.now()
for clinic in Clinic.objects.all():
    ClosingDay.objects.update_or_create(
        clinic=clinic, day=timezone.localdate(now), defaults={{"opens": time(0), "closes": time(23, 59, 59)}}
    )
berit = User.objects.get(email="berit@demo.example")
berit.absences.update(cancelled_at=now, cancelled_by=berit)
kinds = [Kind.SUICIDE, Kind.HELP_ASKED, Kind.UNSCREENABLE, Kind.DETERIORATION]
running = Treatment.objects.running().filter(assignment__therapist=berit).select_related("patient__clinic")
wanted = [(treatment, kind) for kind in kinds for treatment in running.order_by("pk")]
fresh = [each for each in wanted if not each[0].patient.flags.filter(kind=each[1], closed_at=None).exists()]
for treatment, kind in fresh[:{FLAGS}]:
    found = [FoundIn(Finding(kind, Urgency.TODAY, "story"))]
    raise_flag(patient=treatment.patient, treatment=treatment, found=found, now=now)
"""
OWNED = """
SELECT count(*) FROM riskmonitor_flag f
JOIN programs_treatment t ON t.id = f.treatment_id JOIN clinics_careassignment a ON a.id = t.assignment_id
JOIN riskmonitor_flagfinding g ON g.flag_id = f.id AND g.rule = 'story'
WHERE f.closed_at IS NULL AND f.owner_id = a.{}_id
"""


@pytest.fixture(scope="module")
def quiet_platform() -> Iterator[Platform]:
    with demo_platform(["web"]) as running:
        yield running


@contextmanager
def counting(platform: Platform) -> Iterator[psycopg2.extensions.cursor]:
    """Give a connection of its own to the platform's database."""
    connection = psycopg2.connect(platform.env["DATABASE_URL"])
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()


def owned_by(cursor: psycopg2.extensions.cursor, whom: str) -> int:
    cursor.execute(OWNED.format(whom))
    count: int = cursor.fetchone()[0]
    return count


def seconds_until(button: Locator, cursor: psycopg2.extensions.cursor, whom: str, count: int) -> float:
    """Click, and return after how many seconds so many flags have this owner in the database."""
    started = time.perf_counter()
    button.click(no_wait_after=True)
    while owned_by(cursor, whom) != count:
        if time.perf_counter() - started > MOST_SECONDS:
            break
        time.sleep(0.005)
    return time.perf_counter() - started


def test_all_open_flags_go_to_the_substitute_at_one_click_and_back_at_another(
    quiet_platform: Platform, browser: Browser
) -> None:
    quiet_platform.manage("shell", "-c", AT_WORK)
    with counting(quiet_platform) as cursor, person(browser, quiet_platform.url, PHONE, "light") as berit:
        count = owned_by(cursor, "therapist")
        assert count == FLAGS
        berit.sign_in("berit")
        berit.goto("/absence/")
        berit.follow(berit.page.get_by_role("button", name="Jag är sjuk i dag"))
        berit.look()
        gone = seconds_until(
            berit.page.get_by_role("button", name="Ja, jag är sjuk i dag"), cursor, "substitute", count
        )
        print(f"\n{count} open flags had their substitute as owner in the database {gone:.2f} s after the click")
        assert (owned_by(cursor, "substitute"), owned_by(cursor, "therapist")) == (count, 0)
        expect(berit.page.get_by_text("Frånvaron är sparad")).to_be_visible()
        berit.look()
        back = seconds_until(berit.page.get_by_role("button", name="Tillbaka nu"), cursor, "therapist", count)
        print(f"and the therapist again {back:.2f} s after the click that took it back")
        assert (owned_by(cursor, "substitute"), owned_by(cursor, "therapist")) == (0, count)
        assert berit.complaints == []
    assert max(gone, back) < MOST_SECONDS
