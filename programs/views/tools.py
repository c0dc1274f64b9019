"""The patient's tools: record in a few taps, change what was recorded, and see it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinics.access import Permission, requires
from clinics.audit import Did, audit
from clinics.crisis import box_contacts
from programs.actions import AnswersRefused, NotOpen, send_tool_entry
from programs.charts import Bars
from programs.doors import own_treatment, unlocked_tools
from programs.forms import ToolForm
from programs.forms.tools import moved
from programs.plans.plan_ahead import TOOL as PLAN_AHEAD
from programs.plans.plan_ahead import kept_codes
from programs.toolkit.entries import in_words, shown, title_of
from programs.views.forms import key_in
from programs.views.tool_visit import SUGGESTIONS, Visit, current_language, enter

NOT_KEPT = (PLAN_AHEAD, "sleep_diary")  # the plan itself, and nights: no words to save in the plan


@require_safe
@requires(Permission.DO_TREATMENT)
def tools(request: HttpRequest) -> HttpResponse:
    """List the tools that have come so far."""
    treatment = own_treatment(request, what="tools", now=timezone.now())
    listed = [schema for schema in unlocked_tools(treatment) if schema.id != PLAN_AHEAD]  # it has a row of its own
    named = [(schema.id, in_words(schema.name, current_language())) for schema in listed]
    return render(request, "programs/tools.html", {"tools": named})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def tool(request: HttpRequest, tool: str) -> HttpResponse:
    """Show the tool's form and what was recorded; a post saves one entry, which sends it."""
    visit = enter(request, tool, timezone.now())
    if request.method != "POST":
        return _begin(request, visit)
    return _move(request, visit) if "move" in request.POST else _record(request, visit)


@require_safe
@requires(Permission.DO_TREATMENT)
def tool_print(request: HttpRequest, tool: str) -> HttpResponse:
    """Show all that was recorded, for paper."""
    visit = enter(request, tool, timezone.now())
    return render(request, "programs/tool_print.html", visit_shown(visit) | {"printed_at": visit.now})


def _begin(request: HttpRequest, visit: Visit) -> HttpResponse:
    draft = visit.treatment.patient.user.drafts.filter(form_key=visit.form_key).first()
    form = ToolForm(
        visit.schema, visit.kind, visit.language, initial=dict(draft.data) if draft else visit.initial(),
        quick=visit.quick, suggestions=SUGGESTIONS if visit.suggested else "", choices=visit.choices,
    )  # fmt: skip
    begun: dict[str, Any] = {
        "suggested": visit.suggested, "draft": draft, "version": draft.version if draft else 0,
        "kept_draft": bool(draft and (visit.edited or "suggestion" in request.GET)),
    }  # fmt: skip
    return _show(request, visit, form, **begun)


def _record(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = ToolForm(
        visit.schema, visit.kind, visit.language, data=request.POST, quick=visit.quick, choices=visit.choices
    )
    if not visit.standing.may_write:
        return _show(request, visit, form, is_closed=True)
    if not form.is_valid() or form.refuse(visit.part.refuse(visit.look, form.entry)):
        return _show(request, visit, form)
    return _send(request, visit, form.entry) or _show(request, visit, form, is_closed=True)


def _send(request: HttpRequest, visit: Visit, entry: dict[str, Any]) -> HttpResponse | None:
    """Store the entry and lead to its receipt; None when the treatment takes nothing now."""
    try:
        sent = send_tool_entry(
            treatment=visit.treatment, tool=visit.schema.id, entry=entry, key=key_in(request) or uuid4(),
            by=visit.treatment.patient.user, now=visit.now, replaces=visit.replaces(),
        )  # fmt: skip
    except (AnswersRefused, NotOpen):
        return None
    first = sent.replaces or sent  # an entry is known by the code of its first version
    query = urlencode({**visit.back, "receipt": str(first.code)})
    return redirect(f"{reverse('tool', args=[visit.schema.id])}?{query}")


def _move(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Move one row of an entry up or down: a new version. From a page that is no longer the newest, nothing moves."""
    entry, here = visit.edited, redirect("tool", visit.schema.id)
    if entry is None or not visit.standing.may_write or request.POST.get("versions") != str(len(entry.former)):
        return here
    return _send(request, visit, moved(entry.data, request.POST["move"])) or here


def visit_shown(visit: Visit) -> dict[str, Any]:
    """Return what any page shows of what was recorded: entries in words, the week, and the chart."""
    chart = visit.part.chart(visit.look)
    chart_page = "charts/bars_with_table.html" if isinstance(chart, Bars) else "charts/trend_with_table.html"
    return {
        "name": in_words(visit.schema.name, visit.language), "tool": visit.schema.id,
        "entries": [
            shown(visit.schema, entry, visit.language, derived=visit.part.derived(entry.data))
            for entry in visit.entries
        ],
        "sentence": visit.part.week(visit.look), "chart": chart, "chart_page": chart_page,
    }  # fmt: skip


def _show(request: HttpRequest, visit: Visit, form: ToolForm, *, is_closed: bool = False, **more: Any) -> HttpResponse:
    if request.method == "POST":  # the door has audited the reading of a GET only
        patient = visit.treatment.patient
        audit(by=patient.user, did=Did.READ, what=f"tool:{visit.schema.id}", patient=patient, now=visit.now)
    edited, part = visit.edited, visit.part
    context = visit_shown(visit) | {
        "kept": kept_codes(visit.treatment, "entry") if visit.schema.id not in NOT_KEPT else None,
        "form": form, "form_key": visit.form_key, "edited": edited, "tells": visit.tells,
        "edited_title": title_of(visit.schema, edited.data, visit.language) if edited else "",
        "kinds": [(kind.id, in_words(kind.name, visit.language)) for kind in visit.schema.kinds if kind.id],
        "kind": visit.kind.id, "kind_name": in_words(visit.kind.name, visit.language),
        "panel": part.panel(visit.look) if part.panel else None, "panel_page": f"programs/tools/{visit.schema.id}.html",
        "timer": part.timer(visit.look, visit.kind),
        "version": 0, "key": key_in(request) or uuid4(), "is_closed": is_closed,
        "may_write": visit.standing.may_write, "why_shut": visit.standing.why, "contacts": box_contacts(visit.language),
        "receipt": visit.entry(request.GET.get("receipt")), "back": urlencode(visit.back), "query": visit.query,
        "step": visit.step_code,
        **more,
    }  # fmt: skip
    return render(request, "programs/tool.html", context, status=409 if is_closed else 200)
