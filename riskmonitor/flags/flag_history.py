"""What a flag's history says: what one wrote last, and whether a colleague has confirmed to take over. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinics.models import User
from riskmonitor.flags.flag_forms import TICKS
from riskmonitor.models import Flag, FlagEvent

Kind = FlagEvent.Kind
TAKEN_ON = (Kind.ACKNOWLEDGED, Kind.DOCUMENTED, Kind.CLOSED)


@dataclass(frozen=True)
class HandedOn:
    """The latest handing over of the flag, and when the one who got it confirmed by taking it on; None: not yet."""

    to: User
    by: User | None
    at: datetime
    confirmed_at: datetime | None


def handed_on(events: Sequence[FlagEvent]) -> HandedOn | None:
    """Return the latest handing over, None when there was none or when the flag was opened again since."""
    last = next((n for n in reversed(range(len(events))) if events[n].kind in (Kind.ASSIGNED, Kind.REOPENED)), None)
    handed = events[last] if last is not None else None
    if handed is None or handed.to is None:
        return None
    taken = (each.at for each in events[last:] if each.kind in TAKEN_ON and each.by_id == handed.to_id)
    return HandedOn(handed.to, handed.by, handed.at, next(taken, None))


def own_words(flag: Flag, events: Sequence[FlagEvent], user: User) -> dict[str, Any]:
    """Return what stands on the flag, to go on writing: only when the person wrote it, else nothing."""
    noted = [event for event in events if event.kind in (Kind.DOCUMENTED, Kind.REOPENED)]
    if not noted or noted[-1].kind == Kind.REOPENED or noted[-1].by_id != user.pk:
        return {}
    ticked = {name: value in flag.done for name, value in TICKS.items()}
    return {"assessment": flag.assessment, "action": flag.action, "next_contact_on": flag.next_contact_on} | ticked
