"""The patient's first page, and the receipt for a module: both join programs, messaging and riskmonitor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinics.access import Permission, own_patient, requires
from clinics.crisis import box_contacts
from clinics.models import Patient
from ikbt.own.own_week import OwnWeek, measures_url, own_week
from messaging.reading import promise_for
from programs.doors import is_over, may_write, own_step
from programs.measures.asking import answerable, asking_of
from programs.measures.schedule import Asking
from programs.models import Treatment
from programs.pages.filling import day_in_words, reply_day
from programs.plans.plan_ahead import TOOL as PLAN_AHEAD
from programs.plans.sleep_windows import DIARY
from programs.toolkit.entries import in_words
from programs.treatment.progress import Kind, NextStep, next_step, smallest_step


@dataclass(frozen=True)
class StepCard:
    """The one primary button of the page, and what stands around it. `short` leads to the smallest step."""

    title: str
    text: str
    action: str
    url: str
    over: str
    short: str = ""


@require_safe
@requires(Permission.DO_TREATMENT)
def patient_home(request: HttpRequest) -> HttpResponse:
    """Show the next step, the week, the last message and the course."""
    now = timezone.now()
    patient = own_patient(request, what="home", now=now)
    week = own_week(patient, now)
    context = {"name": patient.user.first_name, "clinic": patient.clinic, "week": week}
    context["is_over"] = week is None and is_over(patient)
    if week:
        here, planned = week.weeks
        language = get_language() or "sv"
        context |= {
            "card": _card(week), "tasks": week.tasks(), "earlier": week.earlier(), "here": here, "planned": planned,
            "window": week.window, "trend": week.course(),
            "tools": [(tool.id, in_words(tool.name, language)) for tool in week.tools if tool.id != PLAN_AHEAD],
        }  # fmt: skip
    if week is None or not week.runs:
        context |= _between(patient, now)
    return render(request, "patient/home.html", context)


@require_safe
@requires(Permission.DO_TREATMENT)
def module_receipt(request: HttpRequest, step: UUID) -> HttpResponse:
    """Say that the module has come, who reads it and by when. Help always stands here: the answers hold free text.

    After the end of the treatment it says that it came, and promises nothing anew.
    """
    now = timezone.now()
    sent = own_step(request, step, now)
    if sent.sent_at is None:
        return redirect("module", sent.code)
    context: dict[str, Any] = {"step": sent, "contacts": box_contacts(get_language() or "sv")}
    if may_write(sent.treatment):
        sent.treatment.assignment.patient = sent.treatment.patient  # loaded already
        promise = promise_for(sent.treatment.assignment, now)
        reply_by = max(filter(None, [reply_day(sent.treatment, now), promise.reply_by]))
        context |= {
            "promise": promise, "clinic": sent.treatment.patient.clinic.name, "reply_by": day_in_words(reply_by),
        }  # fmt: skip
    return render(request, "patient/receipt.html", context)


def _between(patient: Patient, now: datetime) -> dict[str, Any]:
    """Return what waits where no treatment runs: the questions before the next start, or the last follow-up's."""
    language, asked = get_language() or "sv", answerable(patient, now)
    if asked is None:
        return {}
    asking = asking_of(asked, now, language)
    if asked.state == Treatment.State.PLANNED:
        return {"card": _before_start(asked, asking), "is_planned": True}
    return {"asks": bool(asking.waiting)}  # a year after the end only the last follow-up is left


def _before_start(planned: Treatment, asking: Asking) -> StepCard:
    """Return the step before the start: the questions of the screening, then that somebody reads the answers."""
    name = planned.assignment.therapist.full_name
    if not asking.waiting:
        text = _("%(name)s reads your answers and plans the start together with you. Until then nothing waits for you.")
        return StepCard(_("Thank you for your answers"), text % {"name": name}, "", "", "")
    text = _("Your treatment is planned. Your answers help %(name)s and you to choose the right help.") % {"name": name}
    title, action = _("Some questions before we begin"), _("Answer")
    return StepCard(title, text, action, measures_url(asking), _asked(asking))


def _card(week: OwnWeek) -> StepCard:
    if not week.runs and week.question_waits:
        return _question(week)
    if not week.runs and week.measure_waits:
        text = _("Your treatment has ended. We would like to know how you are now.")
        return StepCard(_("How have you been?"), text, _("Answer"), measures_url(week.asking), _asked(week.asking))
    if not week.runs:
        return StepCard(
            title=_("Your treatment has ended"),
            text=_("Everything you have read and written stays here for you to read for a year."),
            action=_("See my plan"), url=reverse("plan"), over="",
        )  # fmt: skip
    step = next_step(
        follow_up_waits=week.follow_up_waits,
        question_waits=week.question_waits,
        measure_waits=week.measure_waits,
        modules=week.modules,
        log_waits=week.log_waits,
    )
    card = _CARDS[step.kind](week, step)
    asks = step.kind in {Kind.FOLLOW_UP, Kind.ASKED_AGAIN}
    smallest = smallest_step(week.modules) if week.is_quiet and not asks else None
    return replace(card, short=reverse("module-short", args=[smallest.code])) if smallest else card


def _follow_up(week: OwnWeek, step: NextStep) -> StepCard:
    text = _(
        "You marked that you have had thoughts of death or of hurting yourself. A few questions help us to help you."
    )
    return StepCard(_("How is it right now?"), text, _("Answer"), reverse("follow-up"), _("Next step, about 1 minute"))


def _question(week: OwnWeek, step: NextStep | None = None) -> StepCard:
    text = _("The last time, one question was left out. We ask again to be on the safe side.")
    url = reverse("asked-again")
    return StepCard(_("One more question"), text, _("To the question"), url, _("Next step, about 1 minute"))


def _measure(week: OwnWeek, step: NextStep) -> StepCard:
    text = _("The same questions each week. They show whether the treatment helps you.")
    return StepCard(_("How have you been?"), text, _("Answer"), measures_url(week.asking), _asked(week.asking))


def _asked(asking: Asking) -> str:
    """Return how many questions wait and how long they take."""
    count = asking.questions
    told = ngettext(
        "Next step: %(n)d question, about %(minutes)d min", "Next step: %(n)d questions, about %(minutes)d min", count
    )
    return told % {"n": count, "minutes": asking.minutes}


def _module(week: OwnWeek, step: NextStep) -> StepCard:
    module = step.module
    if module is None:
        raise ValueError(step.kind)
    begun = step.kind == Kind.CONTINUE
    done = {"done": module.pages_done, "pages": len(module.pages)}
    return StepCard(
        title=_("Part %(number)d: %(title)s") % {"number": module.number, "title": module.title},
        text=_("You have done %(done)d of %(pages)d pages. Everything is saved.") % done if begun else "",
        action=_("Continue where you were") if begun else _("Begin"),
        url=reverse("module", args=[module.code]),
        over=_("Next step, about %(minutes)d minutes") % {"minutes": module.minutes},
    )


def _log(week: OwnWeek, step: NextStep) -> StepCard:
    title, action = _("A row about your day"), _("Write a row")
    text = _("What did you do, and how did you feel? One row is enough.")
    if week.log == DIARY:
        title, action = _("The night that was"), _("Tell the night")
        text = _("A rough guess is enough. The last two nights can be told as well.")
    return StepCard(title, text, action, reverse("tool", args=[week.log]), _("Next step, about 1 minute"))


def _done(week: OwnWeek, step: NextStep) -> StepCard:
    text = _("Nothing more waits for you here. The rest you do in your ordinary days.")
    return StepCard(_("You are done for the week"), text, _("See my tools"), reverse("tools"), "")


_CARDS = {
    Kind.FOLLOW_UP: _follow_up,
    Kind.ASKED_AGAIN: _question,
    Kind.MEASURE: _measure,
    Kind.CONTINUE: _module,
    Kind.NEW_MODULE: _module,
    Kind.DAILY_LOG: _log,
    Kind.DONE: _done,
}
