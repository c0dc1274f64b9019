"""What the tools with minutes have of their own: a steady pace, and the practice timer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programs.charts import Bar, bars
from programs.toolkit import pacing
from programs.toolkit.entries import Recorded
from programs.toolkit.part import Chart, Look, Timer, ToolPart, by_day, day_name, number, only_days_written
from programs.tools import EntryKind

TIMES = 14  # of a steady pace, in the chart
PRACTICE_MINUTES = 3


@dataclass(frozen=True)
class Pace:
    """One activity this week. Minutes; spread is the shortest and the longest time, None before the first."""

    activity: str
    base: float
    quota: int
    spread: tuple[int, int] | None


def paces(look: Look) -> list[Pace]:
    """Return each activity that has a baseline, the newest baseline of each, in the order they were last set."""
    newest: dict[str, Recorded] = {}
    for entry in look.of_kind("baseline"):
        newest.setdefault(entry.data["activity"], entry)
    return [_pace(look, activity, entry) for activity, entry in newest.items()]


def _pace(look: Look, activity: str, entry: Recorded) -> Pace:
    done = [each for each in look.of_kind("day") if each.data["activity"] == activity]
    base = pacing.baseline([int(entry.data[name]) for name in ("first", "second", "third")])
    risen = pacing.raises(entry.day, [each.day for each in done], look.today)
    minutes = [int(each.data["done"]) for each in done]
    return Pace(activity, base, pacing.quota(base, risen), (min(minutes), max(minutes)) if minutes else None)


def _paces(look: Look) -> dict[str, Any]:
    return {"paces": paces(look)}


def _activities(look: Look, kind: EntryKind) -> dict[str, list[str]]:
    """Return the activities with a baseline, to choose from where a time is written down."""
    return {"activity": [pace.activity for pace in paces(look)]} if kind.id == "day" else {}


def _kept(look: Look) -> str:
    done = [entry for entry in look.this_week if look.schema.kind_of(entry.data).id == "day"]
    if not done:
        return ""
    kept = sum(1 for entry in done if entry.data.get("stopped") == "yes")
    words = ngettext(
        "The last seven days: written down %(n)d time. Stopped when the time was up: %(kept)d.",
        "The last seven days: written down %(n)d times. Stopped when the time was up: %(kept)d.",
        len(done),
    )
    return words % {"n": len(done), "kept": kept}


def _minutes(look: Look) -> Chart | None:
    """Return the minutes of the latest times beside the quota of now: how much they spread."""
    done = list(reversed(look.of_kind("day")[:TIMES]))
    if not done:
        return None
    quotas = {pace.activity: pace.quota for pace in paces(look)}
    rows = [
        Bar(
            f"{day_name(entry.day)} {entry.data['activity']}",
            (number(entry, "done"), quotas.get(entry.data["activity"])),
        )
        for entry in done
    ]
    return bars(
        id="minutes", title=_("How long it was, time by time"), series=[_("Minutes"), _("Right for this week")],
        bars=rows,
        note=_("A steady pace shows as bars of the same length, on good days and bad."),
    )  # fmt: skip


def _practised(look: Look) -> str:
    entries = look.this_week
    if not entries:
        return ""
    return _("The last seven days: you practised %(times)s, %(minutes)d minutes in all.") % {
        "times": ngettext("%(n)d time", "%(n)d times", len(entries)) % {"n": len(entries)},
        "minutes": sum(number(entry, "minutes") for entry in entries),
    }


def _practice_per_day(look: Look) -> Chart | None:
    rows = by_day(look, lambda entry: number(entry, "minutes"))
    if not rows:
        return None
    return bars(
        id="practice", title=_("Minutes of practice a day"), series=[_("Minutes")],
        bars=[Bar(day_name(day), (minutes,)) for day, minutes in rows.items()], note=only_days_written(),
    )  # fmt: skip


def _practice_timer(look: Look, kind: EntryKind) -> Timer:
    minutes = int(look.params.get("minutes", PRACTICE_MINUTES))
    return Timer(minutes * 60, "minutes", in_minutes=True, breath=look.params.get("kind", "breath") == "breath")


def _pace_timer(look: Look, kind: EntryKind) -> Timer | None:
    """Return a clock with the minutes of the newest activity, where a time is written down."""
    known = paces(look)
    return Timer(known[0].quota * 60, "done", in_minutes=True) if known and kind.id == "day" else None


PARTS = {
    "pacing": ToolPart(week=_kept, chart=_minutes, panel=_paces, choices=_activities, timer=_pace_timer),
    "practice": ToolPart(week=_practised, chart=_practice_per_day, timer=_practice_timer),
}
