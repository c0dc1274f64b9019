"""Put a rule set in force. The first may be the shipped one; a changed one takes two people."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import connection, transaction

from clinics.access import Permission, permissions_of
from clinics.audit import Did, audit
from clinics.models import User
from riskmonitor.models import RuleActivation, RuleProposal
from riskmonitor.rules import RULES_VERSION, rule_set_hash
from riskmonitor.rules.self_test import failed_trials

log = structlog.get_logger(__name__)
SHIPPED = "The rules that the release came with, on a database where none had been in force."
DEMO = "The rules of this release, in a demo."


class ActivationRefused(Exception):
    """The rule set cannot be put in force, or not by this person; the text says why, in English, for a terminal."""


@transaction.atomic
def activate_shipped(*, now: datetime, demo: bool = False) -> RuleActivation | None:
    """Put the shipped rules in force where none ever were; in a demo, where nobody is real, also changed ones.

    Return None when nothing was done: the rules are in force, or they differ and two people must decide.
    """
    _lock()
    newest = RuleActivation.objects.newest_first().first()
    shipped = rule_set_hash()
    if newest is not None and (newest.hash == shipped or not demo):
        return None
    _refuse_broken()
    activation = RuleActivation.objects.create(
        hash=shipped, version=RULES_VERSION, reason=DEMO if demo else SHIPPED, activated_at=now
    )
    audit(job="prepare", did=Did.CHANGED, what=f"rules:{shipped[:12]}", now=now)
    log.info("rules.activated", rules=shipped[:12])
    return activation


@transaction.atomic
def propose_rules(*, reason: str, by: User, now: datetime) -> RuleProposal:
    """Say that the rules of this release should be in force, and why. Raise ActivationRefused."""
    _refuse_stranger(by)
    _refuse_broken()
    if not reason.strip():
        raise ActivationRefused("Say why: what has changed, and who has looked at the dry run.")
    shipped = rule_set_hash()
    proposal = RuleProposal.objects.create(
        hash=shipped, version=RULES_VERSION, reason=reason.strip(), proposed_at=now, proposed_by=by
    )
    audit(by=by, did=Did.MADE, what=f"rules:{shipped[:12]}", now=now)
    return proposal


@transaction.atomic
def activate_rules(*, by: User, now: datetime) -> RuleActivation:
    """Put the newest proposal for the rules of this release in force, as another person. Raise ActivationRefused."""
    _lock()
    _refuse_stranger(by)
    _refuse_broken()
    shipped = rule_set_hash()
    newest = RuleActivation.objects.newest_first().first()
    if newest is not None and newest.hash == shipped:
        raise ActivationRefused("These rules are in force already.")
    since = newest.activated_at if newest else datetime.min.replace(tzinfo=now.tzinfo)
    proposal = RuleProposal.objects.filter(hash=shipped, proposed_at__gte=since).order_by("-pk").first()
    if proposal is None:
        raise ActivationRefused("Nobody has proposed these rules yet: manage.py rules propose.")
    if proposal.proposed_by_id == by.pk:
        raise ActivationRefused("Who proposed the rules cannot put them in force: another person must.")
    activation = RuleActivation.objects.create(
        hash=shipped, version=proposal.version, reason=proposal.reason, proposed_at=proposal.proposed_at,
        proposed_by=proposal.proposed_by, activated_at=now, activated_by=by,
    )  # fmt: skip
    audit(by=by, did=Did.CHANGED, what=f"rules:{shipped[:12]}", now=now)
    log.info("rules.activated", rules=shipped[:12])
    return activation


def _refuse_stranger(by: User) -> None:
    if Permission.ACTIVATE_RULES not in permissions_of(by):
        raise ActivationRefused("Only those who lead a clinic or the region may decide about the rules.")


def _refuse_broken() -> None:
    if failed := failed_trials():
        raise ActivationRefused(f"The rules fail their self test: {', '.join(failed)}.")


def _lock() -> None:
    """One activation at a time: two machines may prepare at once."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE riskmonitor_ruleactivation IN SHARE ROW EXCLUSIVE MODE")
