"""The facts as the product knows them: a state as the values that the pure modules work with.

A hub's people are what `roster` makes of them: with the hub's hours, for as long as it helps.
"""

from __future__ import annotations

from clinics.cover import working_time
from clinics.cover.change import Picture
from clinics.cover.clinicians import Assignment, Clinician, Interval, People, StandIn
from clinics.cover.working_time import Hours, WorkingTime
from tests.continuity.states import Clinic, Person, Span, State, Week

PROGRAMME = "depression"
KEY = (1, PROGRAMME)


class Clocks:
    """Working times by what they are made of; one clinic's are asked for again and again."""

    def __init__(self) -> None:
        self.known: dict[object, WorkingTime] = {}

    def of(self, clinic: Clinic, week: Week | None = None) -> WorkingTime:
        """Return the clinic's working time, or that of somebody who works there these weeks."""
        key = clinic, None if week is None else tuple(sorted(week.items()))
        if key not in self.known:
            seasons = tuple(working_time.Season(each.first, each.last, each.week) for each in clinic.seasons)
            self.known[key] = (
                WorkingTime(Hours(clinic.week, clinic.special, seasons=seasons)) if week is None
                else WorkingTime(Hours(week)).within(self.of(clinic))
            )  # fmt: skip
        return self.known[key]


def picture(state: State, clocks: Clocks) -> Picture:
    """Return the state as the product knows it."""
    members = {code: _clinician(person, state, clocks) for code, person in state.people.items() if not person.from_hub}
    if state.hub and state.hub.helps:
        helping = [person for person in state.people.values() if person.from_hub]
        members |= {each.code: _helping(each, state.hub.clinic, state.hub.helps, clocks) for each in helping}
    stand_ins = tuple(StandIn(each.code, Interval(*each.span)) for each in state.stand_ins)
    named = Assignment(PROGRAMME, state.therapist, state.substitute, stand_ins=stand_ins)
    return Picture(clocks.of(state.clinic), People(members, state.lead, state.deputy), {KEY: named})


def _clinician(person: Person, state: State, clocks: Clocks) -> Clinician:
    hours = None if person.week is None else clocks.of(state.clinic, person.week)
    return _of(person, hours, Interval(*person.belongs) if person.belongs else None)


def _helping(person: Person, there: Clinic, helps: Span, clocks: Clocks) -> Clinician:
    begins, ends = person.belongs or helps
    return _of(person, clocks.of(there, person.week), Interval(max(begins, helps[0]), min(ends, helps[1])))


def _of(person: Person, hours: WorkingTime | None, tenure: Interval | None) -> Clinician:
    return Clinician(
        code=person.code,
        name=person.code,
        competences=frozenset({PROGRAMME} if person.competent else ()),
        hours=hours,
        absences=tuple(Interval(*span) for span in person.away),
        is_active=person.active,
        may_treat=person.licensed,
        tenure=tenure,
        from_hub=person.from_hub,
    )
