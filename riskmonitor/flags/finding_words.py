"""What a rule about change, breaking off or a request found, in plain words for staff. Never how ill somebody is."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol
from uuid import UUID

from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from programs.numbers import written
from programs.shipped import instruments
from riskmonitor.rules import Reason, Sign
from riskmonitor.rules.break_off import RULE as BREAK_OFF
from riskmonitor.rules.deterioration import THAN_BEFORE, THAN_START, TWO_RISES

WORSE = {
    THAN_START: gettext_noop("%(form)s from %(before)s at the start to %(after)s"),
    THAN_BEFORE: gettext_noop("%(form)s from %(before)s the time before to %(after)s"),
    TWO_RISES: gettext_noop("%(form)s worse twice in a row, from %(before)s to %(after)s"),
}


class Found(Protocol):
    """What the words of a finding are made of: the finding itself, or a row of a list with the same names."""

    @property
    def rule(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def value(self) -> int | None: ...
    @property
    def draft_key(self) -> UUID | None: ...
    @property
    def phrase(self) -> str: ...
    @property
    def before(self) -> Decimal | None: ...


def is_worsening(finding: Found) -> bool:
    return finding.before is not None


def is_break_off(finding: Found) -> bool:
    return finding.rule.startswith(f"{BREAK_OFF}.")


def worsening_words(finding: Found, after: Decimal | None) -> str:
    """Return "PHQ-9 from 8 to 15, worse than at the start"; `after` is the total of the answers it was found in."""
    form, _dot, rule = finding.rule.partition(".")
    known = instruments().get(form)
    return _(WORSE[rule]) % {
        "form": known.called(get_language() or "sv") if known else form.upper(),
        "before": written(finding.before),
        "after": written(after),
    }


def limit_words(finding: Found) -> str:
    """Return what the worsening was measured with, so that anybody can count it again."""
    known = instruments().get(finding.rule.partition(".")[0])
    if known is None or known.reliable_change is None:
        return ""
    facts = {"points": written(known.reliable_change), "share": finding.value}
    return _("More than chance from %(points)s points. This change is %(share)s %% of that.") % facts


def break_off_words(finding: Found) -> str:
    """Return "Nothing sent, written or saved for 14 days or more"."""
    what = finding.rule.removeprefix(f"{BREAK_OFF}.").partition(".")[0]
    if what == Reason.RISK_ITEM:
        return _("The last answer about suicidal thoughts was above 0, or left out")
    if what == Reason.ROSE:
        return _("The last total had risen")
    words = {
        Sign.QUIET: _("Nothing sent, written or saved for %(days)s days or more"),
        Sign.MEASURE: _("Weekly questions unanswered for %(days)s days or more"),
        Sign.UNSENT: _("Part opened, and not sent for %(days)s days or more"),
        Sign.UNREAD: _("Message unread for %(days)s days or more"),
    }
    return words[Sign(what)] % {"days": finding.value}
