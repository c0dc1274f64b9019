"""Raise a flag, or attach to the one that is open. One open flag per patient and kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce
from operator import or_

import structlog
from django.db import transaction
from django.db.models import Q

from clinics.cover import roster
from clinics.cover.working_time import WorkingTime
from clinics.models import Patient, User
from programs.models import Treatment
from riskmonitor.actions.climbing import climb_or_stay_due, copy_steps, restart_steps
from riskmonitor.actions.orphans import store_or_adopt
from riskmonitor.actions.telling_again import tell_again, tell_who_had_it
from riskmonitor.escalation.steps import due_at
from riskmonitor.models import Flag, FlagEvent, FlagFinding
from riskmonitor.rules import (
    FOLLOW_UP,
    RULES_VERSION,
    URGENCY_ORDER,
    Alerted,
    Finding,
    Kind,
    Told,
    Urgency,
    is_known,
    worse,
)
from riskmonitor.screening import FoundIn

log = structlog.get_logger(__name__)


ALERTED = ("urgency", "alerted_at", "clock_from", "due_at", "try_again_at", "acknowledged_at", "acknowledged_by")

# Put together once: a submit waits for each of these questions.
_PATIENTS = Patient.objects.select_for_update(no_key=True).only("pk")
_OPEN_FLAGS = Flag.objects.open().select_for_update()


def hold_patient(pk: int) -> None:
    """Lock the patient's row until the transaction ends: one flag per patient at a time is raised or opened again."""
    _PATIENTS.get(pk=pk)


@transaction.atomic(savepoint=False)
def hold_patients(pks: Collection[int]) -> None:
    """Lock the rows of all these patients, in the order of locks, until the caller's transaction ends."""
    if pks:
        list(_PATIENTS.filter(pk__in=pks).order_by("pk"))


@transaction.atomic(savepoint=False)  # who catches an error and goes on has a savepoint of its own
def raise_flag(
    *, patient: Patient, treatment: Treatment | None, found: Sequence[FoundIn], now: datetime
) -> Flag | None:
    """Raise one flag for findings of one kind (at least one), or attach them to the open flag of that kind.

    The patient's row is locked first, so that two processes cannot raise at once. A finding that is stored already
    changes nothing, also when its flag is closed; one that is worse alerts again, with the steps from the start.
    Return the open flag, None when every finding was known and answered.
    """
    kind = found[0].finding.kind
    hold_patient(patient.pk)
    flag = next(iter(_OPEN_FLAGS.filter(patient=patient, kind=kind)), None)  # there is one at most
    stored, orphans = _stored(flag, found)
    fresh = [each for each in found if not _is_among(stored, each, flag)]
    if not fresh:
        return flag
    if flag is None:
        return _raise_new(patient, treatment, kind, fresh, orphans, now)
    alerted = _alerted(flag, [finding for finding, _told in stored if finding.flag_id == flag.pk])
    for each in fresh:
        _store(flag, each, orphans, now)
    if treatment is not None and flag.treatment_id != treatment.pk:  # the people of the new treatment answer for it
        flag.treatment = treatment
        flag.save(update_fields=["treatment"])
    flag.events.create(kind=FlagEvent.Kind.ATTACHED, at=now)
    if alarming := [each.finding for each in fresh if worse(each.finding, alerted, now)]:
        realert(flag, max((f.urgency for f in alarming), key=lambda u: URGENCY_ORDER[u]), now)
    return flag


def raise_flags(
    *, patient: Patient, treatment: Treatment | None, found: Sequence[FoundIn], now: datetime
) -> list[Flag]:
    """Raise, or attach to, one flag for each kind among the findings. Return those that are open."""
    by_kind: dict[Kind, list[FoundIn]] = defaultdict(list)
    for each in found:
        by_kind[each.finding.kind].append(each)
    raised = [raise_flag(patient=patient, treatment=treatment, found=same, now=now) for same in by_kind.values()]
    return [flag for flag in raised if flag]


@transaction.atomic(savepoint=False)
def raise_unscreenable(
    *, patient: Patient, treatment: Treatment | None, place: FoundIn | None, reason: str, now: datetime
) -> Flag | None:
    """Fail open to a human: what could not be screened is read by someone, at once."""
    finding = Finding(Kind.UNSCREENABLE, Urgency.NOW, "unscreenable", f"{RULES_VERSION}.{reason}"[:40])
    found = replace(place, finding=finding) if place else FoundIn(finding)
    return raise_flag(patient=patient, treatment=treatment, found=[found], now=now)


def raise_uncovered(*, patient: Patient, treatment: Treatment, urgency: Urgency, now: datetime) -> Flag | None:
    """Tell the lead that a patient will stand without cover."""
    finding = Finding(Kind.UNCOVERED, urgency, f"cover.gap.{urgency}", RULES_VERSION)
    return raise_flag(patient=patient, treatment=treatment, found=[FoundIn(finding)], now=now)


def realert(flag: Flag, urgency: Urgency, now: datetime) -> None:
    """Alert anew. Urgency only rises, and the time to answer never moves away from a flag that nobody has taken on.

    Taken on, or more urgent than before: the clock starts again with every step untaken, and the history says so;
    whoever had the flag is told with those whom the steps call, and a planned try comes before the new clock is
    out. Else the steps go on as they were, so that someone who keeps writing is reached by the whole chain, whoever was
    assigned the flag keeps it, and all who were told are told again.
    """
    had = [pk for pk in (flag.owner_id, flag.acknowledged_by_id) if pk]
    anew = flag.acknowledged_at is not None or URGENCY_ORDER[urgency] > URGENCY_ORDER[Urgency(flag.urgency)]
    due = None if flag.acknowledged_at else flag.due_at
    flag.urgency = max(Urgency(flag.urgency), urgency, key=lambda each: URGENCY_ORDER[each])
    flag.alerted_at = now
    if anew:
        start_clock(flag, now)
        flag.try_again_at = min(flag.try_again_at, flag.due_at) if flag.try_again_at else None
        flag.due_at = min(flag.due_at, due) if due else flag.due_at
    flag.acknowledged_at = flag.acknowledged_by = None
    flag.save(update_fields=ALERTED)
    if anew:
        flag.events.create(kind=FlagEvent.Kind.REALERTED, at=now)
        restart_steps(flag, now)
        climb_or_stay_due(flag, now)
        tell_who_had_it(flag, had, now)
    else:
        tell_again(flag, now)


def start_clock(flag: Flag, now: datetime) -> WorkingTime | None:
    """Set from when the waits count: now, or out of hours from opening. Wrong hours never silence a flag.

    Return the hours it was set by, None for wrong ones.
    """
    try:
        hours = roster.working_time(flag.clinic)
        flag.clock_from = hours.next_open(now)
        flag.due_at = due_at(Urgency(flag.urgency), flag.clock_from, hours)
    except ValueError:
        log.exception("flag.clock_without_hours", flag=flag.pk)
        flag.clock_from = flag.due_at = now
        return None
    return hours


def _raise_new(
    patient: Patient, treatment: Treatment | None, kind: Kind, found: Sequence[FoundIn],
    orphans: Sequence[FlagFinding], now: datetime,
) -> Flag:  # fmt: skip
    urgency = max((each.finding.urgency for each in found), key=lambda each: URGENCY_ORDER[each])
    flag = Flag(
        patient=patient,
        treatment=treatment,
        clinic=patient.clinic,
        kind=kind,
        urgency=urgency,
        raised_at=now,
        alerted_at=now,
        next_step_at=now,
        checked_at=now,
        owner=_first_owner(patient, treatment),
    )
    hours = start_clock(flag, now)
    flag.save(force_insert=True)
    flag.events.create(kind=FlagEvent.Kind.RAISED, at=now)
    for each in found:
        _store(flag, each, orphans, now)
    climb_or_stay_due(flag, now, hours=hours, rows=copy_steps(flag, now))
    log.info("flag.raised", flag=flag.pk)
    return flag


def _first_owner(patient: Patient, treatment: Treatment | None) -> User:
    """Return who owns the flag until its first step is taken, in the same transaction."""
    if treatment is not None:
        return treatment.assignment.therapist
    latest = patient.assignments.select_related("therapist").order_by("-starts_at").first()
    if latest is None:
        raise LookupError("a flag needs a patient with an assignment")
    return latest.therapist


def _alerted(flag: Flag, findings: Sequence[FlagFinding]) -> Alerted:
    """Return what the flag has alerted about so far, from its findings."""
    asked = frozenset(finding.item for finding in findings if finding.rule == FOLLOW_UP)
    values = [finding.value for finding in findings if finding.value is not None and finding.rule != FOLLOW_UP]
    return Alerted(
        urgency=Urgency(flag.urgency),
        at=flag.alerted_at,
        value=max(values, default=None),
        asked=asked,
        phrases=frozenset(finding.phrase for finding in findings if finding.phrase),
    )


def _row(each: FoundIn) -> dict[str, object]:
    """Return the row that the finding is from, as the fields of a stored finding say it."""
    submission, message = each.submission, each.message
    return {
        "submission_id": submission.pk if submission else None,
        "message_id": message.pk if message else None,
        "draft_key": each.draft_key,
    }


def _stored(flag: Flag | None, found: Sequence[FoundIn]) -> tuple[list[tuple[FlagFinding, Told]], list[FlagFinding]]:
    """Return the open flag's findings, with those of the same rows that other flags hold, and orphans of these rows.

    One query at most.
    """
    wanted = [Q(**row) for row in map(_row, found) if any(row.values())]
    wanted += [Q(flag=flag)] if flag else []
    return FlagFinding.objects.filter(reduce(or_, wanted)).telling_and_orphans() if wanted else ([], [])


def _is_among(stored: Sequence[tuple[FlagFinding, Told]], each: FoundIn, flag: Flag | None) -> bool:
    """Tell whether a flag holds the finding: that of a row as looking back compares it, else the open one's by rule."""
    row = _row(each)
    if not any(row.values()):
        of_the_flag = (old for old, _told in stored if flag is not None and old.flag_id == flag.pk)
        return any(old.rule == each.finding.rule for old in of_the_flag)
    held = (told for old, told in stored if all(getattr(old, name) == value for name, value in row.items()))
    return is_known(each.told, held)


def _store(flag: Flag, each: FoundIn, orphans: Sequence[FlagFinding], now: datetime) -> None:
    finding = each.finding
    new = FlagFinding(
        **_row(each), flag=flag, rule=finding.rule, rule_version=finding.version, urgency=finding.urgency,
        item=finding.item or "", value=finding.value, address=each.address, start=finding.start, end=finding.end,
        phrase=finding.phrase[:200], nuances=list(finding.nuances), before=finding.before, found_at=now,
    )  # fmt: skip
    store_or_adopt(new, orphans)
