"""Send answers to questionnaires, modules and single questions, each with the key of its next sending."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from clinics.models import User
from clinics.typed_text import storable_data
from programs import instruments
from programs.actions.plan import read_by_doing
from programs.actions.sending import AnswersRefused, NotOpen, must_be_running, send_once
from programs.library_format.answers import answer_faults, text_fields
from programs.library_format.safety import is_about_safety
from programs.measures.asking import takes_measures
from programs.models import Step, Submission, Treatment
from programs.treatment import stuck
from programs.treatment.gates import Gates

STUCK = "stuck"  # the form's name and the key of its draft
CALL_ME = "call_me"


def measure_key(treatment: Treatment, instrument: str) -> UUID:
    """Return the key of the next answers to this instrument: the same in every tab until they are sent."""
    sent = Submission.objects.filter(treatment=treatment, kind=Submission.Kind.MEASURE, form=instrument).count()
    return uuid5(treatment.code, f"{instrument}:{sent}")


def step_key(step: Step, last: Submission | None) -> UUID:
    """Return the key of the next sending of this module: the same on all its pages. last: what was last sent of it."""
    return uuid5(step.code, str(last.code) if last else "")


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
    return send_once(
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
    must_be_running(step.treatment)
    if step.opened_at is None or step.hidden_at or Gates(step.treatment).closed_before_module(step.module):
        raise NotOpen(step)
    answers, questions = storable_data(answers), step.module.questions()
    if faults := answer_faults(questions, answers):
        raise AnswersRefused(faults)
    submission = send_once(
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
    if is_about_safety(step.treatment.revision.facts, step.module.slug, answers):
        step.safety_at = now
    step.answered_at = None
    step.save(update_fields=["sent_at", "answered_at", "safety_at"])
    return submission


@transaction.atomic
def send_follow_up(
    *, treatment: Treatment, answers: dict[str, Any], texts: list[list[str]], key: UUID, by: User, now: datetime
) -> Submission:
    """Store the answers of the follow-up page (plan? today? safe now?). Not answering lowers nothing."""
    return send_once(
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
    must_be_running(treatment)
    if reason not in stuck.reasons():
        raise AnswersRefused([("reason", "unknown")])
    words = storable_data(words).strip()
    return send_once(
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


@transaction.atomic
def send_call_me(*, treatment: Treatment, phone: str, words: str, key: UUID, by: User, now: datetime) -> Submission:
    """Store that the patient asks to be called: on which number, if another than the known one, and in own words.

    It is taken in every state of the treatment: whoever asks for help is never told that it is too late.
    """
    given = {"phone": storable_data(phone).strip(), "words": storable_data(words).strip()}
    return send_once(
        treatment=treatment,
        kind=Submission.Kind.CALL_ME,
        form=CALL_ME,
        answers=given,
        texts=[[name, value] for name, value in given.items() if value],
        key=key,
        by=by,
        now=now,
        drafts=[CALL_ME],
    )


def call_me_key(treatment: Treatment) -> UUID:
    """Return the key of the next asking to be called."""
    sent = Submission.objects.filter(treatment=treatment, kind=Submission.Kind.CALL_ME).count()
    return uuid5(treatment.code, f"{CALL_ME}:{sent}")


@transaction.atomic
def send_asked_again(
    *,
    treatment: Treatment,
    instrument: instruments.Instrument,
    answers: dict[str, Any],
    key: UUID,
    by: User,
    now: datetime,
) -> Submission:
    """Store the answers to questions about suicide that were left out at first: the questionnaire stays as it was sent.

    Raise AnswersRefused for other answers, and when nothing is answered: then nothing is known that was not before.
    """
    faults = [(fault.item, fault.reason) for fault in instruments.validate(instrument, answers)]
    faults += [(item, "unknown") for item in answers if item not in instrument.risk_items]
    if faults or not any(value is not None for value in answers.values()):
        raise AnswersRefused(faults)
    return send_once(
        treatment=treatment,
        kind=Submission.Kind.ASKED_AGAIN,
        form=instrument.id,
        form_version=instrument.version,
        answers=answers,
        texts=[],
        key=key,
        by=by,
        now=now,
        drafts=[],
    )


def stuck_key(treatment: Treatment) -> UUID:
    """Return the key of the next saying that it is slow going."""
    return uuid5(treatment.code, f"{STUCK}:{Submission.objects.stuck().filter(treatment=treatment).count()}")
