"""A marked worsening: more than chance, in the direction that this questionnaire calls worse (pure).

The regional guideline asks for a routine for "strong deterioration" beside suicide risk. The limit is each
questionnaire's own reliable change (Jacobson & Truax 1991, J Consult Clin Psychol 59:12-19; the figures and their
sources stand in the instruments' files and, compared by a person, in `FORMS`). Where nobody has shown such a figure,
and for the project's own scales, nothing is called worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from riskmonitor.rules.kinds import Finding, Kind, UnknownForm, Urgency
from riskmonitor.rules.known_forms import FORMS, Form

# Two rises in a row count when they sum to this share of the reliable change (architecture, section 4): a clinical
# choice of the project's, no source gives a figure. A rise of this size also makes a sign of breaking off more urgent.
SLOW_SHARE = Decimal("0.5")
THAN_START, THAN_BEFORE, TWO_RISES = "worse_than_start", "worse_than_before", "two_rises"


def deterioration_findings(instrument_id: str, totals: Sequence[Decimal]) -> list[Finding]:
    """Return what the last total asks for, urgency today; `totals` are one treatment's, the oldest first.

    1. Worse than the first, or than the one before, by the reliable change or more.
    2. Two rises in a row from the lowest of the last three that sum to at least half the reliable change.

    Raise UnknownForm for a form without rules.
    """
    form = _form(instrument_id)
    if form.change is None or len(totals) < 2:
        return []
    found = []
    last, previous = totals[-1], totals[-2]
    if form.worsening(totals[0], last) >= form.change:
        found.append((THAN_START, totals[0]))
    if len(totals) > 2 and form.worsening(previous, last) >= form.change:
        found.append((THAN_BEFORE, previous))
    if len(totals) > 2 and _two_rises(instrument_id, totals[-3:]):
        found.append((TWO_RISES, totals[-3]))
    return [_finding(instrument_id, rule, before, last) for rule, before in found]


def rose(instrument_id: str, totals: Sequence[Decimal]) -> bool:
    """Say whether the last total is worse than the first, or than the one before, by half the reliable change."""
    form = _form(instrument_id)
    if form.change is None or len(totals) < 2:
        return False
    limit = form.change * SLOW_SHARE
    return any(form.worsening(before, totals[-1]) >= limit for before in (totals[0], totals[-2]))


def _two_rises(instrument_id: str, last_three: Sequence[Decimal]) -> bool:
    form = _form(instrument_id)
    low, middle, high = last_three
    rising = form.worsening(low, middle) > 0 and form.worsening(middle, high) > 0
    return rising and form.change is not None and form.worsening(low, high) >= form.change * SLOW_SHARE


def _finding(instrument_id: str, rule: str, before: Decimal, after: Decimal) -> Finding:
    form = _form(instrument_id)
    share = int(100 * form.worsening(before, after) / (form.change or 1))
    return Finding(Kind.DETERIORATION, Urgency.TODAY, f"{instrument_id}.{rule}", value=share, before=before)


def _form(instrument_id: str) -> Form:
    if (form := FORMS.get(instrument_id)) is None:
        raise UnknownForm(f"no rules for {instrument_id}")
    return form
