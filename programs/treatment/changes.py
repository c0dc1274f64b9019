"""Changes to a plan in plain words: what, by whom, and what to do instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from programs.models import PlanChange, Step
from programs.toolkit.entries import in_words
from programs.tools import tools


@dataclass(frozen=True)
class ChangeInWords:
    """One change as it is told. `reason` is the therapist's own words, `smaller_step` what to do instead."""

    words: str
    at: datetime
    reason: str = ""
    smaller_step: str = ""


def told(change: PlanChange, language: str) -> ChangeInWords:
    """Return the change in words; `change.by` and, where it is about a module, `change.step.module` are loaded."""
    facts = {"name": change.by.first_name, "part": _part(change), "tool": _tool(change, language)}
    if change.new_date:
        facts["day"] = date_format(change.new_date, "l j F")
    return ChangeInWords(_sentence(PlanChange.Kind(change.kind)) % facts, change.at, change.words, change.smaller_step)


def _part(change: PlanChange) -> str:
    if change.step is None:
        return ""
    module = change.step.module
    return _("part %(number)d, %(title)s") % {"number": module.number, "title": module.title}


def _tool(change: PlanChange, language: str) -> str:
    schema = tools().get(change.about)
    return in_words(schema.name, language) if schema else change.about


def _sentence(kind: PlanChange.Kind) -> str:
    return {
        PlanChange.Kind.OPENED: _("%(name)s opened %(part)s."),
        PlanChange.Kind.HIDDEN: _("%(name)s took out %(part)s. You do not need to do it."),
        PlanChange.Kind.SHOWN: _("%(name)s put back %(part)s."),
        PlanChange.Kind.REPEATED: _("%(name)s wants you to do %(part)s once more. Your earlier answers are kept."),
        PlanChange.Kind.REORDERED: _("%(name)s moved %(part)s to another place in your plan."),
        PlanChange.Kind.DATE_MOVED: _("%(name)s gave %(part)s a new date: %(day)s."),
        PlanChange.Kind.TOOL_ADDED: _("%(name)s gave you a new tool: %(tool)s."),
        PlanChange.Kind.GATE_OPENED: _("%(name)s has gone through the questions before the next part."),
        PlanChange.Kind.GATE_CLOSED: _("%(name)s wants to go through some questions with you again before you go on."),
        PlanChange.Kind.EDITION_MOVED: _("%(name)s moved you to a newer text. What you have written is kept."),
        PlanChange.Kind.WINDOW_CONFIRMED: _("%(name)s confirmed your times for sleep."),
    }[kind]


def moved_date(step: Step) -> PlanChange | None:
    """Return the last new date of a module with its smaller step, None where it was not moved (then no query)."""
    return step.plan_changes.filter(kind=PlanChange.Kind.DATE_MOVED).first() if step.due_on else None
