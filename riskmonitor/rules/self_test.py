"""Do the rules still find what they must? Asked of the rules themselves, with answers and words made up for it (pure).

Not a measure of how much the rules find: only that the set is not empty, not cut off and not turned round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from riskmonitor.lexicon.phrases import TextKind
from riskmonitor.rules import break_off, deterioration, help_asked, suicide
from riskmonitor.rules.break_off import Reason, Sign, Signs
from riskmonitor.rules.kinds import Urgency
from riskmonitor.rules.known_forms import FORMS, Form

RISKY_WORDS: Mapping[TextKind, str] = {
    TextKind.PASSIVE: "Jag orkar inte leva mer.",
    TextKind.ACTIVE: "Jag vill ta livet av mig.",
    TextKind.PLAN: "Jag vet hur jag ska ta mitt liv.",
    TextKind.INTENT: "Det blir i natt, jag tar mitt liv.",
    TextKind.ATTEMPT: "Jag testade att ta livet av mig i somras.",
    TextKind.SELF_HARM: "Jag har skurit mig i armen.",
    TextKind.BURDEN: "Alla vore gladare utan mig.",
    TextKind.HOPELESS: "Jag ser ingen framtid alls.",
    TextKind.GOODBYE: "Det var allt, ta hand om katten efter mig.",
    TextKind.MEANS: "Jag har samlat tabletter.",
    TextKind.INDIRECT: "Snart slipper ni mig.",
}
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


def _every_rise_is_seen() -> bool:
    """A value that is nothing by itself is today when it has risen so far, and nothing when it has not."""
    rising = [
        (name, version, rule.item, rule.rise_today)
        for name, form in FORMS.items()
        for version in form.versions
        for rule in form.rules
        if rule.rise_today is not None
    ]
    return bool(rising) and all(
        [
            each.urgency
            for each in suicide.item_findings(name, version, {item: rise}, {item: before})
            if each.item == item
        ]
        == ([Urgency.TODAY] if before == 0 else [])
        for name, version, item, rise in rising
        for before in (0, rise)
    )


def _every_worsening_is_seen() -> bool:
    """A reliable change for the worse, and two rises of half of it; the same for the better is nothing."""
    judged = [_is_worse(name, form.change, form) for name, form in FORMS.items() if form.change is not None]
    return bool(judged) and all(judged)


def _is_worse(name: str, change: Decimal, form: Form) -> bool:
    worse = change if form.higher_is_worse else -change
    start, quarter = Decimal(100), worse / 4

    def rules(*totals: Decimal) -> list[str]:
        return [found.rule.partition(".")[2] for found in deterioration.deterioration_findings(name, totals)]

    return (
        rules(start, start + worse) == [deterioration.THAN_START]
        and rules(start, start + quarter, start + 2 * quarter) == [deterioration.TWO_RISES]
        and rules(start, start - worse) == []
    )


def _risky_words_are_seen() -> bool:
    return RISKY_WORDS.keys() == set(TextKind) and all(
        (f"text.{kind}", Urgency.NOW) in {(found.rule, found.urgency) for found in suicide.text_findings(text)}
        for kind, text in RISKY_WORDS.items()
    )


def _harmless_words_are_not() -> bool:
    return suicide.text_findings(HARMLESS_WORDS) == []


def _alarming_follow_up_is_seen() -> bool:
    return bool(suicide.FOLLOW_UP_ALARMS) and all(
        suicide.follow_up_findings(suicide.FOLLOW_UP, version, {question: answer})
        for question, answer in suicide.FOLLOW_UP_ALARMS.items()
        for version in suicide.FOLLOW_UP_VERSIONS
    )


def _a_call_is_seen() -> bool:
    asked = [help_asked.help_asked_findings(help_asked.HELP_ASKED, each, {}) for each in help_asked.HELP_ASKED_VERSIONS]
    return bool(asked) and all([found.urgency for found in each] == [Urgency.NOW] for each in asked)


def _breaking_off_is_seen() -> bool:
    """One sign at 14 days, two at 10, one after a marked question about suicide at 7; none a day before."""
    return all(
        _broken_off(signs, days, reasons) == [urgency] * (signs + len(reasons))
        and _broken_off(signs, days - 1, reasons) == []
        for signs, days, reasons, urgency in (
            (1, 14, (), Urgency.WEEK), (2, 10, (), Urgency.WEEK), (1, 7, (Reason.RISK_ITEM,), Urgency.TODAY),
        )
    )  # fmt: skip


def _broken_off(signs: int, days: int, reasons: tuple[Reason, ...]) -> list[Urgency]:
    now = datetime(2026, 1, 31, tzinfo=UTC)
    since = dict.fromkeys(list(Sign)[:signs], now - timedelta(days=days))
    return [found.urgency for found in break_off.break_off_findings(Signs(since, reasons), now)]


TRIALS: dict[str, Callable[[], bool]] = {
    "risk items": _every_risk_item_is_seen,
    "rises": _every_rise_is_seen,
    "worsening": _every_worsening_is_seen,
    "risky words": _risky_words_are_seen,
    "harmless words": _harmless_words_are_not,
    "follow-up questions": _alarming_follow_up_is_seen,
    "asking to be called": _a_call_is_seen,
    "breaking off": _breaking_off_is_seen,
}


def failed_trials() -> list[str]:
    """Return the names of the trials that fail; one that cannot even be run has failed."""
    return [name for name, trial in TRIALS.items() if not _passes(trial)]


def _passes(trial: Callable[[], bool]) -> bool:
    try:
        return trial()
    except Exception:  # a broken rule set breaks in any way it likes, and the answer is the same
        return False
