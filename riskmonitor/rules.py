"""Which answers and words must be looked at, and how soon (pure).

Nothing here assesses a patient: a finding says what was marked or written and within what time a human must look.
Missing is unknown, never 0. What cannot be understood raises, and the caller raises an `unscreenable` flag instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from riskmonitor import lexicon
from riskmonitor.known_forms import FORMS, ITEM_RULES, Form, ItemRule

RULES_VERSION = "1"
REALERT_AFTER = timedelta(days=14)  # architecture, section 4: an old open flag is said again by a new finding


class Kind(StrEnum):
    """What a flag is about. One open flag per patient and kind."""

    SUICIDE = "suicide"
    HELP_ASKED = "help_asked"
    DETERIORATION = "deterioration"
    BREAK_OFF = "break_off"
    UNSCREENABLE = "unscreenable"
    UNCOVERED = "uncovered"


class Urgency(StrEnum):
    """Before when a human must look: an hour, a working day, three working days. Not a severity."""

    NOW = "now"
    TODAY = "today"
    WEEK = "week"


URGENCY_ORDER = {Urgency.WEEK: 0, Urgency.TODAY: 1, Urgency.NOW: 2}


class UnknownForm(ValueError):
    """The instrument, or this version of it, has no entry in `FORMS`."""


class BadAnswer(ValueError):
    """An answer is not a whole number within the item's range."""


# The follow-up page: which answer to which question asks for a human now (architecture, section 4). Every other answer
# is kept and lowers nothing. The page stores no version of its own: its form is this rule's.
FOLLOW_UP = "follow_up"
FOLLOW_UP_VERSIONS = frozenset({""})
FOLLOW_UP_ALARMS: dict[str, bool] = {"plan": True, "today": True, "safe": False}


@dataclass(frozen=True)
class Finding:
    """One sign that a human must look at. Either `item` and `value` (None: not answered), or `phrase` with its place.

    `start` and `end` count code points of the text as it was received, end not included.
    """

    kind: Kind
    urgency: Urgency
    rule: str
    version: str = RULES_VERSION
    item: str | None = None
    value: int | None = None
    phrase: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Alerted:
    """What an open flag has already alerted about: the highest urgency and value, all phrases, and when last.

    `value` is of questionnaire items; `asked` are the follow-up questions that had an alarming answer.
    """

    urgency: Urgency
    at: datetime
    value: int | None = None
    phrases: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()


def item_findings(
    instrument_id: str,
    instrument_version: str,
    answers: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
) -> list[Finding]:
    """Return what the answers ask for, by item id ("1" is the first); `before` are the same form's last answers.

    Raise UnknownForm for a form or version without rules, BadAnswer for a value outside the range.
    """
    form = FORMS.get(instrument_id)
    if form is None or not form.knows(instrument_version):
        raise UnknownForm(f"no rules for {instrument_id} version {instrument_version}")
    for item in map(str, range(1, form.items + 1)):
        _check(instrument_id, item, answers.get(item), form)
    found = [_judge(rule, answers.get(rule.item), (before or {}).get(rule.item)) for rule in form.rules]
    return [finding for finding in found if finding is not None]


def _check(instrument_id: str, item: str, value: object, form: Form) -> None:
    if value is None:
        return
    low, high = form.range_of(item)
    if type(value) is not int or not low <= value <= high:
        raise BadAnswer(f"{instrument_id} item {item} is outside {low} to {high}")


def _judge(rule: ItemRule, value: int | None, before: int | None) -> Finding | None:
    if value is None or value >= rule.today_from:
        urgent = value is not None and value >= rule.now_from
        urgency = Urgency.NOW if urgent else Urgency.TODAY
        return Finding(Kind.SUICIDE, urgency, rule.name, item=rule.item, value=value)
    if rule.rise_today is not None and before is not None and value - before >= rule.rise_today:
        return Finding(Kind.SUICIDE, Urgency.TODAY, f"{rule.name}.rise", item=rule.item, value=value)
    return None


def follow_up_findings(form: str, version: str, answers: Mapping[str, object]) -> list[Finding]:
    """Return one finding, urgency now, for each alarming answer of the follow-up page; `value` is 1 for yes, 0 for no.

    A question that was left out (absent or None) is no finding: leaving out lowers nothing and raises nothing.
    Raise UnknownForm for another form or version, BadAnswer for an unknown question or an answer that is not yes or no.
    """
    if form != FOLLOW_UP or version not in FOLLOW_UP_VERSIONS:
        raise UnknownForm(f"no rules for {form} version {version}")
    for question, answer in answers.items():
        if question not in FOLLOW_UP_ALARMS or not (answer is None or isinstance(answer, bool)):
            raise BadAnswer(f"{form} {question} is not a question with yes or no")
    return [
        Finding(Kind.SUICIDE, Urgency.NOW, FOLLOW_UP, item=question, value=int(alarming))
        for question, alarming in FOLLOW_UP_ALARMS.items()
        if answers.get(question) is alarming
    ]


def draft_is_risky(instrument_id: str, answers: Mapping[str, Any]) -> bool:
    """Say whether an unsent form has a risk item marked at a value that would raise a flag; unmarked is not risky.

    A value that cannot be read counts as risky: the help box that follows does no harm.
    """
    for rule in ITEM_RULES.get(instrument_id, ()):
        value: object = answers.get(rule.item)
        if value is not None and (type(value) is not int or value >= rule.today_from):
            return True
    return False


def text_findings(text: str) -> list[Finding]:
    """Return one finding, urgency now, for each risky phrase in the text. Words never say that all is well."""
    return [
        Finding(Kind.SUICIDE, Urgency.NOW, f"text.{hit.kind.value}", phrase=hit.phrase, start=hit.start, end=hit.end)
        for hit in lexicon.screen(text)
    ]


def worse(new: Finding, old: Alerted, now: datetime) -> bool:
    """Say whether a finding must alert again although a flag of its kind is open.

    It must when it is more urgent, its item value is higher (or known where it was missing), its words are other
    words, it is an alarming answer to a follow-up question that had none, or the last alert is 14 days old.
    """
    if URGENCY_ORDER[new.urgency] > URGENCY_ORDER[old.urgency]:
        return True
    if new.rule == FOLLOW_UP:  # yes and no are no values of a questionnaire: a plan is news beside any mark
        if new.item not in old.asked:
            return True
    elif new.value is not None and (old.value is None or new.value > old.value):
        return True
    if new.phrase and new.phrase.casefold() not in {phrase.casefold() for phrase in old.phrases}:
        return True
    return now - old.at >= REALERT_AFTER


def rule_set_hash() -> str:
    """Return 64 hex digits that change with any threshold, range, version or phrase: stored with each screening."""
    forms = [
        (name, sorted(form.versions), form.items, form.low, form.high, form.rules, sorted(form.own.items()))
        for name, form in sorted(FORMS.items())
    ]
    follow_up = (sorted(FOLLOW_UP_VERSIONS), sorted(FOLLOW_UP_ALARMS.items()))
    whole = f"{RULES_VERSION}|{forms!r}|{follow_up!r}|{lexicon.lexicon_hash()}"
    return hashlib.sha256(whole.encode()).hexdigest()
