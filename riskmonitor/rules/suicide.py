"""Suicidal thoughts: which answers and words must be looked at, and how soon (pure).

Thresholds: architecture, section 4. Psykologpartners flag MADRS-S item 9 from 4 on the national platform. For PHQ-9
item 9 no source gives a limit in iKBT: from 1 it is looked at, from 2 it is urgent, as researchers behind mindLAMP have
asked for. Missing is unknown, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskmonitor import lexicon
from riskmonitor.rules.kinds import BadAnswer, Finding, Kind, UnknownForm, Urgency
from riskmonitor.rules.known_forms import FORMS, ITEM_RULES, Form, ItemRule

# The follow-up page: which answer to which question asks for a human now (architecture, section 4). Every other answer
# is kept and lowers nothing. The page stores no version of its own: its form is this rule's.
FOLLOW_UP = "follow_up"
FOLLOW_UP_VERSIONS = frozenset({""})
FOLLOW_UP_ALARMS: dict[str, bool] = {"plan": True, "today": True, "safe": False}


def item_findings(
    instrument_id: str,
    instrument_version: str,
    answers: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
) -> list[Finding]:
    """Return what the answers ask for, by item id ("1" is the first).

    `before` are the values of the same form that were known last, from before a question was left out too.

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
        Finding(
            Kind.SUICIDE, Urgency.NOW, f"text.{hit.kind.value}", phrase=hit.phrase, start=hit.start, end=hit.end,
            nuances=hit.nuances,
        )
        for hit in lexicon.screen(text)
    ]  # fmt: skip
