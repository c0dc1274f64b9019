"""The reasons of the work list in words, one chip each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ikbt.casework.flags_listed import ListedFlag
from ikbt.casework.order import ANSWER_WITHIN, Placed, Reason, Standing
from ikbt.moments import in_words
from programs.numbers import written
from riskmonitor.rules import Kind

TOLD_BY = {Reason.WORSE: Kind.DETERIORATION, Reason.INACTIVE: Kind.BREAK_OFF}  # an open flag says it with more words


class Chip(NamedTuple):
    """Words, the level that colours them, and plain text to stand after them."""

    text: str
    level: str = ""
    detail: str = ""


def of(placed: Placed, flags: Sequence[ListedFlag], now: datetime) -> tuple[Chip, ...]:
    """Return the chips of one patient, in the order of the reasons."""
    found: list[Chip] = []
    for reason in placed.reasons:
        if reason == Reason.FLAG:
            found += [chip for flag in flags for chip in _of_flag(flag, now)]
        elif not any(flag.kind == TOLD_BY.get(reason) for flag in flags):
            found.append(_CHIPS[reason](placed.standing, now))
    if placed.standing.is_paused:
        found.append(Chip(_("Paused")))
    if placed.standing.is_planned:
        found.append(Chip(_("Not started")))
    return tuple(found)


def clocks(flags: Sequence[ListedFlag], now: datetime) -> tuple[Chip, ...]:
    """Return that flags are open, before when they shall be answered and whose they are; never what they say."""
    return tuple(Chip(_("Flag"), flag.urgency, f"{_clock(flag, now)}, {flag.owner_name}") for flag in flags)


def course(totals: Sequence[float]) -> str:
    """Return in words what the little line shows."""
    if len(totals) < 2:
        return ""
    words = {"first": written(totals[0]), "last": written(totals[-1]), "count": len(totals)}
    return _("From %(first)s to %(last)s in %(count)s measures") % words


def _clock(flag: ListedFlag, now: datetime) -> str:
    return _("answer before %(when)s") % {"when": in_words(flag.due_at, now)}


def _of_flag(flag: ListedFlag, now: datetime) -> list[Chip]:
    """Return what the flag says, and when a patient who was not reached is tried again: coloured once it is time."""
    found = [Chip(flag.words, flag.urgency, _clock(flag, now))]
    if flag.try_again_at:
        words = _("Next try %(when)s") % {"when": in_words(flag.try_again_at, now)}
        found.append(Chip(words, flag.urgency if flag.try_again_at <= now else ""))
    return found


def _worse(standing: Standing, now: datetime) -> Chip:
    return Chip(_("Marked worsening"), "today")


def _unread(standing: Standing, now: datetime) -> Chip:
    since = standing.oldest_unread_at
    late = since is not None and now - since > ANSWER_WITHIN
    words = ngettext("%(count)s unread message", "%(count)s unread messages", standing.unread)
    detail = _("since %(when)s") % {"when": in_words(since, now)} if since and late else ""
    return Chip(words % {"count": standing.unread}, "today" if late else "new", detail)


def _handed_in(standing: Standing, now: datetime) -> Chip:
    words = ngettext("Module handed in", "%(count)s modules handed in", standing.handed_in)
    return Chip(words % {"count": standing.handed_in}, "new")


def _safety(standing: Standing, now: datetime) -> Chip:
    return Chip(_("Answer about safety"), "today", in_words(standing.safety_at, now) if standing.safety_at else "")


def _answered(standing: Standing, now: datetime) -> Chip:
    words = _("Follow-up answered") if standing.has_ended else _("Questions before the start answered")
    return Chip(words, "new", in_words(standing.answered_at, now) if standing.answered_at else "")


def _stuck(standing: Standing, now: datetime) -> Chip:
    return Chip(_("It is slow going"), "new", in_words(standing.stuck_at, now) if standing.stuck_at else "")


def _contact_due(standing: Standing, now: datetime) -> Chip:
    day = date_format(standing.next_contact_on, "j F") if standing.next_contact_on else ""
    return Chip(_("Contact planned for %(day)s") % {"day": day}, "new")


def _window(standing: Standing, now: datetime) -> Chip:
    return Chip(_("Sleep window to decide on"), "new")


def _no_fall(standing: Standing, now: datetime) -> Chip:
    return Chip(_("No fall since the start"), "warn")


def _inactive(standing: Standing, now: datetime) -> Chip:
    days = (now - standing.last_active_at).days if standing.last_active_at else 0
    return Chip(ngettext("Not active for %(days)s day", "Not active for %(days)s days", days) % {"days": days}, "week")


def _closing(standing: Standing, now: datetime) -> Chip:
    return Chip(_("Time to close the treatment"))


_CHIPS: dict[Reason, Callable[[Standing, datetime], Chip]] = {
    Reason.SAFETY: _safety,
    Reason.WORSE: _worse,
    Reason.UNREAD: _unread,
    Reason.HANDED_IN: _handed_in,
    Reason.ANSWERED: _answered,
    Reason.STUCK: _stuck,
    Reason.CONTACT_DUE: _contact_due,
    Reason.WINDOW: _window,
    Reason.NO_FALL: _no_fall,
    Reason.INACTIVE: _inactive,
    Reason.CLOSING: _closing,
}
