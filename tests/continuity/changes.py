"""What each event makes of the facts, whether or not the product lets it happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tests.continuity.states import Clinic, Event, Hub, Person, Season, Span, State, What


def changed(state: State, event: Event) -> State:
    """Return the state as the event wants it; the same one where it changes nothing."""
    if event.what is What.NAMED:
        return state if event.code == state.therapist else replace(state, substitute=event.code)
    if event.what in (What.OPENING, What.DAY, What.SEASON):
        return replace(state, clinic=_opened(state.clinic, event))
    if event.code in state.people:
        return state.with_person(_changed_person(state.people[event.code], event))
    return state if state.hub is None else replace(state, hub=_changed_hub(state.hub, event))


def _changed_person(person: Person, event: Event) -> Person:
    if event.what in (What.PLANNED, What.SUDDEN) and event.span:
        return replace(person, away=(*person.away, event.span))
    if event.what is What.BACK:
        return replace(person, away=_back(person, event.at))
    if event.what is What.LEAVES:
        return replace(person, belongs=event.span)
    if event.what is What.ACCOUNT_CLOSED:
        return replace(person, active=False)
    if event.what is What.COMPETENCE:
        return replace(person, competent=False)
    return replace(person, week=event.week)


def _back(person: Person, at: datetime) -> tuple[Span, ...]:
    kept = [(start, min(end, max(start, at))) for start, end in person.away if start <= at]
    kept += [span for span in person.away if span[0] > at]
    return tuple(span for span in kept if span[0] < span[1])


def _opened(clinic: Clinic, event: Event) -> Clinic:
    """Return the clinic with its new hours; two seasons have no day in common."""
    if event.days is None:
        return replace(clinic, week=event.week or {})
    first, last = event.days
    if event.week is None:
        return replace(clinic, special={**clinic.special, first: event.openings})
    if any(season.first <= last and first <= season.last for season in clinic.seasons):
        return clinic
    return replace(clinic, seasons=(*clinic.seasons, Season(first, last, event.week)))


def _changed_hub(hub: Hub, event: Event) -> Hub:
    if event.what is What.HUB_AGREED and event.span:
        return replace(hub, helps=_agreed(hub.helps, event.span, event.at))
    if event.what is What.HUB_ENDED:
        return replace(hub, helps=None)
    return replace(hub, clinic=_opened(hub.clinic, event))


def _agreed(helps: Span | None, span: Span, now: datetime) -> Span:
    """Return from when until when the hub helps: what is agreed while it does, or will, adjoins."""
    if helps is None or helps[1] <= now:
        return span
    return helps[0], helps[1] + (span[1] - span[0])
