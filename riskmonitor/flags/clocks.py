"""The open flags of a clinic as its lead may see them: existence, owner and clock. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from clinics.cover import coverage, roster
from clinics.cover.working_time import WorkingTime
from clinics.models import Clinic
from riskmonitor.actions.climbing import owned_flags
from riskmonitor.models import Flag
from riskmonitor.rules import Kind

SHOWN = (
    "code", "clinic", "kind", "urgency", "raised_at", "due_at", "acknowledged_at", "unreachable_since",
    "owner__first_name", "owner__last_name", "treatment__assignment__programme",
)  # fmt: skip


@dataclass(frozen=True)
class Clock:
    """One open flag. `people` are those who are there and may take it, the one with the fewest flags first."""

    flag: Flag
    is_late: bool
    people: list[coverage.Clinician]

    @property
    def is_uncovered(self) -> bool:
        return self.flag.kind == Kind.UNCOVERED


def clocks(clinics: Sequence[Clinic], now: datetime) -> list[Clock]:
    """Return the open flags of the clinics, the first deadline first. Three queries for each clinic that has any."""
    known = {clinic.pk: clinic for clinic in clinics}
    found = Flag.objects.open().filter(clinic__in=known).order_by("due_at", "pk")
    flags = list(found.select_related("owner", "treatment__assignment").only(*SHOWN))
    for flag in flags:
        flag.clinic = known[flag.clinic_id]
    rosters = {pk: _roster(known[pk], now) for pk in {flag.clinic_id for flag in flags}}
    one_of_each = {_asked_for(flag): flag for flag in flags}
    takers = {asked: _takers(flag, *rosters[flag.clinic_id], now) for asked, flag in one_of_each.items()}
    return [Clock(flag, flag.due_at < now, takers[_asked_for(flag)]) for flag in flags]


def who_could_take(flag: Flag, now: datetime) -> list[coverage.Clinician]:
    """Return who may be handed the flag now."""
    return _takers(flag, *_roster(flag.clinic, now), now)


def _asked_for(flag: Flag) -> tuple[int, str | None]:
    """Return what decides who may take a flag: its clinic, and the programme that the person must be able to treat."""
    return flag.clinic_id, flag.treatment.assignment.programme if flag.treatment else None


def _roster(clinic: Clinic, now: datetime) -> tuple[coverage.People, WorkingTime]:
    hours = roster.working_time(clinic)
    return roster.people(clinic, now, hours=hours).owning(owned_flags(clinic)), hours


def _takers(flag: Flag, people: coverage.People, hours: WorkingTime, now: datetime) -> list[coverage.Clinician]:
    """Return present, competent members, then the hub's; without a treatment, everybody present who may decide."""
    if flag.treatment is not None:
        programme = flag.treatment.assignment.programme
        there = coverage.team(programme, people, hours, now) + coverage.hub(programme, people, hours, now)
    else:
        there = [each for each in people.members.values() if each.is_active and coverage.present(each, now, hours)]
    return [each for each in there if each.may_decide]
