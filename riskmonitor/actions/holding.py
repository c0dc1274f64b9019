"""Until when a flag stays with whoever has it: nobody keeps one who is not there."""

from __future__ import annotations

from datetime import datetime, timedelta

from clinics.cover import coverage
from clinics.cover.clinicians import People
from clinics.cover.working_time import WorkingTime
from riskmonitor.models import Flag


def until_the_owner_leaves(
    flag: Flag, next_step_at: datetime, people: People, hours: WorkingTime, now: datetime
) -> datetime:
    """Return the next step's time, or the earlier moment from which the owner is not present."""
    owner = people.get(str(flag.owner.code))
    leaves = coverage.leaves_at(owner, now, next_step_at, hours) if owner and not flag.unreachable_since else None
    return max(leaves, now + timedelta(seconds=1)) if leaves else next_step_at


def held_until(flag: Flag, until: datetime, people: People, hours: WorkingTime, now: datetime) -> datetime:
    """Return until when whoever takes the flag on, or is handed it, keeps it: `until`, or from when they are not there.

    Who takes it on outside of their own hours, or while away, is there for it all the same: until the clinic closes or
    opens the next time, or their own hours begin; from then on the schedule counts. It is the time of the next look:
    one that comes earlier (an absence, changed hours, a helper from another clinic) decides by who is there then.
    """
    owner = people.get(str(flag.owner.code))
    if owner is None:
        return until
    counts_from = now
    if not coverage.present(owner, now, hours):
        closes = hours.open_until(now)
        own = coverage.presence(owner, [(now, closes)]) if closes else []
        counts_from = own[0][0] if own else closes or coverage.moment(now, hours) or until
    if counts_from >= until:
        return until
    return coverage.leaves_at(owner, counts_from, until, hours) or until
