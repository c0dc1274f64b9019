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
    if event.what is What.BACK and event.code in state.people:
        return _came_back(state, state.people[event.code], event.at)
    if event.code in state.people:
        return state.with_person(_changed_person(state.people[event.code], event))
    return state if state.hub is None else replace(state, hub=_changed_hub(state.hub, event))


def _changed_person(person: Person, event: Event) -> Person:
    if event.what in (What.PLANNED, What.SUDDEN) and event.span:
        return replace(person, away=(*person.away, event.span))
    if event.what is What.LEAVES:
        return replace(person, belongs=event.span)
    if event.what is What.ACCOUNT_CLOSED:
        return replace(person, active=False)
    if event.what is What.COMPETENCE:
        return replace(person, competent=False)
    return replace(person, week=event.week)


def _came_back(state: State, person: Person, at: datetime) -> State:
    """End what lasts at the moment, and with it whoever stood in for it; what is to come stays."""

    def left(span: Span) -> Span:
        start, end = span
        return (start, min(end, at)) if start <= at else span

    stand_ins = [
        each._replace(span=left(each.span)) if each.absent == person.code else each for each in state.stand_ins
    ]
    spans = [left(span) for span in person.away]
    back = replace(person, away=tuple((start, end) for start, end in spans if start < end))
    kept = tuple(each for each in stand_ins if each.span[0] < each.span[1])
    return replace(state.with_person(back), stand_ins=kept)


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
