"""Take a flag's next step: store what the pure function decided, and tell those whom it names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F

from clinics.cover import roster
from clinics.cover.coverage import Assignment, People
from clinics.cover.working_time import WorkingTime
from clinics.models import CareAssignment, Clinic, User
from messaging import notices
from programs.treatment.aftercare import holder_of
from riskmonitor.actions.granting import end_grants, grant
from riskmonitor.actions.holding import until_the_owner_leaves
from riskmonitor.escalation.clinic_plans import scope_of, steps_in_force
from riskmonitor.escalation.next_step import Climb, FlagState, next_step, repeats_at
from riskmonitor.escalation.steps import Audience, Step, Wait, Way, due_at
from riskmonitor.models import Flag, FlagEvent, FlagStep
from riskmonitor.rules import Kind, Urgency

log = structlog.get_logger(__name__)


def climb(
    flag: Flag, now: datetime, *, hours: WorkingTime | None = None, rows: Sequence[FlagStep] | None = None
) -> None:
    """Take the step that is due, if any; the last step repeats until someone answers.

    The caller holds the flag's row, and gives the clinic's `hours` and the flag's steps (`rows`) where it has just read
    or written them. Notices and grants are written in the caller's transaction, with unique keys.
    """
    hours = hours or roster.working_time(flag.clinic)
    people = roster.people(flag.clinic, now, hours=hours)
    rows = list(flag.steps.all()) if rows is None else rows
    state, steps = _state(flag, rows, now), [_step(row) for row in rows]
    decided = next_step(state, steps, people, hours, now)
    if len(decided.notify) > 1:  # only among several does it matter who owns the fewest flags
        people = people.owning(owned_flags(flag.clinic))
        decided = next_step(state, steps, people, hours, now)
    if decided.lapsed:
        restart_steps(flag, now)
        flag.acknowledged_at = flag.acknowledged_by = None
        flag.clock_from = decided.clock_from
        flag.events.create(kind=FlagEvent.Kind.LAPSED, at=now)
    FlagStep.objects.filter(flag=flag, position__in=decided.taken, taken_at=None).update(taken_at=now)
    _tell(flag, decided, people, ways_of(rows, decided), now)
    flag.checked_at, flag.failures = now, 0
    flag.next_step_at = until_the_owner_leaves(flag, decided.next_step_at, people, hours, now)
    flag.save(
        update_fields=[
            "climbs", "failures", "owner", "audience", "may_decide", "next_step_at", "checked_at", "clock_from",
            "acknowledged_at", "acknowledged_by", "unreachable_since",
        ]
    )  # fmt: skip


def climb_or_stay_due(
    flag: Flag, now: datetime, *, hours: WorkingTime | None = None, rows: Sequence[FlagStep] | None = None
) -> None:
    """Climb; if that fails the flag stands all the same, due at once, and its failure is counted for the auditor."""
    try:
        with transaction.atomic():
            climb(flag, now, hours=hours, rows=rows)
    except Exception:
        log.exception("flag.climb_failed", flag=flag.pk)
        Flag.objects.filter(pk=flag.pk).update(next_step_at=now, failures=F("failures") + 1)
        flag.refresh_from_db()


def bring_nearer(flag: Flag, now: datetime) -> None:
    """Count an open flag by the hours that the clinic has now: clock, deadline and repeat come earlier or stay.

    Then climb, so that the coming step, or the lapse, is counted too. The caller holds the flag's row.
    """
    try:
        with transaction.atomic():
            _count_anew(flag, now)
    except Exception:
        log.exception("flag.not_counted_anew", flag=flag.pk)
        flag.refresh_from_db()
    climb_or_stay_due(flag, now)


def _count_anew(flag: Flag, now: datetime) -> None:
    hours = roster.working_time(flag.clinic)
    if flag.clock_from > now:  # raised while closed: it begins when the clinic opens
        flag.clock_from = min(flag.clock_from, hours.next_open(now))
    flag.due_at = min(flag.due_at, due_at(Urgency(flag.urgency), flag.clock_from, hours))
    rows = list(flag.steps.all())
    again = repeats_at(_state(flag, rows, now), [_step(row) for row in rows], People({}), hours, now)
    flag.next_step_at = min(flag.next_step_at, again) if again else flag.next_step_at
    flag.save(update_fields=["clock_from", "due_at", "next_step_at"])


def settle(flag: Flag, now: datetime) -> None:
    """After a closing: end the access that the flag gave, and drop notices that nobody needs any more."""
    end_grants(flag, now)
    notices.void(about=notice_key(flag), now=now)


def owned_flags(clinic: Clinic) -> dict[str, int]:
    """Return how many open flags each person of the clinic owns, by code."""
    owners = Flag.objects.open().filter(clinic=clinic).values_list("owner__code", flat=True)
    return {str(code): count for code, count in Counter(owners).items()}


def copy_steps(flag: Flag, now: datetime) -> list[FlagStep]:
    """Give the flag its own copy of the clinic's plan as it was when it was raised, with the hub that helps now."""
    scope = scope_of(Kind(flag.kind), Urgency(flag.urgency))
    return FlagStep.objects.bulk_create(
        FlagStep(
            flag=flag,
            position=step.position,
            audience=step.audience,
            wait_minutes=step.wait.minutes,
            wait_days=step.wait.days,
            repeat_minutes=step.repeat.minutes if step.repeat else None,
            repeat_days=step.repeat.days if step.repeat else None,
            ways=sorted(step.ways),
        )
        for step in steps_in_force(flag.clinic, scope, now, planned_at=flag.raised_at)
    )


def comes_at(flag: Flag, position: int) -> datetime:
    """Return when the wait of a step is over, `clock_from` for a step that the flag does not have."""
    rows = [row for row in flag.steps.all() if row.position == position]
    hours = roster.working_time(flag.clinic)
    return max([flag.clock_from, *(_step(row).wait.after(flag.clock_from, hours) for row in rows)])


def restart_steps(flag: Flag, now: datetime) -> None:
    """Forget which steps were taken, and copy the steps of the urgency that the flag has now."""
    flag.steps.all().delete()
    copy_steps(flag, now)


def ways_of(rows: Iterable[FlagStep], decided: Climb) -> set[str]:
    """Return the ways of the steps that are taken together; at the end of the plan those of the steps that repeat."""
    rows = list(rows)
    taken = [row for row in rows if row.position in decided.taken]
    repeating = [row for row in rows if row.repeat_minutes or row.repeat_days]
    return {way for row in (repeating if decided.repeats else taken) or rows for way in row.ways}


def notice_key(flag: Flag) -> str:
    """Return what the keys of all notices about this flag begin with."""
    return f"flag:{flag.pk}:"


def page_for(flag: Flag, *, reads: bool) -> str:
    """Return the address where somebody who is told of the flag finds it: with the patient's words, or without."""
    if flag.kind == Kind.UNCOVERED:
        return "/clinic/absence/"
    return "/worklist/" if reads else "/clinic/flags/"


def _tell(flag: Flag, decided: Climb, people: People, ways: Collection[str], now: datetime) -> None:
    """Move the owner, write notices and events. Nothing when the flag stays where it is."""
    if decided.nobody:
        flag.unreachable_since = flag.unreachable_since or now
        flag.events.create(kind=FlagEvent.Kind.NOBODY, at=now)
        log.error("flag.nobody_present", flag=flag.pk)
    if decided.audience is None or not decided.notify:
        return
    flag.climbs += 1
    flag.unreachable_since = None
    told = _people_of(flag, {code for code in (*decided.notify, decided.owner) if code})
    if decided.owner:
        flag.owner = told[decided.owner]
    flag.audience, flag.may_decide = decided.audience, decided.may_decide
    for code in decided.notify:
        person, member = told[code], people.members.get(code)
        decides = member is not None and member.may_decide
        if member and decides and flag.kind != Kind.UNCOVERED:  # who stands in is decided without the patient's words
            grant(flag, person, now, person=member)
        key = f"{notice_key(flag)}{flag.climbs}:{person.pk}"
        notices.flag_waits(to=person, key=key, path=page_for(flag, reads=decides), ways=ways, now=now)
        flag.events.create(kind=FlagEvent.Kind.NOTIFIED, at=now, to=person, audience=decided.audience)
    log.info("flag.climbed", flag=flag.pk, audience=decided.audience, climbs=flag.climbs)


def _people_of(flag: Flag, codes: Collection[str]) -> dict[str, User]:
    """Return the people of these codes. No query where nobody is told but the owner, as at nearly every first step."""
    known = {str(flag.owner.code): flag.owner}
    others = [code for code in codes if code not in known]
    return known | {str(user.code): user for user in User.objects.filter(code__in=others)} if others else known


def _state(flag: Flag, rows: Sequence[FlagStep], now: datetime) -> FlagState:
    return FlagState(
        kind=Kind(flag.kind),
        urgency=Urgency(flag.urgency),
        clock_from=flag.clock_from,
        assignment=_assignment(flag, now),
        taken=frozenset(row.position for row in rows if row.taken_at),
        owner=str(flag.owner.code),
        acknowledged_at=flag.acknowledged_at,
        next_step_at=flag.next_step_at,
    )


def _assignment(flag: Flag, now: datetime) -> Assignment:
    """Return the people behind the patient: the treatment's, after its end whoever follows up first, or the latest."""
    if flag.treatment is not None:
        facts = roster.facts(flag.treatment.assignment)
        follows_up = holder_of(flag.treatment, now) if flag.treatment.ended_at else None
        return replace(facts, therapist=str(follows_up.code)) if follows_up else facts
    latest = CareAssignment.objects.filter(patient=flag.patient).order_by("-starts_at").first()
    return roster.facts(latest) if latest else Assignment("", None)


def _step(row: FlagStep) -> Step:
    repeats = row.repeat_minutes is not None or row.repeat_days is not None
    return Step(
        position=row.position,
        audience=Audience(row.audience),
        wait=Wait(minutes=row.wait_minutes, days=row.wait_days),
        repeat=Wait(minutes=row.repeat_minutes, days=row.repeat_days) if repeats else None,
        ways=frozenset(map(Way, row.ways)),
    )
