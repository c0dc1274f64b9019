"""Item rules as a table of all values, drafts, and when an open flag alerts again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from programs.instruments import load_instruments
from riskmonitor import rules
from riskmonitor.rules import (
    FORMS,
    Alerted,
    BadAnswer,
    Finding,
    Form,
    Kind,
    UnknownForm,
    Urgency,
    draft_is_risky,
    follow_up_findings,
    item_findings,
    rule_set_hash,
    text_findings,
    worse,
)

INSTRUMENTS = Path(rules.__file__).parents[2] / "programs" / "library" / "instruments"
VERSION = {name: min(form.versions) for name, form in FORMS.items()}
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def answers(form: str, item_nine: int | None) -> dict[str, int | None]:
    return {str(n): 0 for n in range(1, FORMS[form].items + 1)} | {"9": item_nine}


@pytest.mark.hazard("H6a")
@pytest.mark.parametrize(
    ("form", "value", "urgency"),
    [
        ("phq9", 0, None),
        ("phq9", 1, Urgency.TODAY),
        ("phq9", 2, Urgency.NOW),
        ("phq9", 3, Urgency.NOW),
        ("phq9", None, Urgency.TODAY),  # missing is unknown, never 0
        ("madrs_s", 0, None),
        ("madrs_s", 1, None),
        ("madrs_s", 2, None),
        ("madrs_s", 3, Urgency.TODAY),
        ("madrs_s", 4, Urgency.NOW),
        ("madrs_s", 5, Urgency.NOW),
        ("madrs_s", 6, Urgency.NOW),
        ("madrs_s", None, Urgency.TODAY),
    ],
)
def test_every_value_of_the_suicide_item_has_its_urgency(form: str, value: int | None, urgency: Urgency | None) -> None:
    found = item_findings(form, VERSION[form], answers(form, value))
    wanted = [] if urgency is None else [Finding(Kind.SUICIDE, urgency, f"{form}.item9", item="9", value=value)]
    assert found == wanted


def test_an_item_that_is_not_there_at_all_is_missing() -> None:
    assert [each.urgency for each in item_findings("phq9", VERSION["phq9"], {})] == [Urgency.TODAY]
    assert item_findings("phq9", VERSION["phq9"], {"9": 0}) == []


@pytest.mark.parametrize(
    ("before", "value", "rule"),
    [(0, 2, "madrs_s.item9.rise"), (1, 2, None), (None, 2, None), (0, 1, None), (2, 4, "madrs_s.item9"), (2, 0, None)],
)
def test_a_rise_by_two_counts_also_under_the_threshold(before: int | None, value: int, rule: str | None) -> None:
    found = item_findings("madrs_s", VERSION["madrs_s"], answers("madrs_s", value), answers("madrs_s", before))
    assert [each.rule for each in found] == ([] if rule is None else [rule])


# MADRS-S item 9, every answer after every answer: rows are the time before (missing, 0 to 6), columns the time now
# (missing, 0 to 6). n now, t today, . nothing. Missing and 3 are today, from 4 it is now, and up by two is today.
AFTER_EACH = {
    None: "t...tnnn", 0: "t..ttnnn", 1: "t...tnnn", 2: "t...tnnn", 3: "t...tnnn", 4: "t...tnnn", 5: "t...tnnn",
    6: "t...tnnn",
}  # fmt: skip


@pytest.mark.parametrize("before", AFTER_EACH)
def test_every_answer_after_every_answer_has_its_urgency(before: int | None) -> None:
    letters = {(): ".", (Urgency.TODAY,): "t", (Urgency.NOW,): "n"}
    row = ""
    for value in (None, *range(7)):
        found = item_findings("madrs_s", VERSION["madrs_s"], answers("madrs_s", value), answers("madrs_s", before))
        row += letters[tuple(each.urgency for each in found)]
    assert row == AFTER_EACH[before]


def test_a_form_without_a_risk_item_has_no_findings() -> None:
    assert item_findings("gad7", VERSION["gad7"], {str(n): 3 for n in range(1, 8)}) == []


@pytest.mark.parametrize(("form", "version"), [("phq9", "0"), ("phq9", ""), ("nobody", "1"), ("PHQ9", "1")])
def test_an_unknown_form_or_version_is_not_judged(form: str, version: str) -> None:
    with pytest.raises(UnknownForm, match=form):
        item_findings(form, version, answers("phq9", 0))


@pytest.mark.parametrize("value", [-1, 4, 99, True, "2", 1.5])
@pytest.mark.parametrize("item", ["1", "9"])
def test_a_value_outside_the_range_is_not_judged(item: str, value: object) -> None:
    with pytest.raises(BadAnswer, match=f"item {item}"):
        item_findings("phq9", VERSION["phq9"], {item: value})


def test_the_function_item_is_none_of_its_business() -> None:
    assert item_findings("phq9", VERSION["phq9"], answers("phq9", 0) | {"function": 3}) == []


def test_the_rules_know_the_forms_that_are_shipped() -> None:
    """When this fails, wording or scoring changed: compare it with the rules, then add the new version to FORMS."""
    shipped = load_instruments(INSTRUMENTS)
    assert set(shipped) <= set(FORMS)
    for name, instrument in shipped.items():
        form = FORMS[name]
        assert instrument.version in form.versions
        assert form.items == len(instrument.items)
        for item in instrument.items:
            assert form.range_of(item.id) == (min(instrument.values_of(item)), max(instrument.values_of(item)))
        assert (form.change, form.higher_is_worse) == (instrument.reliable_change, instrument.higher_is_worse)
        assert {rule.item for rule in form.rules} == {item.id for item in instrument.items if item.risk}


def test_a_gated_form_is_known_by_its_structure_and_a_shipped_one_by_every_word() -> None:
    known = VERSION["madrs_s"]
    assert item_findings("madrs_s", f"{known}.a1b2c3d4e5f6", answers("madrs_s", 4))[0].urgency == Urgency.NOW
    for form, version in [("madrs_s", f"x{known}.a1b2c3d4e5f6"), ("phq9", f"{VERSION['phq9']}.a1b2c3d4e5f6")]:
        with pytest.raises(UnknownForm):
            item_findings(form, version, answers(form, 0))


def test_an_item_with_a_range_of_its_own_is_held_to_it() -> None:
    assert item_findings("panic_week", VERSION["panic_week"], {"1": 40, "2": 10, "3": 0}) == []
    with pytest.raises(BadAnswer, match="item 2"):
        item_findings("panic_week", VERSION["panic_week"], {"1": 40, "2": 11, "3": 0})


@pytest.mark.parametrize(
    ("form", "value", "risky"),
    [
        ("phq9", None, False),
        ("phq9", 0, False),
        ("phq9", 1, True),
        ("phq9", 3, True),
        ("phq9", "x", True),  # unreadable: the help box does no harm
        ("madrs_s", 2, False),
        ("madrs_s", 3, True),
        ("gad7", 3, False),
        ("nobody", 3, False),
    ],
)
def test_a_draft_is_risky_when_sending_it_would_raise_a_flag(form: str, value: object, risky: bool) -> None:
    assert draft_is_risky(form, {"9": value}) is risky


def test_a_draft_without_the_item_is_not_risky() -> None:
    assert not draft_is_risky("phq9", {"1": 3})


def test_each_risky_phrase_of_a_text_is_a_finding_for_now() -> None:
    found = text_findings("Hej! Jag vill inte leva längre.")
    assert [(each.kind, each.urgency, each.rule, each.phrase) for each in found] == [
        (Kind.SUICIDE, Urgency.NOW, "text.passive", "vill inte leva")
    ]
    assert (found[0].start, found[0].end, found[0].item, found[0].value) == (9, 23, None, None)
    assert text_findings("Hej! Jag tog en promenad.") == []


@pytest.mark.parametrize(
    ("answers", "alarming"),
    [
        ({"plan": True}, [("plan", 1)]),
        ({"today": True}, [("today", 1)]),
        ({"safe": False}, [("safe", 0)]),
        ({"plan": True, "today": True, "safe": False}, [("plan", 1), ("today", 1), ("safe", 0)]),
        ({"plan": False, "today": False, "safe": True}, []),
        ({"plan": None, "safe": None}, []),  # left out: known neither way, and the mark that led here stands
        ({}, []),
    ],
)
def test_each_alarming_follow_up_answer_is_a_finding_for_now(
    answers: dict[str, object], alarming: list[tuple[str, int]]
) -> None:
    found = follow_up_findings("follow_up", "", answers)
    assert found == [Finding(Kind.SUICIDE, Urgency.NOW, "follow_up", item=item, value=n) for item, n in alarming]


@pytest.mark.parametrize("answers", [{"plan": "yes"}, {"plan": 1}, {"safe": 0}, {"intent": True}])
def test_a_follow_up_answer_that_is_not_yes_or_no_is_refused(answers: dict[str, object]) -> None:
    with pytest.raises(BadAnswer):
        follow_up_findings("follow_up", "", answers)


@pytest.mark.parametrize(("form", "version"), [("follow_up", "2"), ("other", "")])
def test_an_unknown_follow_up_form_is_refused(form: str, version: str) -> None:
    with pytest.raises(UnknownForm):
        follow_up_findings(form, version, {"plan": False})


ITEM = Finding(Kind.SUICIDE, Urgency.TODAY, "phq9.item9", item="9", value=1)
PLAN = Finding(Kind.SUICIDE, Urgency.NOW, "follow_up", item="plan", value=1)
TEXT = Finding(Kind.SUICIDE, Urgency.NOW, "text.passive", phrase="vill inte leva", start=4, end=18)
SEEN = Alerted(Urgency.NOW, NOW, value=1, phrases=frozenset({"Vill inte leva"}))


@pytest.mark.parametrize(
    ("new", "old", "days", "again"),
    [
        (ITEM, Alerted(Urgency.TODAY, NOW, value=1), 0, False),
        (ITEM, Alerted(Urgency.WEEK, NOW, value=1), 0, True),  # more urgent
        (ITEM, Alerted(Urgency.NOW, NOW, value=3), 0, False),
        (ITEM, Alerted(Urgency.NOW, NOW, value=0), 0, True),  # a higher value
        (ITEM, Alerted(Urgency.TODAY, NOW, value=None), 0, True),  # was missing, now marked
        (Finding(Kind.SUICIDE, Urgency.TODAY, "phq9.item9", item="9"), Alerted(Urgency.TODAY, NOW, value=1), 0, False),
        (TEXT, SEEN, 0, False),  # the same words
        (TEXT, Alerted(Urgency.NOW, NOW, phrases=frozenset({"hoppa framför tåget"})), 0, True),
        (TEXT, Alerted(Urgency.NOW, NOW, value=3), 0, True),  # words after a marked item
        (PLAN, Alerted(Urgency.NOW, NOW, value=3, phrases=frozenset({"vill inte leva"})), 0, True),  # never asked
        (PLAN, Alerted(Urgency.NOW, NOW, value=1, asked=frozenset({"today"})), 0, True),  # another question
        (PLAN, Alerted(Urgency.NOW, NOW, asked=frozenset({"plan"})), 0, False),  # the same once more
        (PLAN, Alerted(Urgency.NOW, NOW, asked=frozenset({"plan"})), 14, True),
        (TEXT, SEEN, 13.99, False),
        (TEXT, SEEN, 14, True),
        (ITEM, Alerted(Urgency.NOW, NOW, value=3), 14, True),
    ],
)
def test_an_open_flag_alerts_again_when_it_is_worse_other_words_or_old(
    new: Finding, old: Alerted, days: float, again: bool
) -> None:
    assert worse(new, old, NOW + timedelta(days=days)) is again


def test_the_rule_sets_hash_changes_with_what_the_follow_up_page_alarms_about(monkeypatch: pytest.MonkeyPatch) -> None:
    before = rule_set_hash()
    monkeypatch.setitem(rules.FOLLOW_UP_ALARMS, "plan", False)
    assert rule_set_hash() != before


def test_the_rule_sets_hash_changes_with_a_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    before = rule_set_hash()
    assert before == rule_set_hash()
    assert len(before) == 64
    monkeypatch.setitem(FORMS, "gad7", Form(FORMS["gad7"].versions, 7, 0, 4))
    assert rule_set_hash() != before
