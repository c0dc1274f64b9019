"""Count what should be zero. The auditor looks at the rows, not at the processes that should have moved them."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from clinics.models import AccessGrant
from messaging.models import Delivery, Message, Notice
from programs.models import Draft, Submission
from riskmonitor.activation.in_force import fault_of_rules
from riskmonitor.models import ChainCheck, Flag
from riskmonitor.sweeps.canaries import shut_out_canaries, silent_canaries
from riskmonitor.sweeps.covering import unchecked_cover
from riskmonitor.sweeps.drafts import QUIET
from riskmonitor.sweeps.missing import missing_flags
from riskmonitor.sweeps.rescanning import late_rescans, lost_findings

log = structlog.get_logger(__name__)
SLACK = timedelta(seconds=30)
NOTICE_SLACK = timedelta(minutes=5)
DRAFT_SLACK = timedelta(minutes=5)  # the sweep of drafts runs once a minute


def problems(now: datetime) -> dict[str, int]:
    """Return each thing that should be zero, with its count. Partial indexes carry every count."""
    return {
        "rules_not_in_force": int(fault_of_rules() is not None),
        "canary": silent_canaries(now),
        "canary_web": shut_out_canaries(),
        "missing_flags": missing_flags(now),
        "lost_findings": lost_findings(),
        "rescan_late": late_rescans(now),
        "unscreened": Submission.objects.filter(screened_at=None, sent_at__lt=now - SLACK).count()
        + Message.objects.filter(screened_at=None, from_patient=True, sent_at__lt=now - SLACK).count(),
        "unscreened_drafts": Draft.objects.unscreened(now - QUIET - DRAFT_SLACK).count(),
        "overdue": Flag.objects.open().filter(next_step_at__lt=now - SLACK).count(),
        "failing": Flag.objects.open().filter(failures__gt=0).count(),
        "not_reminded": Flag.objects.to_remind(now - SLACK).count(),
        "nobody_present": Flag.objects.open().exclude(unreachable_since=None).count(),
        "access_not_ended": AccessGrant.objects.left_behind(now).count(),
        "cover_not_checked": unchecked_cover(),
        "uncovered": Flag.objects.open().filter(kind="uncovered").count(),
        "unsent": Delivery.objects.unsent().filter(due_at__lt=now - NOTICE_SLACK).count()
        + Notice.objects.unspread().filter(created_at__lt=now - NOTICE_SLACK).count(),
    }


def hold_checks() -> None:
    """Lock all rows in one order: two audits that forget what the other has found would wait for each other."""
    list(ChainCheck.objects.select_for_update().order_by("problem").values_list("pk"))


@transaction.atomic
def audit_chain(now: datetime) -> dict[str, int]:
    """Store what is not zero, forget what is again. Return the problems found. Two guards at once take turns."""
    found = {problem: count for problem, count in problems(now).items() if count}
    hold_checks()  # after the counting: the other guard, which waits here, screens and climbs in this thread too
    ChainCheck.objects.exclude(problem__in=found).delete()
    for problem, count in found.items():
        ChainCheck.objects.update_or_create(
            problem=problem,
            defaults={"count": count, "checked_at": now},
            create_defaults={"count": count, "checked_at": now, "since": now},
        )
        log.error("chain.problem", problem=problem, count=count)
    return found
