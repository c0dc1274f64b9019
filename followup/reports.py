"""Files about a treatment: rows, to HTML, to a tagged PDF (PDF/UA-1 as far as can be asserted) or a zip file."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from followup import workbook
from followup.bands import bands_of
from followup.models import Report
from followup.own_data import make_zip
from programs.charts import Point, Trend, trend
from programs.instruments import text
from programs.models import Submission, Treatment
from programs.shipped import instruments


class PdfMissing(Exception):
    """WeasyPrint cannot draw here: the system lacks Pango. `manage.py doctor` says what to install."""


@dataclass(frozen=True)
class Measured:
    """One filled-in questionnaire: when, which week, the total (None: too much missing) and its band in words."""

    on: date
    week: int
    total: int | None
    band: str


def can_draw() -> bool:
    """Tell whether PDF pages can be made on this machine."""
    try:
        import weasyprint  # noqa: F401 - the import itself is the question: it fails without libpango
    except OSError:
        return False
    return True


def measured(treatment: Treatment, instrument: str, language: str) -> list[Measured]:
    """Return the treatment's answers to one instrument, oldest first. One query."""
    form = instruments()[instrument]
    rows = Submission.objects.measures().filter(treatment=treatment, form=instrument).order_by("sent_at", "pk")
    return [
        Measured(
            on=timezone.localdate(row.sent_at),
            week=treatment.week(row.sent_at),
            total=None if row.total is None else int(row.total),
            band="" if row.band is None else text(form.bands[row.band].words, language),
        )
        for row in rows
    ]


def measure_chart(instrument: str, rows: list[Measured], language: str) -> Trend | None:
    """Return the trend of an instrument with its bands, None with fewer than two totals."""
    form = instruments()[instrument]
    totals = [row for row in rows if row.total is not None]
    if len(totals) < 2:
        return None
    points = [Point(at=row.week, label=str(row.week), value=row.total) for row in totals if row.total is not None]
    return trend(
        id=instrument, title=form.name, points=points, bands=bands_of(form, language), low=form.scoring.low,
        high=form.scoring.high, note=_("Lower is better."),
    )  # fmt: skip


def contents(report: Report, now: datetime) -> dict[str, Any]:
    """Return what the summary holds. It quotes no free text of the patient's."""
    treatment = report.treatment
    measures = []
    for instrument in ("phq9", "gad7"):
        rows = measured(treatment, instrument, report.language)
        if rows:
            form = instruments()[instrument]
            chart = measure_chart(instrument, rows, report.language)
            measures.append({"name": form.name, "rows": rows, "trend": chart, "source": form.source})
    sent = treatment.steps.filter(sent_at__isnull=False).select_related("module")
    return {
        "treatment": treatment,
        "patient": treatment.patient,
        "person": treatment.patient.user,
        "therapist": treatment.assignment.therapist,
        "clinic": treatment.patient.clinic,
        "title": treatment.revision.title.get(report.language) or treatment.revision.title["sv"],
        "modules": [(step.module.number, step.module.title, timezone.localdate(step.sent_at)) for step in sent],
        "module_count": treatment.steps.count(),
        "measures": measures,
        "made_at": now,
        "language": report.language,
    }


def make_file(report: Report, now: datetime) -> bytes:
    """Return the file that was asked for. Raise PdfMissing where pages cannot be drawn."""
    with translation.override(report.language):
        if report.kind == Report.Kind.OWN_DATA:
            return make_zip(report.treatment.patient, report.language, now)
        if report.kind == Report.Kind.SUMMARY:
            return make_pdf(report, "summary", contents(report, now))
        filled = report.kind == Report.Kind.FILLED
        book = workbook.contents(report.treatment, filled=filled, language=report.language)
        return make_pdf(report, "workbook", book | {"made_at": now})


def make_pdf(report: Report, name: str, context: Mapping[str, Any]) -> bytes:
    """Return the PDF of templates/pdf/<name>, and tell the waiting page when it is being drawn."""
    from followup.sweeps import drawing

    return draw(name, context, begins=lambda: drawing(report))


def draw(name: str, context: Mapping[str, Any], begins: Callable[[], None] = lambda: None) -> bytes:
    """Return the PDF of templates/pdf/<name>. A summary takes 0.1 seconds, and 0.7 at the first time."""
    try:
        from weasyprint import CSS, HTML
    except OSError as error:
        raise PdfMissing from error
    page = render_to_string(f"pdf/{name}.html", dict(context))
    begins()
    style = CSS(string=render_to_string(f"pdf/{name}.css"), url_fetcher=_nothing)
    document = HTML(string=page, url_fetcher=_nothing)
    with _collecting_nothing():
        made: bytes = document.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1")
    return made


@contextmanager
def _collecting_nothing() -> Iterator[None]:
    """Look for no waste meanwhile: all of a document lives until it is written. Saves a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _nothing(url: str, *args: object, **kwargs: object) -> dict[str, Any]:
    """Fetch nothing: a report asks neither the network nor the disk."""
    raise ValueError(f"a report fetches nothing, not {url}")
