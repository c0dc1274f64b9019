"""Who looks at an open flag, as the patient may be told. Reads only."""

from __future__ import annotations

from datetime import datetime

from clinics.cover import coverage as cover
from clinics.cover import roster
from clinics.models import Patient
from riskmonitor.models import Flag


def with_owner(flag: Flag, patient: Patient, now: datetime) -> Flag:
    """Return the flag, fetched with its owner, with what may be told.

    `owner_reads` is True when the owner is there at the clinic's next opening and may read; `opens_at` is that opening
    (`now` while it is open), None when the clinic never opens. Two queries.
    """
    hours = roster.working_time(patient.clinic)
    owner = roster.people(patient.clinic, now, hours=hours).get(str(flag.owner.code))
    there = owner is not None and owner.may_decide and cover.present(owner, now, hours)
    reads = there and flag.may_decide and flag.unreachable_since is None
    vars(flag).update({"owner_reads": reads, "opens_at": cover.moment(now, hours)})  # carried like an annotation
    return flag
