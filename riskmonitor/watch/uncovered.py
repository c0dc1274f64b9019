"""Which running treatments stand without cover in the days to come. Reads rows, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from clinics.cover import coverage as cover
from clinics.cover import roster
from clinics.cover.working_time import WorkingTime
from clinics.models import Clinic
from programs.models import Treatment


@dataclass(frozen=True)
class ClinicAhead:
    """A clinic's hours, its people, who is named for each running treatment (by its pk), and the gaps of each."""

    clinic: Clinic
    hours: WorkingTime
    people: cover.People
    treatments: Sequence[Treatment]
    facts: Mapping[int, cover.Assignment]
    gaps: Mapping[int, list[cover.Gap]]

    @property
    def uncovered(self) -> list[Treatment]:
        return [each for each in self.treatments if self.gaps[each.pk]]


def look_ahead(clinic: Clinic, now: datetime, ahead: timedelta = roster.AHEAD) -> ClinicAhead:
    """Return the gaps in the clinic's cover from `now` on. Four queries, whatever the number of patients."""
    hours = roster.working_time(clinic)
    people = roster.people(clinic, now, hours=hours)
    running = Treatment.objects.running().filter(patient__clinic=clinic)
    running = running.select_related("patient__clinic", "assignment__therapist", "assignment__substitute")
    treatments = list(running.select_related("patient__user").order_by("patient__user__sort_name", "pk"))
    named = roster.facts_of([each.assignment for each in treatments])
    facts = {each.pk: named[each.assignment_id] for each in treatments}
    gaps = {pk: cover.gaps(each, people, hours, now, now + ahead) for pk, each in facts.items()}
    return ClinicAhead(clinic, hours, people, treatments, facts, gaps)


def report(clinics: Iterable[ClinicAhead]) -> dict[str, Any]:
    """Return `{"uncovered": [{"patient", "from", "to", "why"}, …], "covered": n}`, the earliest stretch first.

    `from` and `to` are UTC (`2026-11-23T07:00:00Z`), `patient` is a code, `why` the words of `cover.Why`; `covered` is
    how many running treatments have no gap.
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
    covered = sum(len(ahead.treatments) - len(ahead.uncovered) for ahead in looked_at)
    return {"uncovered": rows, "covered": covered}


def why_words(why: cover.Why) -> str:
    """Return the reason as operators read it: "substitute absent"."""
    return why.value.replace("_", " ")


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
