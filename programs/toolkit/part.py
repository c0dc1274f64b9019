"""What a tool may have of its own, beside the form and the list that all tools share. Pure but for the translations.

A new tool needs nothing here: its fields stand in library/tools.yaml. What is its own is a ToolPart in PARTS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programs.charts import Bar, Bars, Trend, bars
from programs.fields import Entry, FieldFault
from programs.toolkit.entries import Facts, Recorded, title_of
from programs.tools import EntryKind, ToolSchema

WEEK = timedelta(days=7)
DAYS_SHOWN = 7
Chart = Trend | Bars


@dataclass(frozen=True)
class Look:
    """What a tool's part is told: the entries (newest first), the local time, and the module's parameters."""

    schema: ToolSchema
    entries: Sequence[Recorded]
    now: datetime
    language: str = "sv"
    params: Mapping[str, str | int] = field(default_factory=dict)
    own: Any = None  # what the tool's own rows say (programs.toolkit.tool_rows), None for most tools

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def this_week(self) -> list[Recorded]:
        """Return the entries of the last seven days."""
        return [entry for entry in self.entries if entry.at >= self.now - WEEK]

    def title(self, entry: Recorded) -> str:
        return title_of(self.schema, entry.data, self.language)

    def of_kind(self, kind: str) -> list[Recorded]:
        return [entry for entry in self.entries if self.schema.kind_of(entry.data).id == kind]


@dataclass(frozen=True)
class Timer:
    """A clock beside the form: counts down `seconds`, and writes the time into the field `fills`.

    `breath` is true where it also shows when to breathe in and out.
    """

    seconds: int
    fills: str
    in_minutes: bool
    breath: bool = False

    @property
    def minutes(self) -> int:
        return self.seconds // 60


def times(look: Look) -> str:
    """Return how often something was written in the last seven days, "" for not at all."""
    count = len(look.this_week)
    words = ngettext(
        "The last seven days: you wrote here %(n)d time.", "The last seven days: you wrote here %(n)d times.", count
    )
    return words % {"n": count} if count else ""


def days_written(look: Look) -> Chart | None:
    """Return how many entries each of the last seven days has; None when nothing was written."""
    counted = by_day(look, lambda entry: 1)
    if not counted:
        return None
    return bars(
        id="days", title=_("How often you have written, the last seven days"), series=[_("Times")],
        bars=[Bar(day_name(day), (count,)) for day, count in counted.items()], note=only_days_written(),
    )  # fmt: skip


def by_day(look: Look, amount: Callable[[Recorded], float], *, days: int = DAYS_SHOWN) -> dict[date, float]:
    """Return the sum of an amount for each of the last days that has an entry, the oldest day first.

    A day without an entry is left out: nobody knows what happened then, and a nought would say that nothing did.
    """
    first = look.today - timedelta(days=days - 1)
    sums: dict[date, float] = {}
    for entry in sorted(look.entries, key=lambda entry: entry.day):
        if first <= entry.day <= look.today:
            sums[entry.day] = sums.get(entry.day, 0.0) + amount(entry)
    return sums


def only_days_written() -> str:
    """Return the words under a chart of days."""
    return _("Only days when you wrote something stand here.")


def day_name(day: date) -> str:
    """Return a day in short, such as "fre 20/11"."""
    return date_format(day, "D j/n").lower()


def number(entry: Recorded, name: str) -> float:
    """Return a number of the entry, 0 for one that was left out."""
    return float(entry.data.get(name, 0))


@dataclass(frozen=True)
class ToolPart:
    """What is one tool's own. `panel` gives the values of templates/programs/tools/<id>.html, shown above the form.

    initial: what stands in the empty form of one kind of entry; choices: words to choose from, by field;
    timer: a clock, None for none; derived: what follows from an entry, in words; refuse: why it cannot be taken now;
    only_one: a kind of which there is one entry, which is changed and never made anew; is_whole: each save is the whole
    record, so that what stands in it stands in the form, also what raised a flag.
    """

    week: Callable[[Look], str] = times
    chart: Callable[[Look], Chart | None] = days_written
    panel: Callable[[Look], dict[str, Any]] | None = None
    initial: Callable[[Look, EntryKind], dict[str, Any]] = lambda look, kind: {}
    choices: Callable[[Look, EntryKind], Mapping[str, Sequence[str]]] = lambda look, kind: {}
    timer: Callable[[Look, EntryKind], Timer | None] = lambda look, kind: None
    derived: Callable[[Mapping[str, Any]], Facts] = lambda data: ()
    refuse: Callable[[Look, Entry], list[FieldFault]] = lambda look, entry: []
    only_one: str | None = None
    is_whole: bool = False
