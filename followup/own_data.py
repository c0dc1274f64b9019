"""A patient's own data as one file to keep (GDPR articles 15 and 20): a page to read, and the same as JSON.

What the patient wrote and answered, the messages both ways, the measures and the plan. What clinicians wrote about the
patient stands in the medical record, and the page says where to ask for it.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import Patient
from programs.instruments import FUNCTION, Choice, text, words_key
from programs.library_format.blocks import Question
from programs.library_format.placeholders import fill
from programs.measures.wordings import as_sent
from programs.models import Module, Submission, Treatment
from programs.pages.filling import placeholders
from programs.pages.recall import lines_of
from programs.plans.plans_for_crisis import shown as steps_of_plan
from programs.shipped import instruments
from programs.toolkit.entries import Recorded, in_words, shown
from programs.tools import tools
from programs.treatment.changes import told
from programs.treatment.stuck import reasons
from riskmonitor.flags.held_interviews import held
from riskmonitor.follow_up import QUESTIONS
from riskmonitor.models import Interview

PAGE, DATA = "mina-uppgifter.html", "mina-uppgifter.json"
Answers = list[dict[str, Any]]


def own_data(patient: Patient, language: str, now: datetime) -> dict[str, Any]:
    """Return everything as plain data; moments are local.

    Queries: one each for the drafts, for next of kin and for interviews, eight a treatment.
    """
    user = patient.user
    treatments = patient.treatments.select_related("revision", "assignment__therapist").order_by("planned_at")
    drafts = user.drafts.order_by("updated_at").values("form_key", "updated_at", "data")
    return {
        "made_at": _moment(now),
        "person": {
            "name": user.full_name, "email": user.email, "phone": patient.phone, "born": patient.born,
            "clinic": patient.clinic.name,
        },
        "next_of_kin": [
            {
                "name": kin.name, "relation": kin.relation, "phone": kin.phone, "given_at": _moment(kin.given_at),
                "withdrawn_at": _moment(kin.withdrawn_at),
            }
            for kin in patient.next_of_kin.order_by("given_at", "pk")
        ],
        "interviews": [
            {"title": each.name, "at": _moment(each.held_at), "by": each.by.full_name if each.by else "",
             "answers": [_answer(question, answer) for question, answer in each.answers]}
            for each in held(Interview.objects.filter(event__flag__patient=patient))
        ],
        "treatments": [_treatment(treatment, language, now) for treatment in treatments],
        "unsent": [
            {"form": row["form_key"], "at": _moment(row["updated_at"]), "data": row["data"]} for row in drafts
        ],
    }  # fmt: skip


def make_zip(patient: Patient, language: str, now: datetime) -> bytes:
    """Return the zip file with the page and the data. Names inside it say nothing about whom."""
    data = own_data(patient, language, now)
    page = render_to_string("followup/own_data.html", {"data": data, "language": language})
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(PAGE, page)
        file.writestr(DATA, json.dumps(data, ensure_ascii=False, indent=2, default=_iso))
    return made.getvalue()


def _treatment(treatment: Treatment, language: str, now: datetime) -> dict[str, Any]:
    steps = treatment.steps.select_related("module").in_order()
    changes = treatment.plan_changes.select_related("by", "step__module")
    messages = treatment.messages.select_related("author").order_by("sent_at", "pk")
    return {
        "programme": in_words(treatment.revision.title, language),
        "therapist": treatment.assignment.therapist.full_name,
        "state": str(treatment.get_state_display()),
        "started_at": _moment(treatment.started_at),
        "ended_at": _moment(treatment.ended_at),
        "plan": [
            {
                "part": step.module.number, "title": step.module.title, "opened_at": _moment(step.opened_at),
                "sent_at": _moment(step.sent_at), "due_on": step.due_on,
                "taken_out_at": _moment(step.hidden_at),
            }
            for step in steps
        ],
        "changes": [_change(told(change, language)) for change in changes],
        "sent": list(_sent(treatment, language, now)),
        "kept": [
            {
                "at": _moment(line.kept_at), "text": line.text, "source": line.source,
                "taken_out_at": _moment(line.removed_at),
            }
            for line in treatment.kept_lines.all()
        ],
        "sleep_windows": [
            {
                "from": window.from_date, "bed": f"{window.bed:%H.%M}", "rise": f"{window.rise_time:%H.%M}",
                "by": window.decided_by.full_name,
            }
            for window in treatment.sleep_windows.kept().select_related("decided_by")
        ],
        "messages": [
            {"at": _moment(each.sent_at), "from": each.author.full_name, "text": each.text} for each in messages
        ],
    }  # fmt: skip


def _change(change: Any) -> dict[str, Any]:
    return {
        "at": _moment(change.at), "what": change.words, "why": change.reason, "smaller_step": change.smaller_step,
    }  # fmt: skip


def _sent(treatment: Treatment, language: str, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield each answer set with its questions in words; what no form knows stands as it was stored."""
    values = placeholders(treatment, now)
    with_pages = Prefetch("module", Module.objects.prefetch_related("pages"))
    for row in treatment.submissions.order_by("sent_at", "pk").prefetch_related(with_pages):
        title, answers = SAID[Submission.Kind(row.kind)](row, language)
        answers = [_answer(fill(each["question"], values), each["answer"]) for each in answers]
        yield {
            "kind": str(row.get_kind_display()), "title": title, "sent_at": _moment(row.sent_at),
            "total": None if row.total is None else float(row.total), "answers": answers, "stored": row.answers,
        }  # fmt: skip


def _measure(row: Submission, language: str) -> tuple[str, Answers]:
    form = as_sent(row.form, row.form_version)
    if form is None:
        known = instruments().get(row.form)
        stored = [_answer(item, str(value)) for item, value in row.answers.items()]
        return known.called(language) if known else row.form, stored
    answers = []
    for item in form.items:
        chosen = _chosen(form.options_of(item), row.answers.get(item.id), language)
        answers.append(_answer(text(item.words, language), chosen))
        if written := row.answers.get(words_key(item.id)):
            answers.append(_answer(_("In your own words"), str(written)))
    if form.function_item and row.answers.get(FUNCTION) is not None:
        chosen = _chosen(form.function_item.options, row.answers[FUNCTION], language)
        answers.append(_answer(text(form.function_item.words, language), chosen))
    return form.called(language), answers


def _chosen(options: Iterable[Choice], value: object, language: str) -> str:
    """Return the words of an answer, its number where it has none; "" when it was left out."""
    if value is None:
        return ""
    return next((text(option.words, language) for option in options if option.value == value), "") or str(value)


def _module(row: Submission, language: str) -> tuple[str, Answers]:
    if row.module is None:
        return row.form, []
    pages = list(row.module.pages.all())
    asked: list[Question] = row.module.questions()
    answers = [_answer(each.prompt, "\n".join(lines_of(pages, each.id, row.answers))) for each in asked]
    return row.module.title, answers


def _tool(row: Submission, language: str) -> tuple[str, Answers]:
    schema = tools().get(row.form)
    if schema is None or not schema.built:
        return row.form, []
    entry = shown(schema, Recorded(str(row.code), row.sent_at, row.answers), language)
    answers = [_answer(_("About"), ", ".join(filter(None, [entry.title, entry.chip])))]
    return in_words(schema.name, language), [*answers, *(_answer(label, words) for label, words in entry.facts)]


def _crisis_plan(row: Submission, language: str) -> tuple[str, Answers]:
    steps = [step for step in steps_of_plan(row.answers, language) if not (step.is_care or step.is_empty)]
    people = {step.id: [f"{person.name} {person.phone}".strip() for person in step.people] for step in steps}
    answers = [_answer(step.label, "\n".join([*step.lines, *people[step.id]])) for step in steps]
    return str(row.get_kind_display()), answers


def _stuck(row: Submission, language: str) -> tuple[str, Answers]:
    reason = reasons().get(row.answers.get("reason", ""))
    label = in_words(reason.label, language) if reason else ""
    return label, [_answer(_("In your own words"), str(row.answers.get("words", "")))]


def _follow_up(row: Submission, language: str) -> tuple[str, Answers]:
    said = {None: "", True: _("Yes"), False: _("No")}
    answers = [_answer(str(QUESTIONS.get(key, key)), said.get(value, str(value))) for key, value in row.answers.items()]
    return str(row.get_kind_display()), answers


def _call_me(row: Submission, language: str) -> tuple[str, Answers]:
    asked = {"phone": _("Telephone number"), "words": _("In your own words")}
    return str(row.get_kind_display()), [_answer(words, str(row.answers.get(key, ""))) for key, words in asked.items()]


def _asked_again(row: Submission, language: str) -> tuple[str, Answers]:
    """Return the questionnaire's answers, of which only those that were asked again exist."""
    name, answers = _measure(row, language)
    return f"{row.get_kind_display()}: {name}", [each for each in answers if each["answer"]]


def _answer(question: str, answer: str) -> dict[str, str]:
    return {"question": question, "answer": answer}


def _moment(at: datetime | None) -> datetime | None:
    """Return local time to the minute."""
    return timezone.localtime(at).replace(second=0, microsecond=0) if at else None


def _iso(at: object) -> str:
    """Return a moment to the minute as ISO 8601 with the offset, or a day. Raise TypeError for anything else."""
    if isinstance(at, datetime):
        return at.isoformat(timespec="minutes")
    if isinstance(at, date):
        return at.isoformat()
    raise TypeError(type(at).__name__)


SAID: Mapping[Submission.Kind, Any] = {
    Submission.Kind.MEASURE: _measure,
    Submission.Kind.MODULE: _module,
    Submission.Kind.TOOL: _tool,
    Submission.Kind.CRISIS_PLAN: _crisis_plan,
    Submission.Kind.STUCK: _stuck,
    Submission.Kind.FOLLOW_UP: _follow_up,
    Submission.Kind.CALL_ME: _call_me,
    Submission.Kind.ASKED_AGAIN: _asked_again,
}
