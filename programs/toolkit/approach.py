"""What the tools for approaching what is feared have of their own: the ladder and its trials, and body exercises."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programs.charts import Bar, Point, bars, trend
from programs.toolkit.entries import Recorded
from programs.toolkit.part import Chart, Look, Timer, ToolPart, day_name, number
from programs.tools import EntryKind

TRIAL_SECONDS = 20 * 60
EXERCISE_SECONDS = 60
POINTS = 21


def ladder(look: Look) -> Recorded | None:
    """Return the ladder as it stands: the newest entry with steps."""
    return next(iter(look.of_kind("steps")), None)


def trials_of(look: Look, step: str) -> list[Recorded]:
    """Return the trials of a step, newest first. A step is known by its words: a reworded step is another step."""
    return [entry for entry in look.of_kind("trial") if entry.data["step"] == step]


def _steps(look: Look) -> list[str]:
    there = ladder(look)
    return [row["step"] for row in there.data["steps"]] if there else []


def _ladder(look: Look) -> dict[str, Any]:
    """Return the ladder with what is needed to move its steps: each step's words, expected fear and trials."""
    there = ladder(look)
    if there is None:
        return {"ladder": None}
    rows = [
        {"step": row["step"], "fear": row.get("fear"), "trials": len(trials_of(look, row["step"])), "number": number}
        for number, row in enumerate(there.data["steps"])
    ]
    return {"ladder": there, "versions": len(there.former), "rows": rows}


def _trials(look: Look) -> str:
    count = sum(1 for entry in look.this_week if look.schema.kind_of(entry.data).id == "trial")
    words = ngettext(
        "The last seven days: you practised %(n)d time.", "The last seven days: you practised %(n)d times.", count
    )
    return words % {"n": count} if count else ""


def _expected_and_met(look: Look) -> Chart | None:
    """Return each step's expected fear beside the highest fear of its latest trial."""
    there = ladder(look)
    if there is None:
        return None
    rows = []
    for row in there.data["steps"]:
        met = [trial.data["peak"] for trial in trials_of(look, row["step"]) if "peak" in trial.data]
        rows.append(Bar(row["step"], (row.get("fear"), met[0] if met else None)))
    return bars(
        id="ladder", title=_("Fear you expected, and fear the last time you practised"),
        series=[_("Expected"), _("The last time")], bars=rows, high=10,
    )  # fmt: skip


def _trial_timer(look: Look, kind: EntryKind) -> Timer | None:
    return Timer(TRIAL_SECONDS, "minutes", in_minutes=True) if kind.id == "trial" else None


def _exercises(look: Look) -> str:
    entries = look.this_week
    if not entries:
        return ""
    fears = [int(entry.data["fear"]) for entry in entries]
    done = ngettext("%(n)d exercise", "%(n)d exercises", len(entries)) % {"n": len(entries)}
    return _("The last seven days: %(done)s. The highest fear was %(high)d out of 10.") % {
        "done": done, "high": max(fears),
    }  # fmt: skip


def _fear(look: Look) -> Chart | None:
    entries = list(reversed(look.entries))[-POINTS:]
    if not entries:
        return None
    points = [Point(place, day_name(entry.day), number(entry, "fear")) for place, entry in enumerate(entries)]
    return trend(
        id="fear", title=_("How afraid you got, time by time"), points=points, low=0, high=10,
        note=_("0 is no fear, 10 is the worst possible."),
    )  # fmt: skip


PARTS = {
    "exposure_ladder": ToolPart(
        week=_trials, chart=_expected_and_met, panel=_ladder, choices=lambda look, kind: {"step": _steps(look)},
        timer=_trial_timer, only_one="steps",
    ),
    "body_exercise": ToolPart(
        week=_exercises, chart=_fear, timer=lambda look, kind: Timer(EXERCISE_SECONDS, "seconds", in_minutes=False)
    ),
}  # fmt: skip
