"""No change is saved that leaves somebody uncovered: the rows before and after a change, held against each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import transaction
from django.db.models import QuerySet

from clinics.cover import change, roster
from clinics.cover import coverage as cover
from clinics.cover.ranges import subtract
from clinics.models import CareAssignment, Clinic


class Bare(Protocol):
    """A patient's assignment, and the gaps that would be left."""

    @property
    def assignment(self) -> CareAssignment: ...
    @property
    def left(self) -> tuple[cover.Gap, ...]: ...


@dataclass(frozen=True)
class LeftAlone:
    """One patient whom a change would leave uncovered, and when."""

    assignment: CareAssignment
    left: tuple[cover.Gap, ...]


class Uncovered(Exception):
    """Patients would stand without a present, competent person; `gaps` says who and when."""

    def __init__(self, gaps: Sequence[Bare]) -> None:
        super().__init__(f"{len(gaps)} uncovered")
        self.gaps = gaps


class NobodyLeads(Exception):
    """Lead and deputy would both be away (or there is only one of them); `clinics` says where."""

    def __init__(self, clinics: list[Clinic]) -> None:
        super().__init__(f"{len(clinics)} clinics without a lead")
        self.clinics = clinics


@contextmanager
def cover_kept(clinics: Iterable[Clinic], now: datetime) -> Iterator[None]:
    """Do what is inside, and undo it if it leaves anybody uncovered, or a clinic without lead, in the coming 14 days.

    One change at a time in a clinic: two colleagues must not each count on the other. Raise Uncovered, NobodyLeads.
    """
    with transaction.atomic():
        held = hold_clinics(clinic.pk for clinic in clinics)
        before = [_picture(clinic, now) for clinic in held]
        yield
        stranded: list[LeftAlone] = []
        unled: list[Clinic] = []
        for clinic, was in zip(held, before, strict=True):
            is_now = _picture(clinic, now)
            stranded += _left_alone(clinic, change.uncovers(was, is_now, now, now + roster.AHEAD), now)
            had, has = (change.leaderless(each.people, each.hours, now, now + roster.AHEAD) for each in (was, is_now))
            unled += [clinic] if subtract(has, had) else []
        if stranded:
            raise Uncovered(stranded)
        if unled:
            raise NobodyLeads(unled)


def hold_clinics(pks: Iterable[int]) -> list[Clinic]:
    """Lock the clinics' rows until the transaction ends, always in the same order."""
    return list(Clinic.objects.filter(pk__in=list(pks)).order_by("pk").select_for_update(no_key=True))


def _picture(clinic: Clinic, now: datetime) -> change.Picture:
    hours = roster.working_time(clinic)
    assignments = list(_named_at(clinic, now).select_related("therapist", "substitute"))
    facts = roster.facts_of(assignments)
    named = {(each.patient_id, each.programme): facts[each.pk] for each in assignments}
    return change.Picture(hours, roster.people(clinic, now, hours=hours), named)


def _left_alone(clinic: Clinic, gaps: dict[change.Key, list[cover.Gap]], now: datetime) -> list[LeftAlone]:
    rows = _named_at(clinic, now).filter(patient__in=[patient for patient, _slug in gaps])
    by_key = {(each.patient_id, each.programme): each for each in rows.select_related("patient__user")}
    found = [LeftAlone(each, tuple(gaps[key])) for key, each in by_key.items() if key in gaps]
    return sorted(found, key=lambda each: (each.assignment.patient.user.sort_name, each.assignment.pk))


def _named_at(clinic: Clinic, now: datetime) -> QuerySet[CareAssignment]:
    """Return the assignments that go on or are to come, the latest of a patient and programme last: it counts."""
    return CareAssignment.objects.open_after(now).filter(patient__clinic=clinic).order_by("starts_at", "pk")
