"""Answers that raised a flag do not return on a patient's pages until the flag is closed (content guide 2.7)."""

from __future__ import annotations

from programs.models import Treatment
from riskmonitor.models import Flag


def flagged_answers(treatment: Treatment) -> set[tuple[int, str]]:
    """Return (submission, question id) for each text with a finding of an open flag. One query."""
    found = Flag.objects.open().filter(patient=treatment.patient_id, findings__submission__isnull=False)
    return set(found.values_list("findings__submission_id", "findings__address"))
