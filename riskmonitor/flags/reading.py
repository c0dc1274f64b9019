"""What the flag pages show, read from the rows. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from clinics.models import NextOfKin
from messaging.models import Message
from programs.instruments import Instrument, Item, text, words_key
from programs.measures.wordings import as_sent
from programs.models import Submission
from programs.shipped import instruments
from riskmonitor.flags.alongside import NextStep, active_again_at, crisis_plan_at, next_step
from riskmonitor.flags.answer_words import answer_words, language
from riskmonitor.flags.excerpts import Excerpt, Mark, excerpt
from riskmonitor.flags.finding_words import break_off_words, is_break_off, is_worsening, limit_words, worsening_words
from riskmonitor.flags.flag_history import HandedOn, handed_on
from riskmonitor.flags.held_interviews import Held, held
from riskmonitor.follow_up import QUESTIONS
from riskmonitor.models import Flag, FlagEvent, FlagFinding
from riskmonitor.rules import FOLLOW_UP


@dataclass(frozen=True)
class MarkedAnswer:
    """An item that a rule pointed at. `answer` is None when it was left out."""

    form: str
    item: str
    question: str
    answer: str | None
    value: int | None
    at: datetime
    sent: bool
    later: str = ""  # the answer that was given when it was asked again
    later_at: datetime | None = None


@dataclass(frozen=True)
class WrittenText:
    """A text with the places a rule pointed at. `place` says where it was written."""

    place: str
    at: datetime
    excerpt: Excerpt
    whole: str


@dataclass(frozen=True)
class WholeForm:
    """A questionnaire as it was sent: pairs of question and answer."""

    form: str
    at: datetime
    answers: list[tuple[str, str]]


@dataclass(frozen=True)
class Change:
    """A worsening with its arithmetic, and when the answers came."""

    words: str
    limit: str
    at: datetime


@dataclass(frozen=True)
class FlagRead:
    """Everything on the review page."""

    answers: list[MarkedAnswer]
    texts: list[WrittenText]
    forms: list[WholeForm]
    events: list[FlagEvent]
    earlier: list[Flag]
    next_step: NextStep | None
    changes: list[Change]
    break_offs: list[str]
    active_again_at: datetime | None
    crisis_plan_at: datetime | None
    handed_on: HandedOn | None
    next_of_kin: NextOfKin | None
    interviews: list[Held]


def read_flag(flag: Flag) -> FlagRead:
    """Gather what was marked and written, has happened, and will. Four queries; a fifth without ALONGSIDE."""
    in_order = FlagFinding.objects.select_related("submission", "message", "answered_in").order_by("found_at", "pk")
    prefetch_related_objects([flag], Prefetch("findings", in_order))
    findings = list(flag.findings.all())
    earlier = Flag.objects.filter(patient=flag.patient).exclude(pk=flag.pk).exclude(closed_at=None)
    events = list(flag.events.select_related("by", "to", "interview"))
    return FlagRead(
        answers=[_marked(each, each.submission) for each in findings if each.item],
        texts=_texts(findings),
        forms=_forms(findings),
        events=events,
        earlier=list(earlier.select_related("closed_by").order_by("-raised_at")),
        next_step=next_step(flag),
        changes=[_change(each) for each in findings if is_worsening(each)],
        break_offs=[break_off_words(each) for each in findings if is_break_off(each)],
        active_again_at=active_again_at(flag),
        crisis_plan_at=crisis_plan_at(flag),
        handed_on=handed_on(events),
        next_of_kin=flag.patient.next_of_kin.with_consent().first(),
        interviews=held(each.interview for each in events if hasattr(each, "interview")),
    )


def _change(finding: FlagFinding) -> Change:
    sent = finding.submission
    words = worsening_words(finding, sent.total if sent else None)
    return Change(words, limit_words(finding), sent.sent_at if sent else finding.found_at)


def _marked(finding: FlagFinding, submission: Submission | None) -> MarkedAnswer:
    if finding.rule == FOLLOW_UP:
        return _asked(finding)
    form = finding.rule.partition(".")[0]
    known = instruments().get(form)
    shown = as_sent(form, submission.form_version) if submission else known
    words, answer = "", None if finding.value is None else str(finding.value)
    asked = next((item for item in shown.items if item.id == finding.item), None) if shown else None
    if shown and asked:
        words, answer = text(asked.words, language()), answer_words(shown, asked, finding.value)
    at = submission.sent_at if submission else finding.found_at
    return MarkedAnswer(
        form=known.called(language()) if known else form,
        item=finding.item,
        question=words,
        answer=answer,
        value=finding.value,
        at=at,
        sent=finding.draft_key is None,
        later=_later(finding, shown, asked),
        later_at=finding.answered_in.sent_at if finding.answered_in else None,
    )


def _later(finding: FlagFinding, shown: Instrument | None, asked: Item | None) -> str:
    """Return what was answered when the question was asked again, "" when it was not."""
    if finding.answered_in is None:
        return ""
    value = finding.answered_in.answers.get(finding.item)
    return (answer_words(shown, asked, value) if shown and asked else None) or str(value)


def _asked(finding: FlagFinding) -> MarkedAnswer:
    """Return one answer of the follow-up page: the question's words, and the yes or no that alarmed."""
    return MarkedAnswer(
        form=_("Follow-up questions"),
        item="",
        question=str(QUESTIONS.get(finding.item, finding.item)),
        answer=_("Yes") if finding.value else _("No"),
        value=finding.value,
        at=finding.found_at,
        sent=True,
    )


def _texts(findings: list[FlagFinding]) -> list[WrittenText]:
    """Return each text once, with all its marks; a text that could not be screened is shown whole."""
    marks: dict[tuple[Submission | Message, str], list[Mark]] = defaultdict(list)
    for finding in findings:
        row = finding.message or finding.submission
        if row is None or finding.item or is_worsening(finding):
            continue
        if finding.start is not None and finding.end is not None:
            marks[row, finding.address].append(Mark(finding.start, finding.end, finding.nuance_words))
        elif not finding.phrase:  # nothing is pointed at: everything in it is to be read
            for address in _addresses(row):
                marks[row, address] += []
    found = []
    for (row, address), places in marks.items():
        whole = row.text if isinstance(row, Message) else dict(map(tuple, row.texts)).get(address, "")
        if whole:
            found.append(WrittenText(_place(row), row.sent_at, excerpt(whole, places), whole))
    return found


def _addresses(row: Submission | Message) -> list[str]:
    return [""] if isinstance(row, Message) else [address for address, _text in row.texts]


def _place(row: Submission | Message) -> str:
    return _("Message") if isinstance(row, Message) else str(row.get_kind_display())


def _forms(findings: list[FlagFinding]) -> list[WholeForm]:
    """Return the questionnaires that the findings stand in, whole, each once and the latest first."""
    sent = {each.submission.pk: each.submission for each in findings if each.submission}
    measures = [row for row in sent.values() if row.kind == Submission.Kind.MEASURE]
    return [_whole(row) for row in sorted(measures, key=lambda row: row.sent_at, reverse=True)]


def _whole(submission: Submission) -> WholeForm:
    shown, given = as_sent(submission.form, submission.form_version), submission.answers
    if shown is None:  # answers that nobody can word: as they came
        return WholeForm(submission.form, submission.sent_at, [(str(k), str(v)) for k, v in given.items()])
    answers = [
        (
            f"{item.id}. {text(item.words, language())}",
            answer_words(shown, item, given.get(item.id)) or _("Not answered"),
        )
        for item in shown.items
    ]
    written = [
        (_("In own words, question %(item)s") % {"item": item.id}, given.get(words_key(item.id)))
        for item in shown.items
    ]
    return WholeForm(shown.called(language()), submission.sent_at, answers + [pair for pair in written if pair[1]])
