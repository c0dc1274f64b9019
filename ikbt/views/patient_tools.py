"""What a patient recorded with the tools, for the therapist: which tools, and every entry of one of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from clinics.access import Permission, open_patient, requires, signed_in
from clinics.models import Patient
from ikbt.casework.flags_shown import flags_of, marks_in
from ikbt.casework.said import Reader
from ikbt.casework.tool_tables import tables
from programs.charts import Bars
from programs.models import Submission, Treatment
from programs.pages.filling import placeholders
from programs.toolkit import Look, part_of
from programs.toolkit.entries import in_words
from programs.toolkit.records import SHOWN, entries_of, joined
from programs.tools import tools as all_tools


@require_safe
@requires(Permission.READ_RECORD)
def tools(request: HttpRequest, code: UUID) -> HttpResponse:
    """List the tools that the patient has used, the latest first."""
    person = open_patient(request, code, now=timezone.now())
    used = _used(request, _treatment(request, person), get_language() or "sv")
    return render(request, "patient_view/tools.html", {"patient": person, "used": used})


@require_safe
@requires(Permission.READ_RECORD)
def tool(request: HttpRequest, code: UUID, tool: str) -> HttpResponse:
    """Show every entry of one tool, earlier versions too, with risky phrases marked."""
    now, language = timezone.now(), get_language() or "sv"
    person = open_patient(request, code, now=now)
    treatment, schema = _treatment(request, person), all_tools().get(tool)
    if treatment is None or schema is None or not schema.built:
        raise Http404
    entries = entries_of(treatment, tool)
    look = Look(schema, [joined(versions) for versions in entries], timezone.localtime(now), language)
    marks = marks_in(flags_of([person], also_closed=True)[person.pk])
    part, chart = part_of(tool), part_of(tool).chart(look)
    context = {
        "patient": person, "name": in_words(schema.name, language), "week": part.week(look), "chart": chart,
        "chart_page": "charts/bars_with_table.html" if isinstance(chart, Bars) else "charts/trend_with_table.html",
        "tables": tables(schema, entries, marks, Reader(language, placeholders(treatment, now))),
        "tabs": _tabs(person, _used(request, treatment, language), tool),
        "shown": SHOWN if sum(map(len, entries)) == SHOWN else 0,
    }  # fmt: skip
    return render(request, "patient_view/tool.html", context)


def _treatment(request: HttpRequest, person: Patient) -> Treatment | None:
    """Return the patient's latest treatment, as the patient's page shows it."""
    visible = Treatment.objects.visible_to(signed_in(request)).filter(patient=person)
    related = visible.select_related("assignment__therapist", "patient__user")
    return related.order_by("-planned_at", "-pk").first()


def _used(request: HttpRequest, treatment: Treatment | None, language: str) -> list[dict[str, Any]]:
    """Return the tools with entries: id, name, how many entries, and when the last was sent. One query."""
    counted = (
        Submission.objects.visible_to(signed_in(request))
        .filter(treatment=treatment, kind=Submission.Kind.TOOL)
        .values("form")
        .annotate(count=Count("pk", filter=Q(replaces=None)), last=Max("sent_at"))
        .order_by("-last")
    )
    known = all_tools()
    return [each | {"name": in_words(known[each["form"]].name, language)} for each in counted if each["form"] in known]


def _tabs(person: Patient, used: list[dict[str, Any]], current: str) -> list[dict[str, Any]]:
    return [
        {
            "url": reverse("patient-tool", args=[person.code, each["form"]]), "label": each["name"],
            "count": each["count"], "current": each["form"] == current,
        }
        for each in used
    ]  # fmt: skip
