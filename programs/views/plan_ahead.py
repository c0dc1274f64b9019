"""The patient's plan ahead: read it, sort what was collected, print it, and save a line from what is read elsewhere."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinics.access import Permission, requires
from programs.actions import keep_line, move_line, remove_line
from programs.doors import may_write, own_treatment, unlocked_tools
from programs.models import KeptLine, Submission
from programs.pages.recall import holds_withheld, withheld_words
from programs.plans.plan_ahead import TOOL, PlanAhead, part_ids
from programs.toolkit.entries import in_words, title_of
from programs.tools import tools


@require_safe
@requires(Permission.DO_TREATMENT)
def plan(request: HttpRequest) -> HttpResponse:
    """Show the plan as it grows, with the lines that are not sorted yet first."""
    treatment = own_treatment(request, what="plan-ahead", now=timezone.now())
    context = {
        "plan": PlanAhead(treatment, _language()),
        "may_write": may_write(treatment),
        "is_unlocked": any(schema.id == TOOL for schema in unlocked_tools(treatment)),
    }
    return render(request, "plan_ahead/plan.html", context)


@require_safe
@requires(Permission.DO_TREATMENT)
def printed(request: HttpRequest) -> HttpResponse:
    """Show the plan as it is printed."""
    treatment = own_treatment(request, what="plan-ahead", now=timezone.now())
    return render(request, "plan_ahead/printed.html", {"plan": PlanAhead(treatment, _language())})


@require_POST
@requires(Permission.DO_TREATMENT)
def sort(request: HttpRequest) -> HttpResponse:
    """Move one line to a part of the plan, take it out, or put it back."""
    now = timezone.now()
    treatment = own_treatment(request, what="plan-ahead", now=now)
    ahead, by = PlanAhead(treatment, _language()), treatment.patient.user
    line, part = ahead.line(_key(request)), request.POST.get("part", "")
    if line is None or part not in ("", *part_ids()):
        raise Http404
    if not may_write(treatment):
        return redirect("plan-ahead")
    row = keep_line(
        treatment=treatment, origin=line.origin, source=line.source, text=line.text, by=by, now=now, part=line.part
    )
    if "remove" in request.POST:
        remove_line(line=row, by=by, now=now)
        messages.success(request, _("Taken out of the plan. You find it at the bottom, if you want it back."))
    elif "restore" not in request.POST:
        move_line(line=row, part=part, by=by, now=now)
    return redirect(f"{reverse('plan-ahead')}#line-{line.key}")


@require_POST
@requires(Permission.DO_TREATMENT)
def keep_entry(request: HttpRequest, submission: UUID) -> HttpResponse:
    """Save what one of the patient's own tool entries is about, or take it out again (undo)."""
    now = timezone.now()
    treatment = own_treatment(request, what="plan-ahead", now=now)
    entry = get_object_or_404(
        treatment.submissions.filter(kind=Submission.Kind.TOOL, form__in=tools()), code=submission
    )
    schema = tools()[entry.form]
    text, by = title_of(schema, entry.answers, _language()), treatment.patient.user
    if may_write(treatment) and text and not holds_withheld(text, withheld_words(treatment)):
        line = keep_line(
            treatment=treatment, origin=f"entry:{entry.code}", source=in_words(schema.name, _language()), text=text,
            by=by, now=now,
        )  # fmt: skip
        _undo_or_tell(request, line)
    return redirect(f"{reverse('tool', args=[entry.form])}#entry-{entry.code}")


def _undo_or_tell(request: HttpRequest, line: KeptLine) -> None:
    """Take the line out again where that was asked for; else say where it is now."""
    if "undo" in request.POST:
        remove_line(line=line, by=line.treatment.patient.user, now=timezone.now())
    else:
        messages.success(request, _("Saved in your plan ahead."))


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("line", ""))
    except ValueError:
        raise Http404 from None


def _language() -> str:
    return get_language() or "sv"
