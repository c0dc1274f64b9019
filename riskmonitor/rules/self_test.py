"""Do the rules still find what they must? Asked of the rules themselves, with answers and words made up for it (pure).

Not a measure of how much the rules find: only that the set is not empty, not cut off and not turned round.
"""

from __future__ import annotations

from collections.abc import Callable

from riskmonitor.rules import break_off, help_asked, suicide
from riskmonitor.rules.kinds import Urgency
from riskmonitor.rules.known_forms import FORMS

RISKY_WORDS = ("Jag vill inte leva mer.", "jag tar livet av mig i natt")
HARMLESS_WORDS = "Jag gick en promenad med hunden och lagade mat."


def _every_risk_item_is_seen() -> bool:
    """Each rule of each version: marked at its limit is now, left out is not nothing, and all at zero is nothing."""
    judged = [
        _is_seen(form_id, version, rule.item, rule.now_from)
        for form_id, form in FORMS.items()
        for version in form.versions
        for rule in form.rules
    ]
    return bool(judged) and all(judged)


def _is_seen(form: str, version: str, item: str, alarming: int) -> bool:
    def urgencies(value: int | None) -> list[Urgency]:
        return [found.urgency for found in suicide.item_findings(form, version, {item: value}) if found.item == item]

    return urgencies(alarming) == [Urgency.NOW] and urgencies(None) == [Urgency.TODAY] and urgencies(0) == []


def _risky_words_are_seen() -> bool:
    return all(any(found.urgency is Urgency.NOW for found in suicide.text_findings(text)) for text in RISKY_WORDS)


def _harmless_words_are_not() -> bool:
    return suicide.text_findings(HARMLESS_WORDS) == []


def _alarming_follow_up_is_seen() -> bool:
    return bool(suicide.FOLLOW_UP_ALARMS) and all(
        suicide.follow_up_findings(suicide.FOLLOW_UP, version, {question: answer})
        for question, answer in suicide.FOLLOW_UP_ALARMS.items()
        for version in suicide.FOLLOW_UP_VERSIONS
    )


def _a_call_is_seen() -> bool:
    return bool(help_asked.HELP_ASKED_VERSIONS)


def _breaking_off_has_limits() -> bool:
    return bool(break_off.thresholds())


TRIALS: dict[str, Callable[[], bool]] = {
    "risk items": _every_risk_item_is_seen,
    "risky words": _risky_words_are_seen,
    "harmless words": _harmless_words_are_not,
    "follow-up questions": _alarming_follow_up_is_seen,
    "asking to be called": _a_call_is_seen,
    "breaking off": _breaking_off_has_limits,
}


def failed_trials() -> list[str]:
    """Return the names of the trials that fail; one that cannot even be run has failed."""
    return [name for name, trial in TRIALS.items() if not _passes(trial)]


def _passes(trial: Callable[[], bool]) -> bool:
    try:
        return trial()
    except Exception:  # a broken rule set breaks in any way it likes, and the answer is the same
        return False
