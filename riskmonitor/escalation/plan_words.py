"""An escalation plan in words, for the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from messaging.models import Channel
from riskmonitor.escalation.plan_preview import Moment
from riskmonitor.escalation.plan_rules import Fault, Scope
from riskmonitor.escalation.saved_plans import Reading
from riskmonitor.escalation.steps import EVERY_WAY, Audience, Step, Wait, Way
from riskmonitor.models.flag import AUDIENCES

NAMES = {
    "now": gettext_lazy("Flags to answer now"),
    "today": gettext_lazy("Flags to answer today"),
    "week": gettext_lazy("Flags to answer this week"),
    "cover-now": gettext_lazy("A patient without cover: now"),
    "cover-today": gettext_lazy("A patient without cover: today"),
    "cover-week": gettext_lazy("A patient without cover: this week"),
}
FAULTS = {
    Fault.EMPTY: gettext_lazy("Choose whom the flag turns to first. A plan cannot be empty."),
    Fault.TOO_MANY: gettext_lazy("There are too many steps."),
    Fault.STARTS_LATE: gettext_lazy("The first step must come at once: somebody must have the flag from the start."),
    Fault.STEPS_BACK: gettext_lazy(
        "This step comes before the one above it. Choose a longer wait, or change the order."
    ),
    Fault.CYCLE: gettext_lazy("The same people have been asked already. Choose a longer wait, or others."),
    Fault.NOT_ON_OFFER: gettext_lazy("Choose among the answers in the list."),
    Fault.ENDS_IN_NOBODY: gettext_lazy(
        "The plan must end with the lead or the deputy lead: one of them is always there. Change the last step."
    ),
    Fault.NO_WAY: gettext_lazy("Choose at least one way in which they are told."),
    Fault.NO_MAIL: gettext_lazy(
        "The last step must go by e-mail too: it is the one way that does not hang on a browser or a telephone. "
        "Tick e-mail."
    ),
    Fault.NO_REPEAT: gettext_lazy("The last step must come again until somebody answers. Choose how often."),
}
READINGS = {
    Reading.MAIL_ADDED: gettext_lazy(
        "The plan was saved without e-mail at its last step. E-mail is the one way that does not hang on a browser or "
        "a telephone, and is demanded there now. Flags follow the plan with e-mail added; nothing else is changed. "
        "Save it to confirm."
    ),
    Reading.REFUSED: gettext_lazy(
        "The platform no longer accepts the plan that was saved. Flags follow the plan that comes with the platform "
        "instead. Choose a plan and save it."
    ),
    Reading.UNREADABLE: gettext_lazy(
        "The plan that was saved can no longer be read. Flags follow the plan that comes with the platform instead. "
        "Choose a plan and save it."
    ),
}


@dataclass(frozen=True)
class Line:
    """One step in words; `ways` is empty when all are taken."""

    audience: str
    wait: str
    repeat: str
    ways: str


def name_of(scope: Scope) -> str:
    return str(NAMES[scope.name])


def reading_words(reading: Reading) -> str:
    """Return what those who set the plan must know of how it is followed; nothing when it is followed as saved."""
    return str(READINGS.get(reading, ""))


def audience_words(audience: Audience) -> str:
    return str(dict(AUDIENCES)[audience])


def wait_words(wait: Wait) -> str:
    """Return after how long a step comes."""
    if wait.days:
        return ngettext("after %(n)s working day", "after %(n)s working days", wait.days) % {"n": wait.days}
    if not wait.minutes:
        return _("at once")
    return ngettext("after %(n)s minute", "after %(n)s minutes", wait.minutes) % {"n": wait.minutes}


def repeat_words(repeat: Wait | None) -> str:
    """Return how often a step comes again, nothing for once."""
    if repeat is None:
        return ""
    if repeat.days:
        return ngettext("again every working day", "again every %(n)s working days", repeat.days) % {"n": repeat.days}
    return _("again every %(n)s minutes") % {"n": repeat.minutes}


def way_words(way: Way) -> str:
    return str(Channel(way).label)


def lines(steps: Sequence[Step]) -> list[Line]:
    return [
        Line(audience_words(each.audience), wait_words(each.wait), repeat_words(each.repeat), _ways(each))
        for each in steps
    ]


def _ways(step: Step) -> str:
    return "" if step.ways == EVERY_WAY else ", ".join(way_words(way) for way in Way if way in step.ways)


@dataclass(frozen=True)
class Climbed:
    """One line of a time line; nobody in `who`: nobody would be there."""

    at: datetime
    who: str
    again: bool


def climbed(each: Moment) -> Climbed:
    return Climbed(each.at, ", ".join(map(audience_words, each.audiences)), each.again)
