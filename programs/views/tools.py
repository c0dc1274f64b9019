"""The patient's tools: record in a few taps, and see what was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from clinics.access import Permission, requires
from clinics.audit import Did, audit
from clinics.crisis import box_contacts
from programs.actions import AnswersRefused, NotOpen, send_tool_entry
from programs.doors import own_treatment, tools_on_way, unlocked_tools
from programs.entries import Recorded, in_words, shown, title_of, week_sentence
from programs.forms import ToolForm
from programs.forms.tools import OUTCOME, QUICK, typed_entry
from programs.models import Step, Treatment
from programs.reading import ModuleReading
from programs.recall import withheld_words
from programs.records import recorded
from programs.standing import Standing
from programs.tools import ToolSchema, texts
from programs.views.forms import key_in

SHOWN = 100  # entries on the page
SUGGESTED = 8
LIST = "suggestions"  # id of the list of words to choose from


@require_safe
@requires(Permission.DO_TREATMENT)
def tools(request: HttpRequest) -> HttpResponse:
    """List the tools that have come so far."""
    treatment = own_treatment(request, what="tools", now=timezone.now())
    named = [(schema.id, in_words(schema.name, _language())) for schema in unlocked_tools(treatment)]
    return render(request, "programs/tools.html", {"tools": named})


@dataclass(frozen=True)
class Visit:
    """One visit to a tool: whose, which, when, and what was recorded with it before (newest first)."""

    treatment: Treatment
    schema: ToolSchema
    now: datetime
    entries: list[Recorded]
    standing: Standing

    def entry(self, code: str | None) -> Recorded | None:
        return next((entry for entry in self.entries if entry.code == code), None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def tool(request: HttpRequest, tool: str) -> HttpResponse:
    """Show the tool's form and what was recorded; a post saves one entry, which sends it."""
    now = timezone.now()
    treatment = own_treatment(request, what=f"tool:{tool}", now=now)
    schema = next((each for each in tools_on_way(treatment) if each.id == tool), None)
    if schema is None:
        raise Http404
    standing = Standing(treatment, now, tool=schema.id)
    visit = Visit(treatment, schema, now, recorded(treatment, schema.id, at_most=SHOWN), standing)
    return _record(request, visit) if request.method == "POST" else _begin(request, visit)


def _begin(request: HttpRequest, visit: Visit) -> HttpResponse:
    schema = visit.schema
    draft = visit.treatment.patient.user.drafts.filter(form_key=f"tool:{schema.id}").first()
    suggested, again = _suggested(request, visit), visit.entry(request.GET.get("again"))
    initial = dict(draft.data) if draft else _initial(request, visit, again, suggested)
    quick = (*OUTCOME, *QUICK[schema.id]) if again else ()
    form = ToolForm(schema, _language(), initial=initial, quick=quick, suggestions=LIST if suggested else "")
    begun: dict[str, Any] = {
        "suggested": suggested, "again": again, "draft": draft, "version": draft.version if draft else 0,
        "kept_draft": bool(draft and (again or "suggestion" in request.GET)),
    }  # fmt: skip
    return _show(request, visit, form, **begun)


def _record(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = ToolForm(visit.schema, _language(), data=request.POST)
    if not visit.standing.may_write:
        return _show(request, visit, form, is_closed=True)
    if not form.is_valid():
        return _show(request, visit, form)
    key, by = key_in(request) or uuid4(), visit.treatment.patient.user
    try:
        entry = send_tool_entry(
            treatment=visit.treatment, tool=visit.schema.id, entry=form.entry, key=key, by=by, now=visit.now
        )
    except (AnswersRefused, NotOpen):
        return _show(request, visit, form, is_closed=True)
    query = urlencode({**_back(request), "receipt": str(entry.code)})
    return redirect(f"{reverse('tool', args=[visit.schema.id])}?{query}")


def _show(request: HttpRequest, visit: Visit, form: ToolForm, *, is_closed: bool = False, **more: Any) -> HttpResponse:
    schema, language, back = visit.schema, _language(), _back(request)
    if request.method == "POST":  # the door has audited the reading of a GET only
        patient = visit.treatment.patient
        audit(by=patient.user, did=Did.READ, what=f"tool:{schema.id}", patient=patient, now=visit.now)
    context = {
        "name": in_words(schema.name, language), "tool": schema.id, "form": form, "form_key": f"tool:{schema.id}",
        "entries": [shown(schema, entry, language) for entry in visit.entries],
        "sentence": week_sentence(schema.id, visit.entries, visit.now - timedelta(days=7)),
        "version": 0, "key": key_in(request) or uuid4(), "is_closed": is_closed,
        "may_write": visit.standing.may_write, "why_shut": visit.standing.why,
        "receipt": visit.entry(request.GET.get("receipt")), "contacts": box_contacts(language),
        "back": urlencode(back), "step": _code(back.get("step", "")),
        **more,
    }  # fmt: skip
    return render(request, "programs/tool.html", context, status=409 if is_closed else 200)


def _back(request: HttpRequest) -> dict[str, str]:
    """Return from which exercise of which module the patient came."""
    return {name: request.GET[name] for name in ("step", "block") if name in request.GET}


def _initial(request: HttpRequest, visit: Visit, again: Recorded | None, suggested: list[str]) -> dict[str, Any]:
    """Return what stands in the form: the plan whose outcome is told, the chosen words, what is usual for the tool."""
    schema, here = visit.schema, timezone.localtime(visit.now)
    if again:
        return typed_entry(schema, again.data)
    initial: dict[str, Any] = {}
    if schema.id == "mood_log":
        initial = {"date": here.date().isoformat(), "time": f"{here:%H:%M}"}
    elif schema.id == "goals" and (last := _last_not_withheld(visit)):
        initial = typed_entry(schema, last.data, without=("close",))
    chosen = request.GET.get("suggestion", "")
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 3 and int(chosen) < len(suggested):
        initial[QUICK[schema.id][0]] = suggested[int(chosen)]
    return initial


def _last_not_withheld(visit: Visit) -> Recorded | None:
    """Return the last entry whose words may return: none of them raised a flag that is open still."""
    hidden = withheld_words(visit.treatment)
    free = (
        each for each in visit.entries if hidden.isdisjoint(words for _path, words in texts(visit.schema.id, each.data))
    )
    return next(free, None)


def _suggested(request: HttpRequest, visit: Visit) -> list[str]:
    """Return words for what the entry is about: the module's answers that lead here, then what was written before.

    Words that raised a flag which is open still are left out.
    """
    if visit.schema.id not in ("mood_log", "week_planner"):
        return []
    words: list[str] = []
    code = _code(request.GET.get("step", ""))
    step = _step(visit.treatment, code) if code else None
    if step:
        reading = ModuleReading(step, visit.now)
        block = reading.tool_block(request.GET.get("block", ""))
        words = reading.suggestions(block) if block else []
    words += [title_of(visit.schema, entry.data) for entry in visit.entries]
    hidden = withheld_words(visit.treatment)
    return [each for each in dict.fromkeys(words) if each not in hidden][:SUGGESTED]


def _step(treatment: Treatment, code: UUID) -> Step | None:
    related = ("module__revision", "treatment__patient__user", "treatment__assignment__therapist")
    return treatment.steps.open().shown().filter(code=code).select_related(*related).first()


def _code(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _language() -> str:
    return get_language() or "sv"
