"""What the database promises: pairs of time and person, rows that never change, an index for each sweep."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from clinics.actions import set_day
from clinics.audit import Did, audit
from clinics.models import AccessGrant, AuditEvent, HoursChange, Membership
from followup.models import Report
from messaging import notices
from messaging.actions import send_message
from messaging.models import Attempt, Delivery, Message, Notice
from messaging.sweeps import send_one
from programs.actions import send_follow_up, tell_change
from programs.models import Draft, GateCheck, Module, Page, PlanChange, Revision, Step, Submission
from programs.shipped import interviews
from riskmonitor.actions import note_interview, order_dry_run, raise_flag
from riskmonitor.break_off_signs import long_enough
from riskmonitor.models import (
    DryRun,
    EscalationPlan,
    Flag,
    FlagEvent,
    Interview,
    RaisedFlag,
    RuleActivation,
    RuleProposal,
)
from riskmonitor.rules import Finding, Kind, Urgency
from riskmonitor.screening import FoundIn
from tests.cast import NOW, Cast
from tests.guards.source import APPS

# A person without a time of the same name: field → where the time stands.
TIMED_ELSEWHERE = {"programs.Submission.entered_by": "sent_at, and entered in the same moment"}


def own_models() -> list[type[models.Model]]:
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]


def pairs() -> Iterator[tuple[str, type[models.Model], models.Field, models.Field | None]]:
    """Return each person field `…_by` with its `…_at`, None where there is none."""
    for model in own_models():
        fields = {field.name: field for field in model._meta.concrete_fields}
        for name, field in fields.items():
            if name.endswith("_by"):
                yield f"{model._meta.label}.{name}", model, field, fields.get(name.removesuffix("_by") + "_at")


def test_every_person_has_a_time() -> None:
    assert {label for label, _model, _by, at in pairs() if at is None} == set(TIMED_ELSEWHERE)


def test_time_and_person_are_there_together_or_not_at_all() -> None:
    loose = [label for label, model, by, at in pairs() if at is not None and not _tied(model, by, at)]
    assert loose == []


def _tied(model: type[models.Model], by: models.Field, at: models.Field) -> bool:
    """Both are always there, or a constraint names both."""
    if not by.null and not at.null:
        return True
    rules = [rule.condition for rule in model._meta.constraints if isinstance(rule, models.CheckConstraint)]
    return any({by.name, at.name} <= _named(rule) for rule in rules)


def _named(rule: models.Q) -> set[str]:
    """Return the fields that a condition is about."""
    names: set[str] = set()
    for child in rule.children:
        names |= _named(child) if isinstance(child, models.Q) else {child[0].partition("__")[0]}
    return names


def test_a_loose_pair_is_seen() -> None:
    by, at = next((by, at) for label, _m, by, at in pairs() if label == "messaging.Message.read_by")
    assert _tied(Message, by, at)
    assert not _tied(Draft, by, at)  # no constraint of drafts speaks of them


def test_every_constraint_has_a_name_that_tells() -> None:
    names = [rule.name for model in own_models() for rule in model._meta.constraints]
    assert [name for name in names if len(name.split("_")) < 2 or name[-1].isdigit()] == []


@pytest.fixture
def kept(cast: Cast) -> dict[str, models.Model]:
    """One row of each kind that never changes."""
    audit(by=cast.berit, did=Did.READ, what="patient:x", patient=cast.annas.patient, now=NOW)
    found = FoundIn(Finding(Kind.SUICIDE, Urgency.NOW, "guard"), draft_key=uuid4())
    flag = raise_flag(patient=cast.annas.patient, treatment=cast.annas, found=[found], now=NOW)
    note_interview(
        flag=flag, asked=interviews()["c_ssrs"], answers={"1": 1}, held_at=NOW, key=uuid4(), by=cast.berit, now=NOW
    )
    send_message(treatment=cast.annas, text="Hej", key=uuid4(), by=cast.anna, now=NOW)
    send_follow_up(treatment=cast.annas, answers={}, texts=[], key=uuid4(), by=cast.anna, now=NOW)
    tell_change(treatment=cast.annas, kind=PlanChange.Kind.TOOL_ADDED, about="goals", by=cast.berit, now=NOW)
    GateCheck.objects.create(treatment=cast.annas, gate="prov-ok", items=["Ett"], by=cast.berit, at=NOW)
    EscalationPlan.objects.create(
        clinic=cast.eken, urgency="now", version=1, steps=[{}], saved_at=NOW, saved_by=cast.lena
    )
    set_day(clinic=cast.eken, day=NOW.date(), opening=None, by=cast.lena, now=NOW)
    activation = {"hash": "x", "version": "1", "reason": "x"}
    dry_run = order_dry_run(days=14, key=uuid4(), by=cast.lena, now=NOW)
    RuleProposal.objects.create(**activation, dry_run=dry_run, proposed_at=NOW, proposed_by=cast.lena)
    RuleActivation.objects.create(**activation, activated_at=NOW)
    notices.trial(to=cast.berit, path="/", now=NOW)
    while send_one(NOW):
        pass
    rows = [
        Attempt,
        AuditEvent,
        EscalationPlan,
        FlagEvent,
        GateCheck,
        Interview,
        HoursChange,
        Message,
        Module,
        Page,
        PlanChange,
        Revision,
        RuleActivation,
        RuleProposal,
        Submission,
    ]
    return {model.__name__: model._default_manager.first() for model in rows}


CHANGES = {
    "Attempt": {"result": "y"},
    "AuditEvent": {"what": "patient:y"},
    "EscalationPlan": {"steps": [{}, {}]},
    "FlagEvent": {"note": "y"},
    "GateCheck": {"items": []},
    "Interview": {"answers": {"1": 0}},
    "HoursChange": {"after": None},
    "Message": {"text": "y"},
    "Module": {"title": "y"},
    "Page": {"title": "y"},
    "PlanChange": {"words": "y"},
    "Revision": {"content_hash": "y"},
    "RuleActivation": {"hash": "y"},
    "RuleProposal": {"reason": "y"},
    "Submission": {"answers": {"9": 0}},
}


@pytest.mark.hazard("H13g")
@pytest.mark.parametrize("name", CHANGES)
def test_what_happened_is_never_changed_and_never_deleted(kept: dict[str, models.Model], name: str) -> None:
    row = kept[name]
    rows = type(row)._default_manager.filter(pk=row.pk)
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        rows.update(**CHANGES[name])
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        rows._raw_delete(rows.db)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {row._meta.db_table}")


def test_a_revision_may_be_published_and_never_unpublished(cast: Cast) -> None:
    Revision.objects.filter(pk=cast.revision.pk).update(status="published", published_at=NOW)
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        Revision.objects.filter(pk=cast.revision.pk).update(status="draft", published_at=None)


SWEEPS = {  # partial index → what its sweep asks
    "submission_unscreened": lambda: Submission.objects.unscreened(NOW),
    "message_unscreened": lambda: Message.objects.unscreened(NOW),
    "draft_unscreened": lambda: Draft.objects.unscreened(NOW - timedelta(minutes=15)),
    "flag_open_due": lambda: Flag.objects.due(NOW),
    "notice_unspread": lambda: Notice.objects.unspread(),
    "delivery_due": lambda: Delivery.objects.filter(channel="email").due(NOW),
    "treatment_active_since": lambda: long_enough(NOW).order_by("started_at"),
    "step_unanswered": lambda: Step.objects.unanswered().filter(sent_at__lte=NOW).order_by("sent_at"),
    "membership_due_to_end": lambda: Membership.objects.due_to_end(NOW),
    "grant_of_flag_open": lambda: AccessGrant.objects.left_behind(NOW),
    "report_due": lambda: Report.objects.due(NOW),
    "dry_run_due": lambda: DryRun.objects.due(NOW, "x"),
    "flag_to_remind": lambda: Flag.objects.to_remind(NOW),
    "raised_flag_open": lambda: RaisedFlag.objects.missing().order_by("flag_number"),
}


OTHER_INDEXES = """
    SELECT tables.relname, others.relname, pg_constraint.conname
    FROM pg_index AS own
    JOIN pg_class AS tables ON tables.oid = own.indrelid
    JOIN pg_index AS other ON other.indrelid = own.indrelid
    JOIN pg_class AS others ON others.oid = other.indexrelid AND others.relname <> %s
    LEFT JOIN pg_constraint ON pg_constraint.conindid = others.oid AND pg_constraint.contype IN ('p', 'u', 'x')
    WHERE own.indexrelid = %s::regclass
"""


@pytest.mark.django_db
@pytest.mark.parametrize("index", SWEEPS)
def test_each_sweep_has_its_index(index: str) -> None:
    """Where its own index is the only one of the table, and reading the whole table is dear, the sweep asks the index.

    The others go, since which one is taken depends on what the planner happens to know; the test takes it all back.
    """
    with connection.cursor() as cursor:
        cursor.execute(OTHER_INDEXES, [index, index])
        for table, name, constraint in cursor.fetchall():
            cursor.execute(
                f'ALTER TABLE "{table}" DROP CONSTRAINT "{constraint}" CASCADE'
                if constraint
                else f'DROP INDEX "{name}"'
            )
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = SWEEPS[index]()[:1].explain(format="json")
    assert index in _indexes(json.loads(plan)[0]["Plan"])


def _indexes(node: dict[str, object]) -> set[object]:
    below = [_indexes(child) for child in node.get("Plans", [])]  # type: ignore[attr-defined]
    return {node.get("Index Name")}.union(*below)


def test_each_partial_index_for_a_sweep_is_asked_above() -> None:
    partial = {i.name for model in own_models() for i in model._meta.indexes if i.condition and _waits(i)}
    by_whom = {
        "flag_open_by_clinic",
        "absence_kept_by_user",
        "delivery_unsent",
        "raised_flag_missed",
    }  # for pages and the auditor
    assert partial - by_whom == set(SWEEPS)


def test_a_message_without_words_is_refused_by_the_database(cast: Cast) -> None:
    message = send_message(treatment=cast.annas, text="Hej", key=uuid4(), by=cast.anna, now=NOW)
    message.pk, message.code, message.key, message.text = None, uuid4(), uuid4(), ""
    with pytest.raises(DatabaseError, match="message_not_empty"), transaction.atomic():
        message.save(force_insert=True)


def _waits(index: models.Index) -> bool:
    """Tell whether the index is about rows that wait for their time."""
    return any(field.endswith(("_at", "_after", "_number")) for field in index.fields)
