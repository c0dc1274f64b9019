from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from clinics.crisis import numbers_unchecked
from ikbt.env import env
from ikbt.health import valkey_answers
from riskmonitor.activation.deciding import too_few_to_decide
from riskmonitor.escalation.clinic_plans import plans_not_as_saved
from riskmonitor.escalation.saved_plans import Reading
from riskmonitor.sweeps.canaries import canaries_made_at
from riskmonitor.watch.chain import read_chain

GIGABYTE = 10**9
FONTS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
TEST_TOOLS = {
    "chromium": "the browser stories (make e2e)",
    "faketime": "chaos with moved clocks",
    "spin": "the model check of the escalation",
    "docker-compose": "the check of docker-compose.yml",
    "msgfmt": "make messages (package gettext)",
}
FOLLOWED = {
    Reading.MAIL_ADDED: "is followed with e-mail added to its last step",
    Reading.REFUSED: "is refused by this release, and flags follow the default",
    Reading.UNREADABLE: "cannot be read, and flags follow the default",
}


class State(StrEnum):
    FINE = "ok     "
    NOTE = "note   "
    BROKEN = "BROKEN "


@dataclass(frozen=True)
class Finding:
    """One thing looked at, in a plain sentence. Only BROKEN keeps the platform, or a clinic's chain, from working."""

    state: State
    sentence: str


def database() -> Iterator[Finding]:
    """Does it answer, is it new enough, are the migrations applied?"""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version'), current_setting('server_version_num')::int")
            version, number = cursor.fetchone()
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as problem:
        yield Finding(State.BROKEN, f"The database does not answer: {' '.join(str(problem).split())}")
        return
    if number < 170000:
        yield Finding(State.BROKEN, f"PostgreSQL {version} is too old: 17 or newer is needed.")
    else:
        yield Finding(State.FINE, f"PostgreSQL {version} answers.")
    if waiting:
        yield Finding(State.BROKEN, f"{waiting} migrations are not applied: run manage.py prepare.")
    else:
        yield Finding(State.FINE, "All migrations are applied.")
        yield from chain()
        yield from plans()
        yield from deciding()


def chain() -> Iterator[Finding]:
    """Have worker and guard been heard of, and does the auditor count what should be nothing?"""
    state = read_chain()
    for name, age in state.ages.items():
        if name in state.silent:
            heard = "never" if age is None else f"{age:.0f} seconds ago"
            yield Finding(State.NOTE, f"The {name} is not running: heard of {heard}.")
        else:
            yield Finding(State.FINE, f"The {name} is running.")
    for name, fault in state.refusing.items():
        yield Finding(State.NOTE, f"The {name} refuses to screen ({fault}): run manage.py rules show.")
    if settings.CANARY_SECONDS and canaries_made_at() is None:
        yield Finding(State.NOTE, "There are no canaries, so nothing tests the chain: load programmes, then prepare.")
    for problem, count in state.problems.items():
        yield Finding(State.NOTE, f"The auditor counts {count} {problem}; it should be 0.")


def plans() -> Iterator[Finding]:
    """Do flags follow each clinic's own plan as it was saved?"""
    altered = plans_not_as_saved(timezone.now())
    for clinic, plan in altered:
        said = (
            f"The plan {plan.scope.name!r} of {clinic.name} {FOLLOWED[plan.reading]}: ask the clinic to save it anew."
        )
        yield Finding(State.NOTE if plan.reading is Reading.MAIL_ADDED else State.BROKEN, said)
    if not altered:
        yield Finding(State.FINE, "Flags follow the plans as the clinics saved them.")


def deciding() -> Iterator[Finding]:
    """Could two people put the rules of a coming release in force?"""
    if said := too_few_to_decide():
        yield Finding(State.NOTE, said)
    else:
        yield Finding(State.FINE, "Two people could put changed rules in force.")


def valkey() -> Iterator[Finding]:
    """Wake-ups only: without it everything works, a few seconds later."""
    if valkey_answers():
        yield Finding(State.FINE, "Valkey answers.")
    else:
        yield Finding(State.NOTE, "Valkey does not answer: the guard does its work from the database, a little later.")


def pdf() -> Iterator[Finding]:
    """WeasyPrint needs Pango and a font from the system."""
    try:
        import weasyprint
    except OSError:
        missing = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        yield Finding(State.NOTE, f"PDF reports cannot be made, all else works: {missing}")
    else:
        yield Finding(State.FINE, f"WeasyPrint {weasyprint.__version__} and Pango are here.")
    if any(True for folder in FONTS if folder.is_dir() for _font in folder.rglob("*.[to]tf")):
        yield Finding(State.FINE, "Fonts for PDF are here.")
    else:
        yield Finding(State.NOTE, "There is no font for PDF: apt-get install fonts-noto-core fonts-liberation")


def mail() -> Iterator[Finding]:
    """Notices are rows in the database first; a silent mail server only delays their copies."""
    place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        socket.create_connection((settings.EMAIL_HOST, settings.EMAIL_PORT), timeout=3).close()
    except OSError:
        yield Finding(State.NOTE, f"No mail server answers at {place}: notices wait and are seen in the platform.")
    else:
        yield Finding(State.FINE, f"The mail server at {place} answers.")


def crisis() -> Iterator[Finding]:
    """A number that nobody has rung may be wrong on the one day that it is needed."""
    unchecked = numbers_unchecked()
    if unchecked:
        yield Finding(State.NOTE, f"{unchecked} crisis numbers were never rung: see clinics/crisis_numbers.yaml.")
    else:
        yield Finding(State.FINE, "A person has rung each crisis number.")


def disk() -> Iterator[Finding]:
    """The data folder's disk."""
    folder = env.data_folder()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / GIGABYTE
    state = State.FINE if free >= 5 else State.NOTE if free >= 0.5 else State.BROKEN
    yield Finding(state, f"{free:.1f} GB are free below {folder}.")


def tools() -> Iterator[Finding]:
    """Only tests need these."""
    for name, purpose in TEST_TOOLS.items():
        if shutil.which(name) is None:
            yield Finding(State.NOTE, f"{name} is missing, which only {purpose} needs.")


CHECKS = (database, valkey, pdf, mail, crisis, disk, tools)


class Command(BaseCommand):
    help = "Say in plain words what is fine and what is missing; exit code 1 only if something needed is broken."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        findings = [finding for check in CHECKS for finding in check()]
        for finding in findings:
            self.stdout.write(f"{finding.state}{finding.sentence}")
        if any(finding.state is State.BROKEN for finding in findings):
            sys.exit(1)
