"""What the tools about thoughts have of their own: the thought diary, testing a thought, and worry time."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programs.charts import Bar, bars
from programs.toolkit.part import Chart, Look, ToolPart, by_day, day_name, only_days_written

SHOWN = 8  # pairs of bars


def _belief(look: Look) -> Chart | None:
    """Return how true the thought felt before and after, for the newest entries where both were said."""
    told = [entry for entry in look.entries if "belief" in entry.data and "belief_after" in entry.data][:SHOWN]
    if not told:
        return None
    return bars(
        id="belief", title=_("How true the thought felt, before and after"), series=[_("Before"), _("After")], high=100,
        bars=[
            Bar(look.title(entry), (entry.data["belief"], entry.data["belief_after"]))
            for entry in told
        ],
    )  # fmt: skip


def _worries(look: Look) -> str:
    entries = look.this_week
    if not entries:
        return ""
    caught = ngettext("%(n)d worry", "%(n)d worries", len(entries)) % {"n": len(entries)}
    gone = sum(1 for entry in entries if entry.data.get("matters") == "no" or entry.data.get("then") == "let_go")
    if not gone:
        return _("The last seven days: you wrote down %(caught)s.") % {"caught": caught}
    return _("The last seven days: you wrote down %(caught)s. %(gone)d of them you could let go.") % {
        "caught": caught, "gone": gone,
    }  # fmt: skip


def _worries_per_day(look: Look) -> Chart | None:
    caught = by_day(look, lambda entry: 1)
    if not caught:
        return None
    gone = by_day(look, lambda entry: entry.data.get("matters") == "no" or entry.data.get("then") == "let_go")
    return bars(
        id="worries", title=_("Worries a day, and how many you let go"), series=[_("Written down"), _("Let go")],
        bars=[Bar(day_name(day), (count, gone[day])) for day, count in caught.items()], note=only_days_written(),
    )  # fmt: skip


def _caught(look: Look) -> dict[str, Any]:
    """Return the worries that wait for the worry time, the oldest first, as (code, words)."""
    waiting = [entry for entry in reversed(look.entries) if look.schema.kinds[0].waits(entry.data)]
    return {"waiting": [(entry.code, str(entry.data["worry"])) for entry in waiting]}


PARTS = {
    "thought_record": ToolPart(chart=_belief),
    "experiment": ToolPart(chart=_belief),
    "worry_time": ToolPart(week=_worries, chart=_worries_per_day, panel=_caught),
}
