"""The sleep window of a treatment: which one holds, and whether a proposal waits. Reads only.

The rules are in programs.sleep; programs.actions.sleep_windows writes what a therapist decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, DateField, Exists, OuterRef, Q, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest
from django.utils import timezone

from programs.models import SleepWindow, Step, Submission, Treatment
from programs.sleep.night import Night, night
from programs.sleep.settings import settings
from programs.sleep.week import SleepWeek, latest, week_of
from programs.sleep.window import Careful, Proposal, is_due, propose
from programs.toolkit.records import recorded
from programs.treatment.gates import Gates

GATE = "sleep-window-ok"
DIARY = "sleep_diary"


def window_gate_is_open(treatment: Treatment) -> bool:
    """Say whether the checklist before the sleep window is ticked now: a withdrawn tick closes it again."""
    return Gates(treatment).gate(GATE).is_open


def nights_told(treatment: Treatment) -> list[Night]:
    """Return the nights of the diary, the one told or changed last first. One query."""
    entries = sorted(recorded(treatment, DIARY), key=lambda entry: entry.changed_at or entry.at, reverse=True)
    found = (night(entry.data) for entry in entries)
    return [each for each in found if isinstance(each, Night)]


def window_on(treatment: Treatment, today: date) -> SleepWindow | None:
    """Return the window that the patient keeps: the last one, also before its first day. One query."""
    begins = [(each.from_date, each) for each in treatment.sleep_windows.kept() if each.from_date]
    holds = next((each for day, each in begins if day <= today), None)
    coming = max((each for day, each in begins if day > today), key=lambda each: each.decided_at, default=None)
    if coming and (holds is None or coming.decided_at > holds.decided_at):
        return coming
    return holds


@dataclass(frozen=True)
class WindowCase:
    """What the therapist decides from: the nights, the window now, and the decisions so far (newest first)."""

    treatment: Treatment
    nights: Sequence[Night]
    window: SleepWindow | None
    decisions: Sequence[SleepWindow]
    today: date

    @property
    def week(self) -> SleepWeek | None:
        return week_of(list(self.nights))

    @property
    def decided_on(self) -> date | None:
        return timezone.localdate(self.decisions[0].decided_at) if self.decisions else None

    @property
    def is_due(self) -> bool:
        return is_due(nights=len(self.nights), decided_on=self.decided_on, today=self.today)

    def proposal(self, careful: Careful) -> Proposal | None:
        """Return what the rules give, None for too few nights."""
        return propose(self.week, self.window.minutes if self.window else None, careful) if self.week else None


def window_case(treatment: Treatment, today: date) -> WindowCase:
    """Return the case of one treatment. Two queries. Only nights with the window that holds count for the next one."""
    decisions = list(treatment.sleep_windows.select_related("decided_by").order_by("-decided_at", "-pk"))
    kept = [(each.from_date, each) for each in decisions if each.from_date]
    holding = [(start, each.decided_at, each) for start, each in kept if start <= today]
    window = max(holding, key=lambda each: each[:2])[2] if holding else None
    since = kept[0][0] - timedelta(days=1) if kept else None  # the night to that morning is the first one
    return WindowCase(treatment, latest(nights_told(treatment), today, after=since), window, decisions, today)


def proposal_waits(treatment: Treatment, steps: Sequence[Step], today: date) -> bool:
    """Say whether a proposal waits for the therapist. No query for a programme without a sleep window, else two."""
    return treatment.ended_at is None and has_window_module(steps) and window_case(treatment, today).is_due


def windows_waiting(treatments: Collection[int], today: date) -> set[int]:
    """Return the ids of those whose sleep window waits for a decision: `proposal_waits` for a whole list.

    Given are treatments whose programme has a sleep window. One query, none where there is no such treatment.
    """
    if not treatments:
        return set()
    near, nights, decided_at = _window_numbers(today)
    found = Treatment.objects.filter(near, pk__in=treatments).annotate(nights=nights, last_decided_at=decided_at)
    rows = found.values_list("pk", "nights", "last_decided_at")
    return {pk for pk, told, decided in rows if _is_due(told, decided, today)}


def declares_a_window(facts: Mapping[str, Any]) -> bool:
    """Say whether a programme, by the facts of its edition, has a sleep window."""
    return any(row["id"] == GATE for row in facts.get("gates") or ())


def _is_due(nights: int | None, decided_at: datetime | None, today: date) -> bool:
    decided_on = timezone.localdate(decided_at) if decided_at else None
    return is_due(nights=nights or 0, decided_on=decided_on, today=today)


def _window_numbers(today: date) -> tuple[Exists, Subquery, Subquery]:
    """Return what makes a window due, the same case as `WindowCase.is_due` in numbers: near, nights, last decision.

    The window is near when its module is open or the next to open. Nights are counted by mornings; one that was moved
    to another date counts with both until the week has passed.
    """
    here = {"treatment": OuterRef("pk")}
    decided = SleepWindow.objects.filter(**here).order_by("-decided_at").values("decided_at")[:1]
    begun = SleepWindow.objects.filter(treatment=OuterRef("treatment"), from_date__isnull=False).order_by("-decided_at")
    since = today - timedelta(days=settings().week.nights_looked_at - 1)
    told = (
        Submission.objects.filter(**here, kind=Submission.Kind.TOOL, form=DIARY)
        .annotate(on=Cast(KeyTextTransform("date", "answers"), DateField()))
        .filter(on__gte=Greatest(Value(since), Coalesce(Subquery(begun.values("from_date")[:1]), Value(since))))
        .order_by()
        .values("treatment")
    )
    earlier = Step.objects.filter(
        treatment=OuterRef("treatment"), opened_at=None, module__number__lt=OuterRef("module__number")
    )
    gated = Step.objects.filter(**here, module__facts__gates__contains=[GATE])
    return (
        Exists(gated.filter(Q(opened_at__isnull=False) | ~Exists(earlier))),
        Subquery(told.annotate(found=Count("on", distinct=True)).values("found")),
        Subquery(decided),
    )


def has_window_module(steps: Sequence[Step]) -> bool:
    """Say whether the treatment has come to its sleep window: the module with the gate is open, or the next to open."""
    gated = [step for step in steps if GATE in (step.module.facts.get("gates") or [])]
    following = next((step for step in steps if step.opened_at is None), None)
    return any(step.opened_at is not None or step is following for step in gated)
