"""Which running treatments stand without cover in the days to come. Reads rows, writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from clinics.cover import coverage, roster
from clinics.cover.working_time import WorkingTime
from clinics.models import CareAssignment, Clinic
from programs.models import Treatment

NamedByClinic = Mapping[int, Mapping[int, coverage.Assignment]]  # by the keys of clinic and assignment


@dataclass(frozen=True)
class ClinicAhead:
    """A clinic's hours and its people, how many of its running treatments are covered, and those that are not.

    `uncovered` is in the order of the patients' names; `gaps` are theirs, by their pk.
    """

    clinic: Clinic
    hours: WorkingTime
    people: coverage.People
    covered: int
    uncovered: Sequence[Treatment]
    gaps: Mapping[int, list[coverage.Gap]]


def named_by_clinic() -> NamedByClinic:
    """Return who is named for each running treatment of all clinics. Three queries, for a look at every clinic."""
    running = Treatment.objects.running()
    named = roster.facts_in(CareAssignment.objects.filter(pk__in=running.values("assignment")))
    by_clinic: dict[int, dict[int, coverage.Assignment]] = defaultdict(dict)
    for clinic, pk in running.values_list("patient__clinic", "assignment"):
        if pk in named:  # whose treatment began just now is there in the next round
            by_clinic[clinic][pk] = named[pk]
    return by_clinic


def look_ahead(
    clinic: Clinic, now: datetime, ahead: timedelta = roster.AHEAD, *,
    among: Collection[int] | None = None, named: NamedByClinic | None = None,
) -> ClinicAhead:  # fmt: skip
    """Return the gaps in the clinic's cover from `now` on. Five queries, whatever the number of patients.

    `among`: only of these patients, by key; None is all. `named`: who is named, where that has been read already, for
    all patients of all clinics; two queries are left, and one for those who are bare.

    A sweep asks this of every clinic all the time, and nearly all patients are covered: only the others are loaded.
    """
    hours = roster.working_time(clinic)
    people = roster.people(clinic, now, hours=hours)
    running = Treatment.objects.running().filter(patient__clinic=clinic)
    if among is not None:
        running = running.filter(patient__in=among)
    if named is None:
        named = {clinic.pk: roster.facts_in(CareAssignment.objects.filter(pk__in=running.values("assignment")))}
    found = coverage.gaps_of(named.get(clinic.pk, {}), people, hours, now, now + ahead)
    bare = {pk: gaps for pk, gaps in found.items() if gaps}
    treatments = list(_loaded(running.filter(assignment__in=bare))) if bare else []
    gaps = {each.pk: bare[each.assignment_id] for each in treatments}
    return ClinicAhead(clinic, hours, people, len(found) - len(bare), treatments, gaps)


def _loaded(treatments: QuerySet[Treatment]) -> QuerySet[Treatment]:
    """Return the treatments with what flags and pages ask of them, in the order of the patients' names."""
    related = treatments.select_related("patient__clinic", "patient__user", "assignment__therapist")
    return related.order_by("patient__user__sort_name", "pk")


def report(clinics: Iterable[ClinicAhead]) -> dict[str, Any]:
    """Return `{"uncovered": [{"patient", "from", "to", "why"}, …], "covered": n}`, the earliest stretch first.

    `from` and `to` are UTC (`2026-11-23T07:00:00Z`), `patient` is a code, `why` the words of `coverage.Why`;
    `covered` is how many running treatments have no gap.
    """
    looked_at = list(clinics)
    found = [
        (gap.start, str(treatment.patient.code), gap)
        for ahead in looked_at for treatment in ahead.uncovered for gap in ahead.gaps[treatment.pk]
    ]  # fmt: skip
    rows = [
        {"patient": code, "from": _utc(gap.start), "to": _utc(gap.end), "why": why_words(gap.why)}
        for _start, code, gap in sorted(found, key=lambda each: each[:2])
    ]
    return {"uncovered": rows, "covered": sum(ahead.covered for ahead in looked_at)}


def why_words(why: coverage.Why) -> str:
    """Return the reason as operators read it: "substitute absent"."""
    return why.value.replace("_", " ")


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
