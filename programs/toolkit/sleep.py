"""What the sleep diary has of its own: the morning card, the night in numbers, the week, and the window that holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from programs.charts import Bar, bars
from programs.fields import Entry, FieldFault
from programs.sleep.night import Night, night, too_late
from programs.sleep.settings import settings
from programs.sleep.week import latest, week_of
from programs.toolkit.part import Chart, Look, ToolPart, day_name
from programs.tools import EntryKind

NIGHT_ENDS = 4  # o'clock: before it the night that is told is the one before
HOUR = 60


def hours(minutes: float) -> str:
    """Return a length of time as people say it: "5 h 30 min"."""
    whole, rest = divmod(round(minutes), HOUR)
    if not rest:
        return _("%(hours)d h") % {"hours": whole}
    return _("%(hours)d h %(minutes)d min") % {"hours": whole, "minutes": rest}


def _nights(look: Look) -> list[Night]:
    """Return the nights of the last seven days, oldest first; of two for one morning the one told last."""
    newest = sorted(look.entries, key=lambda entry: entry.changed_at or entry.at, reverse=True)
    return latest([each for entry in newest if isinstance(each := night(entry.data), Night)], look.today)


def _week(look: Look) -> str:
    nights, needed = _nights(look), settings().week.nights_needed
    week = week_of(nights)
    if not nights:
        return ""
    if week is None:
        told = {"told": len(nights), "needed": needed}
        return (
            _("%(told)d of the last seven nights are told. From %(needed)d nights on you see what they have in common.")
            % told
        )
    facts = {
        "nights": week.nights,
        "sleep": hours(week.sleep),
        "bed": hours(week.in_bed),
        "part": round(week.efficiency),
    }
    return (
        _(
            "The last seven days, %(nights)d nights: on average you slept %(sleep)s of %(bed)s in bed. "
            "That is %(part)d per cent."
        )
        % facts
    )


def _chart(look: Look) -> Chart | None:
    """Return time in bed and sleep for the last seven nights, in hours; a night that was not told is left out."""
    nights = _nights(look)
    if not nights:
        return None
    return bars(
        id="nights", title=_("Your nights, in hours"), series=[_("In bed"), _("Slept")],
        bars=[Bar(day_name(each.on), (_in_hours(each.in_bed), _in_hours(each.sleep))) for each in nights],
        note=_("The day is the morning when you got up. Only nights that you told stand here."),
    )  # fmt: skip


def _in_hours(minutes: float) -> float:
    return round(minutes / HOUR, 1)


def _derived(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    told = night(data)
    if not isinstance(told, Night):
        return ()
    share = _("%(part)d per cent") % {"part": round(told.efficiency)}
    return (
        (_("Time in bed"), hours(told.in_bed)),
        (_("Slept"), hours(told.sleep)),
        (_("Slept of the time in bed"), share),
    )


def _initial(look: Look, kind: EntryKind) -> dict[str, Any]:
    """Return the night that is told: the last one not told yet, with the times of the window or of the night before."""
    first = look.today - timedelta(days=1 if look.now.hour < NIGHT_ENDS else 0)
    told = {entry.day for entry in look.entries}
    back = [first - timedelta(days=days) for days in range(settings().night.back_days + 1)]
    on = next((day for day in back if day not in told and (look.today - day).days <= settings().night.back_days), first)
    return {"date": on.isoformat()} | _times(look, on)


def _times(look: Look, on: date) -> dict[str, str]:
    window = look.own
    if window and window.from_date <= on:
        return {"bed": f"{window.bed:%H:%M}", "rise": f"{window.rise_time:%H:%M}"}
    before = max((entry for entry in look.entries if entry.day < on), key=lambda entry: entry.day, default=None)
    return {name: before.data[name] for name in ("bed", "rise") if name in before.data} if before else {}


def _panel(look: Look) -> dict[str, Any]:
    window = look.own
    if window is None:
        return {"window": None}
    return {
        "window": window, "bed": f"{window.bed:%H.%M}", "rise": f"{window.rise_time:%H.%M}",
        "length": hours(window.minutes), "is_coming": window.from_date > look.today,
    }  # fmt: skip


def _refuse(look: Look, entry: Entry) -> list[FieldFault]:
    """Refuse a night to come, and one that is too long ago and not told yet; a told one may always be put right."""
    if any(each.data.get("date") == entry["date"] for each in look.entries):
        return []
    return too_late(entry, look.today)


PARTS = {
    "sleep_diary": ToolPart(
        week=_week, chart=_chart, panel=_panel, initial=_initial, derived=_derived, refuse=_refuse
    ),
}  # fmt: skip
