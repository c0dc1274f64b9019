"""The therapist's switches on one patient's way: each is one verb, logged and told to the patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinics.access import Permission, open_patient, requires, signed_in
from clinics.audit import Did, audit
from clinics.models import Patient
from ikbt.casework.way import latest_treatment, read_way
from ikbt.views.patient import running_treatment
from programs import actions
from programs.actions import GateClosed, GateNotWhole, SwitchRefused, Why
from programs.forms.way import DateForm, HideForm
from programs.models import Step, Treatment
from programs.treatment.gates import Gates
from programs.views.unsent import gives_back

Verb = Callable[..., object]


@require_safe
@requires(Permission.READ_RECORD)
def way(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show the modules in the patient's order with the switches, the checklists and what was changed."""
    return _show(request, open_patient(request, code), {})


@require_POST
@requires(Permission.WRITE_MESSAGE)
@gives_back
def hide(request: HttpRequest, code: UUID, step: UUID) -> HttpResponse:
    """Take a module out of the patient's way."""
    person, chosen = _opened(request, code, step)
    form = HideForm(request.POST, is_core=bool(chosen.module.facts.get("core")), auto_id="hide_%s")
    if not form.is_valid():
        return _show(request, person, {f"hide:{step}": form})
    verb = partial(actions.hide_module, step=chosen, words=form.cleaned_data["words"])
    return _throw(request, code, verb, _("Part %(number)s is taken out."), chosen)


@require_POST
@requires(Permission.WRITE_MESSAGE)
def show(request: HttpRequest, code: UUID, step: UUID) -> HttpResponse:
    """Put a module back."""
    _person, chosen = _opened(request, code, step)
    return _throw(request, code, partial(actions.show_module, step=chosen), _("Part %(number)s is back."), chosen)


@require_POST
@requires(Permission.WRITE_MESSAGE)
def repeat(request: HttpRequest, code: UUID, step: UUID) -> HttpResponse:
    """Let the patient do a module once more."""
    _person, chosen = _opened(request, code, step)
    words = _("Part %(number)s waits for the patient again, with the earlier answers filled in.")
    return _throw(request, code, partial(actions.repeat_module, step=chosen), words, chosen)


@require_POST
@requires(Permission.WRITE_MESSAGE)
def move(request: HttpRequest, code: UUID, step: UUID) -> HttpResponse:
    """Give a module the place that was posted. Posted twice it is one move."""
    _person, chosen = _opened(request, code, step)
    place = request.POST.get("to", "")
    if not (place.isascii() and place.isdigit() and len(place) < 4):
        return redirect("way", code)
    verb = partial(actions.move_module, step=chosen, to=int(place))
    return _throw(request, code, verb, _("Part %(number)s has another place."), chosen)


@require_POST
@requires(Permission.WRITE_MESSAGE)
@gives_back
def date(request: HttpRequest, code: UUID, step: UUID) -> HttpResponse:
    """Give a module another date, together with a smaller step."""
    person, chosen = _opened(request, code, step)
    today = timezone.localdate()
    form = DateForm(request.POST, today=today, auto_id="date_%s")
    if not form.is_valid():
        return _show(request, person, {f"date:{step}": form})
    verb = partial(
        actions.move_date, step=chosen, to=form.cleaned_data["to"], smaller_step=form.cleaned_data["smaller_step"],
        today=today,
    )  # fmt: skip
    return _throw(request, code, verb, _("Part %(number)s has a new date and a smaller step."), chosen)


@require_POST
@requires(Permission.WRITE_MESSAGE)
def add_tool(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give the patient a tool beside those of the modules."""
    treatment = _running(request, code)
    verb = partial(actions.add_tool, treatment=treatment, tool=request.POST.get("tool", ""))
    return _throw(request, code, verb, _("The patient has the tool now."))


@require_POST
@requires(Permission.WRITE_MESSAGE)
def tick_gate(request: HttpRequest, code: UUID, gate: str) -> HttpResponse:
    """Open a gate whose lines are all ticked; the form posts each line's number."""
    treatment = _running(request, code)
    lines = Gates(treatment).gate(gate).lines
    ticked = [line for number, line in enumerate(lines) if str(number) in request.POST.getlist("item")]
    verb = partial(actions.tick_gate, treatment=treatment, gate=gate, items=ticked)
    return _throw(request, code, verb, _("The checklist is gone through. What stands behind it can be opened."))


@require_POST
@requires(Permission.WRITE_MESSAGE)
def withdraw_gate(request: HttpRequest, code: UUID, gate: str) -> HttpResponse:
    """Close a gate again."""
    treatment = _running(request, code)
    verb = partial(actions.withdraw_gate, treatment=treatment, gate=gate)
    return _throw(request, code, verb, _("The checklist is taken back. What stands behind it is closed for now."))


def _throw(request: HttpRequest, code: UUID, verb: Verb, done: str, step: Step | None = None) -> HttpResponse:
    """Throw the switch and say what came of it, on the way's page."""
    try:
        verb(by=signed_in(request), now=timezone.now())
    except SwitchRefused as refused:
        messages.error(request, refusal(refused.why))
    except GateClosed:
        messages.error(request, _("A checklist stands before this. Go through it first, below."))
    except GateNotWhole:
        messages.error(
            request, _("Every line of the checklist must be ticked before it opens anything. Nothing is changed.")
        )
    else:
        messages.success(request, done % {"number": step.module.number} if step else done)
    return redirect("way", code)


def refusal(why: Why) -> str:
    """Return in a kind sentence why a switch was refused, and what to do."""
    return {
        Why.ENDED: _("The treatment has ended, so its plan stays as it is."),
        Why.CORE_NEEDS_REASON: _(
            "This part belongs to the core of the programme. Write why it is taken out; the patient reads it."
        ),
        Why.NOT_SENT: _("The patient has not sent this part yet, so it waits already. Move its date instead."),
        Why.HIDDEN: _("This part is taken out. Put it back first."),
        Why.DATE_AND_SMALLER_STEP: _(
            "A new date needs a smaller step beside it, and a smaller step a new date. Write both."
        ),
        Why.DATE_PASSED: _("That day has passed. Choose today or a later day."),
        Why.UNKNOWN_TOOL: _("That tool cannot be added. Choose one from the list."),
    }[why]


def _show(request: HttpRequest, person: Patient, forms: Mapping[str, HideForm | DateForm]) -> HttpResponse:
    now, user = timezone.now(), signed_in(request)
    if request.method == "POST":  # the door has audited the reading of a GET only
        audit(by=user, did=Did.READ, what=f"patient:{person.code}", patient=person, now=now)
    treatment = latest_treatment(person, user)
    context: dict[str, object] = {"patient": person, "treatment": treatment}
    if treatment:
        context["way"] = read_way(treatment, get_language() or "sv", timezone.localdate(now), forms)
        context["may_change"] = treatment.is_running
        context["is_planned"] = treatment.state == Treatment.State.PLANNED
    return render(request, "patient_view/way.html", context)


def _running(request: HttpRequest, code: UUID) -> Treatment:
    return running_treatment(signed_in(request), open_patient(request, code))


def _opened(request: HttpRequest, code: UUID, step: UUID) -> tuple[Patient, Step]:
    """Return the patient and one module of the treatment that runs; 404 for any other."""
    person = open_patient(request, code)
    treatment = running_treatment(signed_in(request), person)
    found: Step = get_object_or_404(treatment.steps.select_related("module", "treatment"), code=step)
    return person, found
