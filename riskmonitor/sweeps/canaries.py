"""Send a canary through the chain at set intervals, and see within a limit that it came out at the other end."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from clinics.models import Clinic, Patient
from programs.models import Treatment
from riskmonitor.actions import begin_canary_run, end_canary_run, note_arrival, write_past_the_web
from riskmonitor.actions.canaries import RISKY
from riskmonitor.models import CanaryRun, Flag, FlagFinding
from riskmonitor.watch.canary_visit import send_through_web

LIMIT = timedelta(seconds=30)
PATIENCE = timedelta(seconds=15)  # how long the web is knocked at: a deploy is no fault
WEB = "web"  # the link that is not ours alone: the way from the guard to the web is the operator's
SLOW_GUARD = timedelta(minutes=1)  # what a run may begin late before the auditor says that none begins


def watch_canaries(now: datetime) -> None:
    """Look at the run that is under way, or begin the next one. Two guards at once take turns.

    1. The web has not let the message in for as long as a deploy may take: it is written past the web.
    2. Every link has answered: passed. The time is out: failed, with the links that have not.
    3. Nothing is under way and the interval is over: the patient whose turn it is writes.
    """
    if not settings.CANARY_SECONDS:
        return
    with transaction.atomic():
        if Clinic.objects.canaries().select_for_update(skip_locked=True, no_key=True).first() is None:
            return
        run = CanaryRun.objects.under_way().select_related("message", "treatment__assignment__therapist").first()
        if run is None:
            _begin_if_due(now)
            return
        if run.message is None and now - run.begun_at >= PATIENCE and not note_arrival(run=run, now=now):
            write_past_the_web(run=run, now=now)
        missing = missing_links(run, now)
        if not missing or now - run.begun_at > LIMIT:
            end_canary_run(run=run, missing=missing, now=now)


def carry_canary(now: datetime) -> None:
    """Take the message of the run under way to the web, again and again.

    In a thread of its own, as the web may hang. Two guards that knock at once send one message: the key is the run's.
    """
    under_way = CanaryRun.objects.under_way().filter(message=None, begun_at__gt=now - PATIENCE)
    run = under_way.select_related("treatment__patient__clinic").first()
    if run is not None:
        send_through_web(treatment=run.treatment, text=RISKY, key=run.key)
        note_arrival(run=run, now=now)


def missing_links(run: CanaryRun, now: datetime) -> list[str]:
    """Return the links of the chain that have not answered for this run."""
    screened = run.message is not None and run.message.screened_at is not None
    findings = FlagFinding.objects.filter(message__isnull=False, message=run.message)
    therapist = run.treatment.assignment.therapist
    listed = Flag.objects.open().visible_to(therapist).filter(owner=therapist, findings__in=findings)
    answered = {
        WEB: run.web_at is not None,
        "screening": screened and findings.exists(),
        "list": listed.exists(),
        "climb": listed.filter(climbs__gt=0, failures=0, next_step_at__gt=now).exists(),
        "worker": run.worker_at is not None,
    }
    return [link for link, has in answered.items() if not has]


def silent_canaries(now: datetime) -> int:
    """Return 1 when the latest run that ended has failed, or no run begins though it is time, also no first one.

    Else 0, also where there are no canaries: `doctor` says that. A failure of the web alone is `shut_out_canaries`.
    """
    if not settings.CANARY_SECONDS or not Clinic.objects.canaries().exists():
        return 0
    since, latest = CanaryRun.objects.latest_begun() or canaries_made_at(), CanaryRun.objects.ended().first()
    stands_still = since is None or now - since > _interval() + LIMIT + SLOW_GUARD
    return int(stands_still or (latest is not None and latest.missing not in {"", WEB}))


def shut_out_canaries() -> int:
    """Return 1 when the web did not let the latest canary in. Staff can do nothing about it, and see no bar."""
    latest = CanaryRun.objects.ended().first() if settings.CANARY_SECONDS else None
    return int(latest is not None and WEB in latest.missing.split(","))


def canaries_made_at() -> datetime | None:
    """Return since when there have been patients who are nobody; None: there are none, and nothing tests the chain."""
    writers = Patient.objects.filter(clinic__in=Clinic.objects.canaries())
    return writers.order_by("created_at").values_list("created_at", flat=True).first()


def _begin_if_due(now: datetime) -> None:
    latest = CanaryRun.objects.order_by("-pk").first()
    if latest is not None and now - latest.begun_at < _interval():
        return
    writers = list(Treatment.objects.running().filter(patient__clinic__in=Clinic.objects.canaries()).order_by("pk"))
    others = [each for each in writers if latest is None or each.pk != latest.treatment_id]
    if others:
        begin_canary_run(treatment=others[0], now=now)


def _interval() -> timedelta:
    return timedelta(seconds=settings.CANARY_SECONDS)
