"""Send answers: one transaction with an idempotency key; the apps above hear of it inside that transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from clinics.audit import Did, audit
from clinics.models import User
from clinics.typed_text import storable_data
from programs import instruments, stuck, tools
from programs.actions.drafts import delete_draft
from programs.actions.plan import read_by_doing
from programs.asking import takes_measures
from programs.gates import Gates
from programs.library_format.answers import answer_faults, text_fields
from programs.models import Step, Submission, Treatment
from programs.records import recorded
from programs.signals import answers_sent

REPLAY = timedelta(days=1)
STUCK = "stuck"  # the form's name and the key of its draft


class AnswersRefused(Exception):
    """The answers cannot be stored as they are; `faults` says which and why, as (address, reason) pairs."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__(faults)
        self.faults = list(faults)


class NotOpen(Exception):
    """The treatment or the module does not take answers now."""


def measure_key(treatment: Treatment, instrument: str) -> UUID:
    """Return the key of the next answers to this instrument: the same in every tab until they are sent."""
    sent = Submission.objects.filter(treatment=treatment, kind=Submission.Kind.MEASURE, form=instrument).count()
    return uuid5(treatment.code, f"{instrument}:{sent}")


def step_key(step: Step) -> UUID:
    """Return the key of the next sending of this module."""
    sent = Submission.objects.filter(treatment=step.treatment, module=step.module, kind=Submission.Kind.MODULE).count()
    return uuid5(step.code, str(sent))


def tool_form_key(tool: str, *, kind: str, entry: str) -> str:
    """Return the form key of a draft: of a new entry of this kind, or of the entry (its first code) being edited."""
    return ":".join(filter(None, ("tool", tool, entry or kind)))


@transaction.atomic
def send_measure(
    *,
    treatment: Treatment,
    instrument: instruments.Instrument,
    version: str,
    answers: dict[str, Any],
    key: UUID,
    by: User,
    now: datetime,
    form_key: str = "",
) -> Submission:
    """Store a questionnaire's answers with their score. `form_key`: its draft, by default the patient's own.

    After the end of the treatment its follow-ups are still taken, and screened by the same chain. A form of an unknown
    version is kept unscored: it is flagged unscreenable above, and a human reads it.
    """
    if not takes_measures(treatment, now):
        raise NotOpen(treatment)
    answers = storable_data(answers)
    fields: dict[str, Any] = {"form_version": version, "total": None, "band": None}
    texts = [[name, value] for name, value in answers.items() if isinstance(value, str) and value.strip()]
    if version == instrument.version:
        if faults := instruments.validate(instrument, answers):
            raise AnswersRefused([(fault.item, fault.reason) for fault in faults])
        score = instruments.score(instrument, answers)
        fields |= {"total": score.total, "band": score.band}
    return _send(
        treatment=treatment,
        kind=Submission.Kind.MEASURE,
        form=instrument.id,
        answers=answers,
        texts=texts,
        key=key,
        by=by,
        now=now,
        drafts=[form_key or f"measure:{instrument.id}"],
        **fields,
    )


@transaction.atomic
def send_module(*, step: Step, answers: dict[str, Any], key: UUID, by: User, now: datetime) -> Submission:
    """Store what the patient wrote in a module, and mark the module as sent."""
    _must_be_running(step.treatment)
    if step.opened_at is None or step.hidden_at or Gates(step.treatment).closed_before_module(step.module):
        raise NotOpen(step)
    answers, questions = storable_data(answers), step.module.questions()
    if faults := answer_faults(questions, answers):
        raise AnswersRefused(faults)
    submission = _send(
        treatment=step.treatment,
        kind=Submission.Kind.MODULE,
        form=step.module.slug,
        module=step.module,
        answers=answers,
        texts=[list(pair) for pair in text_fields(questions, answers)],
        key=key,
        by=by,
        now=now,
        drafts=[f"page:{step.code}:{page.slug}" for page in step.module.pages.all()],
        form_version=step.module.revision.content_hash,
    )
    read_by_doing(step=step, now=now)
    if step.sent_at is None:
        step.sent_at = now
    step.answered_at = None
    step.save(update_fields=["sent_at", "answered_at"])
    return submission


@transaction.atomic
def send_tool_entry(
    *,
    treatment: Treatment,
    tool: str,
    entry: dict[str, Any],
    key: UUID,
    by: User,
    now: datetime,
    replaces: Submission | None = None,
) -> Submission:
    """Store one entry of a tool. Saving it sends it: the therapist can read it.

    An edited entry names a former version, which stays as it was; all versions point at the first, so that two
    windows that edit the same entry never split it in two. Of a tool with one entry for each value of a field (one
    night, one morning) a later entry takes the place of the first.
    """
    _must_be_running(treatment)
    first = (replaces.replaces or replaces) if replaces else None
    if first and (first.treatment_id, first.kind, first.form) != (treatment.pk, Submission.Kind.TOOL, tool):
        raise AnswersRefused([("replaces", "unknown")])
    if Gates(treatment).closed_before_tool(tool):
        raise NotOpen(treatment)
    cleaned = tools.validate_entry(tool, storable_data(entry))
    if isinstance(cleaned, list):
        raise AnswersRefused([(fault.field, fault.reason) for fault in cleaned])
    kind = tools.tools()[tool].kind_of(cleaned)
    return _send(
        treatment=treatment,
        kind=Submission.Kind.TOOL,
        form=tool,
        answers=cleaned,
        texts=[list(pair) for pair in tools.texts(tool, cleaned)],
        key=key,
        by=by,
        now=now,
        drafts=[tool_form_key(tool, kind=kind.id, entry=str(first.code) if first else "")],
        replaces=first or _standing(treatment, tool, cleaned),
    )


def _standing(treatment: Treatment, tool: str, entry: dict[str, Any]) -> Submission | None:
    """Return the first version of the entry whose place a new one takes, None for a tool that may have many."""
    once = tools.tools()[tool].once_per
    if not once:
        return None
    Treatment.objects.select_for_update().get(pk=treatment.pk)  # two tabs may not tell the same night twice
    same = (each for each in recorded(treatment, tool) if each.data.get(once) == entry.get(once))
    found = next(same, None)
    return treatment.submissions.get(code=found.code) if found else None


@transaction.atomic
def send_follow_up(
    *, treatment: Treatment, answers: dict[str, Any], texts: list[list[str]], key: UUID, by: User, now: datetime
) -> Submission:
    """Store the answers of the follow-up page (plan? today? safe now?). Not answering lowers nothing."""
    return _send(
        treatment=treatment,
        kind=Submission.Kind.FOLLOW_UP,
        form="follow_up",
        answers=storable_data(answers),
        texts=storable_data(texts),
        key=key,
        by=by,
        now=now,
        drafts=["follow-up"],
    )


@transaction.atomic
def send_stuck(
    *, treatment: Treatment, reason: str, words: str, key: UUID, by: User, now: datetime, step: Step | None = None
) -> Submission:
    """Store that it is slow going and why; `step` is the module it was said from. Words are screened as all text."""
    _must_be_running(treatment)
    if reason not in stuck.reasons():
        raise AnswersRefused([("reason", "unknown")])
    words = storable_data(words).strip()
    return _send(
        treatment=treatment,
        kind=Submission.Kind.STUCK,
        form=STUCK,
        module=step.module if step else None,
        answers={"reason": reason, "words": words},
        texts=[["words", words]] if words else [],
        key=key,
        by=by,
        now=now,
        drafts=[STUCK],
    )


def stuck_key(treatment: Treatment) -> UUID:
    """Return the key of the next saying that it is slow going."""
    return uuid5(treatment.code, f"{STUCK}:{Submission.objects.stuck().filter(treatment=treatment).count()}")


def _must_be_running(treatment: Treatment) -> None:
    if treatment.state not in {Treatment.State.ACTIVE, Treatment.State.PAUSED}:
        raise NotOpen(treatment)


def _send(
    *,
    treatment: Treatment,
    kind: str,
    form: str,
    answers: dict[str, Any],
    texts: list[list[str]],
    key: UUID,
    by: User,
    now: datetime,
    drafts: Sequence[str],
    **fields: Any,
) -> Submission:
    """Store once per key, tell the apps above, audit, forget the drafts.

    The same key with the same answers is a replay and changes nothing, for a day: what is sent from a page that has
    stood open longer is meant. The same key with other answers (two tabs) is stored beside the first under a key of
    its own: an answer is never dropped.
    """
    defaults = {
        "treatment": treatment, "kind": kind, "form": form, "answers": answers, "texts": texts,
        "sent_at": now, "screen_after": now, "entered_by": by, **fields,
    }  # fmt: skip
    submission, created = Submission.objects.get_or_create(key=key, defaults=defaults)
    same = submission.answers == answers and submission.treatment_id == treatment.pk
    if not created and not (same and now - submission.sent_at < REPLAY):
        other = uuid5(key, f"{treatment.pk}:{now:%Y-%m-%d}:{sorted(answers.items(), key=str)}")
        submission, created = Submission.objects.get_or_create(key=other, defaults=defaults)
    for form_key in drafts:  # before the apps above lock the patient: the sweep of drafts locks in the same order
        delete_draft(owner=by, form_key=form_key)
    if created:
        audit(by=by, did=Did.SENT, what=f"submission:{submission.code}", patient=treatment.patient, now=now)
        answers_sent.send(Submission, submission=submission, now=now)
    return submission
