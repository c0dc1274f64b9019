"""Order a report."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinics.audit import Did, audit
from clinics.models import User
from followup.models import Report
from programs.models import Treatment


@transaction.atomic
def order_report(
    *,
    treatment: Treatment,
    key: UUID,
    language: str,
    by: User,
    now: datetime,
    kind: Report.Kind = Report.Kind.SUMMARY,
) -> Report:
    """Ask for a summary, a workbook or the patient's own data. The same key twice is one report."""
    report, created = Report.objects.get_or_create(
        key=key,
        defaults={
            "treatment": treatment, "kind": kind, "language": language,
            "asked_at": now, "asked_by": by, "next_attempt_at": now,
        },
    )  # fmt: skip
    if created:
        audit(by=by, did=Did.MADE, what=f"report:{report.code}", patient=treatment.patient, now=now)
    return report
