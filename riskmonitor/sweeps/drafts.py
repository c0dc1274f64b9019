"""Marked, not sent: a risk item that lies marked in an unsent form for fifteen minutes raises the same flag."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from clinics.models import Patient
from programs.drafts import instrument_in
from programs.models import Draft
from programs.shipped import instruments
from riskmonitor.actions import raise_flag, raise_unscreenable
from riskmonitor.activation.in_force import rules_stand
from riskmonitor.rules import Finding, Kind, Urgency, item_findings
from riskmonitor.screening import FoundIn

log = structlog.get_logger(__name__)
QUIET = timedelta(minutes=15)  # wall time (architecture §4)


def flag_marked_draft(now: datetime) -> bool:
    """Look at the measure that has lain unsent and unchanged the longest. Return False when there is none.

    Only what is marked counts: an item that is not answered yet is not missing, the person is still writing.
    """
    if not rules_stand():
        return False
    with transaction.atomic():
        quiet = Draft.objects.unscreened(now - QUIET).select_related("treatment__patient__clinic")
        draft = quiet.select_for_update(skip_locked=True, of=("self",)).first()
        if draft is None:
            return False
        if draft.treatment is not None:
            _look_at(draft, draft.treatment.patient, now)
        draft.screened_at = now
        draft.save(update_fields=["screened_at"])
    return True


def _look_at(draft: Draft, patient: Patient, now: datetime) -> None:
    place = FoundIn(Finding(Kind.UNSCREENABLE, Urgency.NOW, "draft"), draft_key=draft.key)
    try:
        with transaction.atomic():
            instrument = instruments()[instrument_in(draft.form_key)]
            marked = {item: int(draft.data[item]) for item in instrument.risk_items if draft.data.get(item)}
            found = [
                FoundIn(finding, draft_key=draft.key)
                for finding in item_findings(instrument.id, instrument.version, marked)
                if finding.value is not None
            ]
            if found:
                raise_flag(patient=patient, treatment=draft.treatment, found=found, now=now)
    except Exception:
        log.exception("draft.not_screened", draft=draft.pk)
        raise_unscreenable(patient=patient, treatment=draft.treatment, place=place, reason="draft", now=now)
