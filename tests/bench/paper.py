"""How long the workbook of a whole programme takes to draw: empty, and filled in after eight weeks."""

from __future__ import annotations

import io
import statistics
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from pypdf import PdfReader

from clinics.models import Competence, Membership
from followup.actions import order_report
from followup.models import Report
from followup.reports import can_draw, make_file
from programs.actions import send_tool_entry, tick_gate
from programs.models import Revision, Treatment
from tests.bench.world import WEEK, Ward, hand_in, start
from tests.programs.whole_entries import WHOLE

PROGRAMME, NIGHTS, WEEKS = "somn", 56, 8
SLOWEST = 2.0  # seconds (architecture §8)
TIMES = 3


@dataclass(frozen=True)
class Drawn:
    """One workbook: `seconds` is the median when the process has drawn before, `first` the very first."""

    kind: str
    pages: int
    size: int
    first: float
    seconds: float


def drawn(ward: Ward, now: datetime) -> list[Drawn]:
    """Return both workbooks of a patient who has done everything; none where the machine cannot draw."""
    if not can_draw():
        return []
    treatment = _done(ward, now)
    return [_drawn(treatment, kind, now) for kind in (Report.Kind.WORKBOOK, Report.Kind.FILLED)]


def _drawn(treatment: Treatment, kind: Report.Kind, now: datetime) -> Drawn:
    by, took, made = treatment.patient.user, [], b""
    report = order_report(treatment=treatment, key=uuid4(), language="sv", by=by, now=now, kind=kind)
    for _ in range(TIMES + 1):
        began = time.perf_counter()
        made = make_file(report, now)
        took.append(time.perf_counter() - began)
    return Drawn(kind, len(PdfReader(io.BytesIO(made)).pages), len(made), took[0], statistics.median(took[1:]))


def _done(ward: Ward, now: datetime) -> Treatment:
    """Start eight weeks ago; since then every module is sent, and every night told."""
    revision = Revision.objects.filter(programme__slug=PROGRAMME).select_related("programme").latest("loaded_at")
    people = Membership.objects.filter(clinic=ward.clinic, user__in=[ward.therapist, ward.substitute])
    Competence.objects.bulk_create(Competence(membership=held, programme=PROGRAMME) for held in people)
    treatment = start(ward, revision, now - WEEKS * WEEK)
    for gate in revision.facts["gates"]:
        items = gate["checklist"]["sv"]
        tick_gate(treatment=treatment, gate=gate["id"], items=items, by=ward.therapist, now=now - WEEKS * WEEK)
    hand_in(treatment, now - WEEK, many=True)
    for number in range(NIGHTS):
        _tell(treatment, now.date() - timedelta(days=number), now)
    return treatment


def _tell(treatment: Treatment, day: date, now: datetime) -> None:
    entry = WHOLE["sleep_diary"] | {"date": f"{day:%Y-%m-%d}"}
    by = treatment.patient.user
    send_tool_entry(treatment=treatment, tool="sleep_diary", entry=entry, key=uuid4(), by=by, now=now)
