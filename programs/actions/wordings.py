"""Load a clinic's own wording of a gated instrument."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from clinics.audit import Did, audit
from clinics.models import Clinic, User
from clinics.typed_text import storable, storable_data
from programs.instruments import Instrument, WordingFault, content_hash, read_wording
from programs.models import Wording


class WordingRefused(Exception):
    """The file is not the whole wording of the instrument; `faults` say everything that is wrong with it."""

    def __init__(self, faults: Sequence[WordingFault]) -> None:
        super().__init__([fault.reason for fault in faults])
        self.faults = list(faults)


@transaction.atomic
def load_wording(
    *, clinic: Clinic, instrument: Instrument, language: str, written: str, licence: str, by: User, now: datetime
) -> Wording:
    """Store the wording under the clinic's own licence. What was shown before is kept, and no longer shown."""
    if instrument.has_wording:
        raise WordingRefused([WordingFault("not_gated", {"name": instrument.name})])
    licence = storable(licence).strip()
    read = read_wording(instrument, language, storable(written))
    faults = list(read.faults) + ([] if licence else [WordingFault("no_licence")])
    if faults:
        raise WordingRefused(faults)
    kept = storable_data(read.wording)
    audit(by=by, did=Did.CHANGED, what=f"wording:{instrument.id}:{language}", clinic=clinic, now=now)
    return Wording.objects.create(
        clinic=clinic, instrument=instrument.id, language=language, wording=kept,
        content_hash=content_hash(language, kept), licence=licence, loaded_by=by, loaded_at=now,
    )  # fmt: skip
