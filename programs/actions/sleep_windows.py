"""A therapist decides about a proposed sleep window: confirm, change or decline. Nothing applies before that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from clinics.audit import Did, audit
from clinics.models import User
from clinics.typed_text import storable
from programs.actions.sending import NotOpen
from programs.models import SleepWindow, Treatment
from programs.plans.sleep_windows import window_case, window_gate_is_open
from programs.sleep.settings import settings
from programs.sleep.window import Careful, Proposal


class WindowRefused(Exception):
    """The decision cannot be taken. reason: gate, nights, changed, floor, longest, date or words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Kept:
    """The window that the patient is to keep. minutes in bed, counted back from rising."""

    minutes: int
    rise: time
    from_date: date


def shown_as(proposal: Proposal) -> str:
    """Return a mark of the numbers that a page showed, so that nobody confirms other ones."""
    week = proposal.week
    return f"{proposal.minutes}:{proposal.before}:{week.nights}:{week.sleep:.0f}:{week.in_bed:.0f}:{proposal.floor}"


@transaction.atomic
def decide_sleep_window(
    *,
    treatment: Treatment,
    careful: Careful,
    seen: str,
    kept: Kept | None,
    words: str,
    key: UUID,
    by: User,
    now: datetime,
) -> SleepWindow:
    """Store the decision about the proposal that the page showed (`seen`, from `shown_as`).

    kept: the window, confirmed when it has the proposed minutes and else changed; None declines. A change and a refusal
    need `words`. Raises WindowRefused, or NotOpen after the end. The same key is the same decision.
    """
    treatment = (
        Treatment.objects.select_for_update(of=("self",), no_key=True).select_related("patient").get(pk=treatment.pk)
    )
    before = SleepWindow.objects.filter(key=key, treatment=treatment).first()
    if before:
        return before
    if treatment.state not in {Treatment.State.ACTIVE, Treatment.State.PAUSED}:
        raise NotOpen(treatment)
    today = timezone.localdate(now)
    proposal = window_case(treatment, today).proposal(careful)
    if proposal is None:
        raise WindowRefused("nights")
    if shown_as(proposal) != seen:
        raise WindowRefused("changed")
    words = storable(words).strip()
    decision = _decision(proposal, kept, words, today)
    if kept and not window_gate_is_open(treatment):
        raise WindowRefused("gate")
    window = SleepWindow.objects.create(
        key=key, treatment=treatment, decision=decision, words=words, decided_at=now, decided_by=by,
        **_numbers(proposal, careful), **(_window(kept) if kept else {}),
    )  # fmt: skip
    audit(by=by, did=Did.CHANGED, what=f"sleep-window:{window.code}", patient=treatment.patient, now=now)
    return window


def _decision(proposal: Proposal, kept: Kept | None, words: str, today: date) -> str:
    """Return which decision it is; raise WindowRefused for one that may not be taken."""
    if kept is None:
        decision = SleepWindow.Decision.DECLINED
    else:
        if kept.minutes < proposal.floor:
            raise WindowRefused("floor")
        if kept.minutes > settings().night.longest_in_bed:
            raise WindowRefused("longest")
        if kept.from_date < today:
            raise WindowRefused("date")
        same = kept.minutes == proposal.minutes
        decision = SleepWindow.Decision.CONFIRMED if same else SleepWindow.Decision.CHANGED
    if decision != SleepWindow.Decision.CONFIRMED and not words:
        raise WindowRefused("words")
    return decision


def _numbers(proposal: Proposal, careful: Careful) -> dict[str, Any]:
    week = proposal.week
    return {
        "rule": proposal.reason, "nights": week.nights, "mean_sleep": round(week.sleep),
        "mean_in_bed": round(week.in_bed), "efficiency": round(week.efficiency, 1), "before_minutes": proposal.before,
        "floor_minutes": proposal.floor, "proposed_minutes": proposal.minutes, "drives": careful.drives,
        "dozes": careful.dozes,
    }  # fmt: skip


def _window(kept: Kept) -> dict[str, Any]:
    return {"minutes": kept.minutes, "rise_time": kept.rise, "from_date": kept.from_date}
