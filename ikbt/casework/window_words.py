"""The arithmetic of a proposed sleep window, line by line, for the therapist who decides."""

from __future__ import annotations

from django.utils.translation import gettext as _

from programs.sleep.settings import settings
from programs.sleep.window import Proposal
from programs.toolkit.sleep import hours


def in_clock(clock: str) -> str:
    """Return "06:30" as it is read: 06.30."""
    return clock.replace(":", ".")


def arithmetic(proposal: Proposal) -> list[str]:
    """Return the proposal step by step, with every number that it is made of."""
    week, rules = proposal.week, settings().window
    counts = {
        "nights": week.nights, "sleep": hours(week.sleep), "bed": hours(week.in_bed), "part": round(week.efficiency),
    }  # fmt: skip
    lines = [_("%(nights)d nights: on average %(sleep)s slept of %(bed)s in bed, %(part)d per cent.") % counts]
    change = proposal.wished - (proposal.before if proposal.before is not None else round(week.sleep))
    facts = {
        "before": hours(proposal.before or 0), "change": abs(change), "wished": hours(proposal.wished),
        "sleep": hours(week.sleep), "over": rules.over_sleep, "wide": rules.widen_from, "keep": rules.keep_from,
        "below": rules.widen_from - 1,
    }  # fmt: skip
    lines.append(_RULES[proposal.reason.value, proposal.before is None]() % facts)
    if proposal.is_held_up:
        lines.append(_("Never less than %(floor)s: that decides here.") % {"floor": hours(proposal.floor)})
    if proposal.minutes not in (proposal.wished, proposal.floor):
        lines.append(_("Rounded to what a clock shows: %(minutes)s.") % {"minutes": hours(proposal.minutes)})
    return lines


_RULES = {
    ("start", True): lambda: _("First window: mean sleep %(sleep)s and %(over)d minutes are %(wished)s."),
    ("dozing", True): lambda: _(
        "First window, and sleepy by day: mean sleep %(sleep)s and %(change)d minutes are %(wished)s. Ring the patient."
    ),
    ("dozing", False): lambda: _(
        "Sleepy by day or at the wheel: %(before)s and %(change)d minutes more are %(wished)s. Ring the patient."
    ),
    ("wider", False): lambda: _("%(wide)d per cent or more: %(before)s and %(change)d minutes more are %(wished)s."),
    ("same", False): lambda: _("From %(keep)d to %(below)d per cent: %(before)s stays."),
    ("narrower", False): lambda: _("Less than %(keep)d per cent: %(before)s less %(change)d minutes are %(wished)s."),
}  # fmt: skip
