"""Ask another clinic to be one's hub, agree to it, and end it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import structlog
from django.db import transaction

from clinics.audit import Did, audit
from clinics.cover.cover_kept import cover_kept, hold_clinics
from clinics.models import Clinic, HubAgreement, User

log = structlog.get_logger(__name__)


class HubFault(StrEnum):
    SAME = "same"  # a clinic is not its own hub, nor one of another region
    DATES = "dates"  # it ends before it begins, or has ended
    KNOWN = "known"  # there is one between the two in these days
    OVER = "over"  # agreed on, or ended, already
    ALONE = "alone"  # the same person asks and agrees


class HubRefused(Exception):
    """It cannot be asked for, agreed on or ended; `fault` says why."""

    def __init__(self, fault: HubFault) -> None:
        super().__init__(fault)
        self.fault = fault


@transaction.atomic
def ask_hub(
    *, needs: Clinic, hub: Clinic, starts_at: datetime, ends_at: datetime, by: User, now: datetime
) -> HubAgreement:
    """Ask the other clinic; nothing opens before it agrees. Raise HubRefused."""
    hold_clinics([needs.pk])
    starts_at = max(starts_at, now)
    if needs.pk == hub.pk or needs.region_id != hub.region_id or hub.is_canary:
        raise HubRefused(HubFault.SAME)
    if ends_at <= starts_at:
        raise HubRefused(HubFault.DATES)
    known = HubAgreement.objects.standing(now).filter(needs=needs, hub=hub)
    if known.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        raise HubRefused(HubFault.KNOWN)
    asked = HubAgreement.objects.create(
        needs=needs, hub=hub, starts_at=starts_at, ends_at=ends_at, asked_at=now, asked_by=by
    )
    _say(asked, needs, Did.SAVED, by, now)
    return asked


@transaction.atomic
def agree_to_hub(*, agreement: HubAgreement, by: User, now: datetime) -> HubAgreement:
    """Agree, for the clinic that helps. Raise HubRefused."""
    held = _held(agreement)
    if held.agreed_at or held.ended_at or held.ends_at <= now:
        raise HubRefused(HubFault.OVER)
    if held.asked_by_id == by.pk:
        raise HubRefused(HubFault.ALONE)
    held.agreed_at, held.agreed_by = now, by
    held.save(update_fields=["agreed_at", "agreed_by"])
    _say(held, held.hub, Did.OPENED, by, now)
    return held


@transaction.atomic
def end_hub(*, agreement: HubAgreement, by: User, now: datetime) -> HubAgreement:
    """End it now, for either clinic; one that is only asked for is declined or taken back.

    Raise HubRefused, or Uncovered where a patient counts on somebody from the hub, and save nothing.
    """
    with cover_kept([agreement.needs], now):
        held = _held(agreement)
        if held.ended_at or held.ends_at <= now:
            raise HubRefused(HubFault.OVER)
        held.ended_at, held.ended_by = now, by
        held.save(update_fields=["ended_at", "ended_by"])
        _say(held, held.needs, Did.CLOSED, by, now)
    return held


def _held(agreement: HubAgreement) -> HubAgreement:
    rows = HubAgreement.objects.select_for_update(of=("self",)).select_related("needs", "hub")
    return rows.get(pk=agreement.pk)


def _say(agreement: HubAgreement, clinic: Clinic, did: Did, by: User, now: datetime) -> None:
    audit(by=by, did=did, what=f"hub:{agreement.code}", clinic=clinic, now=now)
    log.info("hub.changed", hub=agreement.pk, did=did)
