"""Put a rule set in force. The first may be the shipped one; a changed one takes two people."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from clinics.access import Permission, permissions_of
from clinics.audit import Did, audit
from clinics.models import User
from messaging.models import Message
from programs.models import Submission
from riskmonitor.actions.trying import tried_rows
from riskmonitor.models import DryRun, RuleActivation, RuleProposal
from riskmonitor.rules import RULES_VERSION, rule_set_hash
from riskmonitor.rules.self_test import failed_trials
from riskmonitor.watch.looking_back import BACK, key_before

log = structlog.get_logger(__name__)
SHIPPED = "The rules that the release came with, on a database where none had been in force."
DEMO = "The rules of this release, in a demo."
TRIED_WITHIN = timedelta(days=7)  # whoever proposes, and whoever decides, rests on a dry run that is no older


class Refusal(StrEnum):
    """Why the rule set cannot be put in force, or not by this person."""

    STRANGER = "stranger"
    BROKEN = "broken"
    NO_REASON = "no_reason"
    NOT_TRIED = "not_tried"
    IN_FORCE = "in_force"
    NOT_PROPOSED = "not_proposed"
    SAME_PERSON = "same_person"


class ActivationRefused(Exception):
    """Nothing was done. `refusal` is for pages; the text says why, in English, for a terminal."""

    def __init__(self, refusal: Refusal, text: str) -> None:
        super().__init__(text)
        self.refusal = refusal


@transaction.atomic
def activate_shipped(*, now: datetime, demo: bool = False) -> RuleActivation | None:
    """Put the shipped rules in force where none ever were; in a demo, where nobody is real, also changed ones.

    Return None when nothing was done: the rules are in force, or they differ and two people must decide.
    """
    _lock()
    newest = RuleActivation.objects.in_force()
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
    """Say that the rules of this release should be in force, and why, after a dry run. Raise ActivationRefused."""
    _refuse_stranger(by)
    _refuse_broken()
    if not reason.strip():
        raise ActivationRefused(Refusal.NO_REASON, "Say why: what has changed, and who has looked at the dry run.")
    in_force = RuleActivation.objects.in_force()
    if in_force is not None and in_force.hash == rule_set_hash():
        raise ActivationRefused(Refusal.IN_FORCE, "These rules are in force already.")
    dry_run = dry_run_to_rest_on(now, in_force)
    if dry_run is None:
        raise ActivationRefused(Refusal.NOT_TRIED, "Try the rules on stored answers first, on 14 days at least.")
    shipped = rule_set_hash()
    proposal = RuleProposal.objects.create(
        hash=shipped, version=RULES_VERSION, reason=reason.strip(), dry_run=dry_run, proposed_at=now, proposed_by=by
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
    newest = RuleActivation.objects.in_force()
    if newest is not None and newest.hash == shipped:
        raise ActivationRefused(Refusal.IN_FORCE, "These rules are in force already.")
    proposal = open_proposal(now, newest)
    if proposal is None:
        raise ActivationRefused(Refusal.NOT_PROPOSED, "Nobody has proposed these rules on a dry run that holds today.")
    if proposal.proposed_by_id == by.pk:
        raise ActivationRefused(
            Refusal.SAME_PERSON, "Who proposed the rules cannot put them in force: another person must."
        )
    activation = RuleActivation.objects.create(
        hash=shipped, version=proposal.version, reason=proposal.reason, proposed_at=proposal.proposed_at,
        proposed_by=proposal.proposed_by, activated_at=now, activated_by=by,
    )  # fmt: skip
    audit(by=by, did=Did.CHANGED, what=f"rules:{shipped[:12]}", now=now)
    log.info("rules.activated", rules=shipped[:12])
    return activation


def dry_run_to_rest_on(now: datetime, in_force: RuleActivation | None) -> DryRun | None:
    """Return the newest dry run of these rules that may be decided on today."""
    return _tried(now, in_force).select_related("asked_by").first()


def open_proposal(now: datetime, in_force: RuleActivation | None) -> RuleProposal | None:
    """Return the newest proposal for the rules of this release that is not decided and whose dry run still holds."""
    proposals = RuleProposal.objects.filter(hash=rule_set_hash(), dry_run__in=_tried(now, in_force)).order_by("-pk")
    if in_force is not None:
        if in_force.hash == rule_set_hash():
            return None
        proposals = proposals.filter(proposed_at__gte=in_force.activated_at)
    return proposals.select_related("proposed_by", "dry_run").first()


def spoilt_dry_run(now: datetime, in_force: RuleActivation | None) -> DryRun | None:
    """Return the newest that would do, had nothing been screened since. For where there is none to rest on."""
    return _finished(now, in_force).first()


def _tried(now: datetime, in_force: RuleActivation | None) -> QuerySet[DryRun]:
    """Return the dry runs of these rules against those in force that may be decided on.

    They have looked at whatever the look back of the next night takes: nothing of it was screened after the run was
    asked for, as by a release that came back for a while. What was being screened in that very second may have been
    missed by the run, and is not seen here.
    """
    since = Q(screened_at__gt=OuterRef("asked_at"))
    return _finished(now, in_force).filter(*(~Exists(rows.filter(since)) for rows in _taken_by_the_night(now)))


def _finished(now: datetime, in_force: RuleActivation | None) -> QuerySet[DryRun]:
    """Return those that have ended, of as many days as the look back takes, and that are not too old."""
    against = in_force.hash if in_force else ""
    runs = DryRun.objects.finished(rule_set_hash())
    return runs.filter(asked_at__gte=now - TRIED_WITHIN, in_force=against, days__gte=BACK.days)


def _taken_by_the_night(now: datetime) -> tuple[QuerySet[Submission], QuerySet[Message]]:
    """Return what the next look back takes. Bound by key, as it goes: the tables hold all that was ever sent."""
    sent, since = tried_rows(now, BACK.days), now - BACK
    return (
        Submission.objects.filter(sent, pk__gt=key_before(Submission, since)),
        Message.objects.filter(sent, pk__gt=key_before(Message, since), from_patient=True),
    )


def _refuse_stranger(by: User) -> None:
    if Permission.ACTIVATE_RULES not in permissions_of(by):
        raise ActivationRefused(
            Refusal.STRANGER, "Only those who lead a clinic or the region may decide about the rules."
        )


def _refuse_broken() -> None:
    if failed := failed_trials():
        raise ActivationRefused(Refusal.BROKEN, f"The rules fail their self test: {', '.join(failed)}.")


def _lock() -> None:
    """One activation at a time: two machines may prepare at once."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE riskmonitor_ruleactivation IN SHARE ROW EXCLUSIVE MODE")
