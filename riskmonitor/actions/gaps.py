"""Flag each patient with a gap in cover, and close the flag of whoever is covered again, or needs nobody any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from clinics.cover.working_time import NeverOpen, WorkingTime
from clinics.models import Clinic
from riskmonitor.actions.climbing import settle
from riskmonitor.actions.raising import hold_patients, raise_uncovered
from riskmonitor.models import CoverCheck, Flag, FlagEvent
from riskmonitor.rules import Kind, Urgency
from riskmonitor.watch.uncovered import NamedByClinic, look_ahead, named_by_clinic


@dataclass(frozen=True)
class ReadAtOnce:
    """What a look at clinic after clinic reads once for all: who is named there, and who was said to be bare."""

    named: NamedByClinic
    told: Mapping[int, Collection[int]]


def read_at_once() -> ReadAtOnce:
    """Read it: four queries, whatever the number of clinics."""
    told: dict[int, list[int]] = defaultdict(list)
    for clinic, patient in _told().values_list("clinic", "patient"):
        told[clinic].append(patient)
    return ReadAtOnce(named_by_clinic(), told)


def check_clinic(clinic: Clinic, now: datetime) -> int:
    """Look at one clinic as `check_clinics` does."""
    return check_clinics([clinic], now)


@transaction.atomic
def check_clinics(clinics: Iterable[Clinic], now: datetime) -> int:
    """Look at clinics in the transaction of a verb. Return how many patients have a gap; each has one treatment.

    All patients concerned are locked before the first flag, and looked at again then: what somebody did while they were
    waited for counts. Whoever became bare meanwhile and was not among them is found by the sweep.
    """
    looked_at = list(clinics)
    concerned = patients_to_check(looked_at, now)
    hold_patients(concerned)
    return _flag_or_close(looked_at, concerned, now)


@transaction.atomic
def check_patient(*, patient: int, clinic: Clinic, now: datetime) -> bool:
    """Look at one patient of the clinic, by key, for the sweep: no other waits. Return whether there is a gap."""
    hold_patients([patient])
    return _flag_or_close([clinic], [patient], now) > 0


def patients_to_check(clinics: Iterable[Clinic], now: datetime, *, read: ReadAtOnce | None = None) -> list[int]:
    """Return the keys of those who have a gap, and of those whose open flag says so, in the order of their locks.

    Holds nothing: whoever acts on it holds them first, and looks again. `read`: what has been read already.
    """
    looked_at = list(clinics)
    if read is None:
        named, told = None, list(_told().filter(clinic__in=looked_at).values_list("patient", flat=True))
    else:
        named, told = read.named, [patient for clinic in looked_at for patient in read.told.get(clinic.pk, ())]
    bare = [each.patient_id for clinic in looked_at for each in look_ahead(clinic, now, named=named).uncovered]
    return sorted({*bare, *told})


def note_cover_checks(failed: Mapping[Clinic, int], now: datetime) -> None:
    """Note that the sweep has been at these clinics, and how many patients of each it could not look at. One query."""
    checks = [CoverCheck(clinic=clinic, checked_at=now, failed=number) for clinic, number in failed.items()]
    CoverCheck.objects.bulk_create(
        checks, update_conflicts=True, unique_fields=["clinic"], update_fields=["checked_at", "failed"]
    )


def urgency_of(gap_start: datetime, hours: WorkingTime, now: datetime) -> Urgency:
    """`now` if the gap begins before the next working day ends, `today` within five days, else `week`."""
    try:
        if gap_start <= hours.end_of_working_day(hours.add_days(now, 1)):
            return Urgency.NOW
    except NeverOpen:
        return Urgency.NOW
    return Urgency.TODAY if gap_start <= now + timedelta(days=5) else Urgency.WEEK


def _told() -> QuerySet[Flag]:
    return Flag.objects.open().filter(kind=Kind.UNCOVERED)


def _flag_or_close(clinics: Collection[Clinic], held: Collection[int], now: datetime) -> int:
    """Flag or close for these patients, whose rows the caller holds. Return how many have a gap."""
    ahead = [look_ahead(clinic, now, among=held) for clinic in clinics] if held else []
    bare = {each.patient_id: (each, there) for there in ahead for each in there.uncovered}
    for _patient, (treatment, there) in sorted(bare.items()):
        urgency = urgency_of(there.gaps[treatment.pk][0].start, there.hours, now)
        raise_uncovered(patient=treatment.patient, treatment=treatment, urgency=urgency, now=now)
    _close({*held} - {*bare}, now)
    return len(bare)


def _close(patients: Collection[int], now: datetime) -> None:
    """Close the `uncovered` flags of these patients: the system does it, when somebody stands there or need not."""
    if not patients:
        return
    flags = _told().filter(patient__in=patients)
    for flag in flags.order_by("patient_id", "pk").select_for_update():
        flag.outcome, flag.assessment, flag.closed_at = "covered_again", "covered again", now
        flag.save(update_fields=["outcome", "assessment", "closed_at"])
        flag.events.create(kind=FlagEvent.Kind.CLOSED, at=now)
        settle(flag, now)
