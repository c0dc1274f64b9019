"""What the tools of everyday life have of their own: goals, my day, the week plan, values, demands and evidence."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programs.charts import Bar, Point, bars, trend
from programs.forms.tools import typed_entry
from programs.toolkit.entries import Recorded, shown
from programs.toolkit.part import Chart, Look, ToolPart, by_day, day_name, number, only_days_written
from programs.tools import EntryKind

POINTS = 21  # of a trend: more cannot be told apart on a telephone


def _goals(look: Look) -> Chart | None:
    """Return how near each goal was the first time and is now."""
    now, first = (look.entries[0], look.entries[-1]) if look.entries else (None, None)
    if now is None or first is None:
        return None
    before = {row["goal"]: row.get("close") for row in first.data["goals"]}
    rows = [Bar(row["goal"], (before.get(row["goal"]), row.get("close"))) for row in now.data["goals"]]
    return bars(
        id="goals", title=_("How near the goals are"), series=[_("The first time"), _("Now")], bars=rows, high=10,
        note=_("0 is far away, 10 is there."),
    )  # fmt: skip


def _last_goals(look: Look, kind: EntryKind) -> dict[str, Any]:
    """Return the goals as they stand, without how near they are: that is asked anew."""
    return typed_entry(kind, look.entries[0].data, without=("close",)) if look.entries else {}


def _moods(look: Look) -> str:
    entries = look.this_week
    if not entries:
        return ""
    moods, days = [int(entry.data["mood"]) for entry in entries], len({entry.day for entry in entries})
    facts = {
        "rows": ngettext("%(n)d row", "%(n)d rows", len(entries)) % {"n": len(entries)},
        "over": ngettext("on %(n)d day", "on %(n)d days", days) % {"n": days},
        "low": min(moods), "high": max(moods),
    }  # fmt: skip
    if facts["low"] == facts["high"]:
        return _("The last seven days: %(rows)s %(over)s. How you felt lay at %(low)d out of 10.") % facts
    return _("The last seven days: %(rows)s %(over)s. How you felt lay between %(low)d and %(high)d out of 10.") % facts


def _mood_trend(look: Look) -> Chart | None:
    entries = sorted(look.entries, key=lambda entry: (entry.day, entry.data.get("time", "")))[-POINTS:]
    if not entries:
        return None
    points = [Point(place, day_name(entry.day), number(entry, "mood")) for place, entry in enumerate(entries)]
    return trend(
        id="mood", title=_("How you felt, entry by entry"), points=points, low=0, high=10, note=_("Higher is better.")
    )


def _plan(look: Look) -> str:
    entries = look.this_week
    if not entries:
        return ""
    planned = ngettext("%(n)d thing in the plan", "%(n)d things in the plan", len(entries)) % {"n": len(entries)}
    done = sum(1 for entry in entries if entry.data.get("outcome") in ("done", "part"))
    if not done:
        return _("The last seven days: %(planned)s.") % {"planned": planned}
    return _("The last seven days: %(planned)s, of which %(done)d were done wholly or in part.") % {
        "planned": planned, "done": done,
    }  # fmt: skip


def _mood_before_and_after(look: Look) -> Chart | None:
    """Return how things felt before and after what was done, the newest eight."""
    told = [entry for entry in look.entries if "before" in entry.data and "after" in entry.data][:8]
    if not told:
        return None
    return bars(
        id="lift", title=_("How you felt before and after"), series=[_("Before"), _("After")], high=10,
        bars=[Bar(look.title(entry), (entry.data["before"], entry.data["after"])) for entry in told],
    )  # fmt: skip


def latest_areas(look: Look) -> list[Recorded]:
    """Return the newest entry of each part of life, the largest gap between important and lived first."""
    newest: dict[str, Recorded] = {}
    for entry in look.entries:
        newest.setdefault(entry.data["area"], entry)
    return sorted(newest.values(), key=gap_of, reverse=True)


def gap_of(entry: Recorded) -> float:
    """Return importance minus lived, 0 where more is lived than it matters."""
    return max(number(entry, "importance") - number(entry, "lived"), 0)


def _areas(look: Look) -> str:
    areas = len({entry.data["area"] for entry in look.this_week})
    words = ngettext(
        "The last seven days: you looked at %(n)d part of life.",
        "The last seven days: you looked at %(n)d parts of life.",
        areas,
    )
    return words % {"n": areas} if areas else ""


def _compass(look: Look) -> Chart | None:
    areas = latest_areas(look)
    if not areas:
        return None
    return bars(
        id="compass", title=_("Important, and lived the last two weeks"), series=[_("Important"), _("Lived")], high=10,
        bars=[Bar(look.title(e), (e.data["importance"], e.data["lived"])) for e in areas],
        note=_("The part with the largest gap stands first."),
    )  # fmt: skip


def _gaps(look: Look) -> dict[str, Any]:
    """Return the parts of life with a gap, as (name, gap, next step)."""
    return {
        "gaps": [
            (look.title(entry), int(gap_of(entry)), entry.data.get("next", ""))
            for entry in latest_areas(look)
            if gap_of(entry)
        ]
    }


def _load(look: Look) -> str:
    entries = look.this_week
    if not entries:
        return ""
    return _("The last seven days: %(demand)d minutes of demands and %(recovery)d minutes of recovery.") % {
        "demand": sum(number(entry, "demand") for entry in entries),
        "recovery": sum(number(entry, "recovery") for entry in entries),
    }


def _balance(look: Look) -> Chart | None:
    demand = by_day(look, lambda entry: number(entry, "demand"))
    if not demand:
        return None
    recovery = by_day(look, lambda entry: number(entry, "recovery"))
    return bars(
        id="balance", title=_("Demands and recovery, minutes a day"), series=[_("Demands"), _("Recovery")],
        bars=[Bar(day_name(day), (minutes, recovery[day])) for day, minutes in demand.items()],
        note=only_days_written(),
    )  # fmt: skip


def _evidence(look: Look) -> str:
    new = len(look.this_week)
    if not new:
        return ""
    words = ngettext("The last seven days: %(n)d new.", "The last seven days: %(n)d new.", new) % {"n": new}
    return f"{words} " + _("In all there are %(all)d here.") % {"all": len(look.entries)}


def _old_evidence(look: Look) -> dict[str, Any]:
    """Return one earlier entry, another one each day; none before there are two."""
    if len(look.entries) < 2:
        return {"old": None}
    older = look.entries[1:]
    return {"old": shown(look.schema, older[look.today.toordinal() % len(older)], look.language)}


def _counted(look: Look) -> str:
    entries = look.this_week
    if not entries:
        return ""
    total, days = sum(int(number(entry, "count")) for entry in entries), len({entry.day for entry in entries})
    return _("The last seven days: %(times)s %(over)s.") % {
        "times": ngettext("%(n)d time", "%(n)d times", total) % {"n": total},
        "over": ngettext("on %(n)d day", "on %(n)d days", days) % {"n": days},
    }


def _count_per_day(look: Look) -> Chart | None:
    counted = by_day(look, lambda entry: number(entry, "count"), days=14)
    if not counted:
        return None
    return bars(
        id="count", title=_("How many times a day, the last two weeks"), series=[_("Times")],
        bars=[Bar(day_name(day), (count,)) for day, count in counted.items()], note=only_days_written(),
    )  # fmt: skip


def _what_is_counted(look: Look, kind: EntryKind) -> dict[str, Any]:
    """Return one time of what the patient counted last: the usual entry is one tap."""
    last = look.entries[0].data["of"] if look.entries else ""
    return {"count": "1", "of": last}


PARTS = {
    "goals": ToolPart(chart=_goals, initial=_last_goals),
    "mood_log": ToolPart(week=_moods, chart=_mood_trend),
    "week_planner": ToolPart(week=_plan, chart=_mood_before_and_after),
    "values": ToolPart(week=_areas, chart=_compass, panel=_gaps),
    "load_log": ToolPart(week=_load, chart=_balance),
    "strengths": ToolPart(week=_evidence, panel=_old_evidence),
    "tally": ToolPart(week=_counted, chart=_count_per_day, initial=_what_is_counted),
}
