"""PHQ-9 and GAD-7: unaltered wording, scoring by their sources, and answers that cannot be taken."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.instruments import (
    AnswerFault,
    Instrument,
    is_reliably_better,
    is_reliably_worse,
    load_instruments,
    load_registry,
    score,
    text,
    validate,
    wording_hash,
)
from programs.shipped import notes_on
from programs.tools import LIBRARY

INSTRUMENTS = load_instruments(LIBRARY / "instruments")
PHQ9, GAD7 = INSTRUMENTS["phq9"], INSTRUMENTS["gad7"]

# Over window, options and items, in Swedish and English. A change here changes what the answers mean: never do it.
WORDING = {
    "gad7": "7ad9f16d1d1da40bd90b45cdee71688bc6e455c63aba9dce0fe7ebb62525bae6",
    "phq9": "6d0eaf90cd1c06b4d1304bf48e3945f3c50a2e590cb25941782e0c4e32cbac4d",
}
VERSIONS = {"gad7": "85ca7aecdf84", "phq9": "a1812ae195ca"}


def answers_to(instrument: Instrument, *values: int | None) -> dict[str, int | None]:
    return {item.id: value for item, value in zip(instrument.items, values, strict=True)}


def test_the_wording_is_unaltered() -> None:
    assert {name: wording_hash(INSTRUMENTS[name]) for name in WORDING} == WORDING


@pytest.mark.hazard("H12a")
@pytest.mark.parametrize("part", ["window", "options", "items"])
def test_the_hash_covers_window_options_and_items(part: str) -> None:
    other = {"window": {"sv": "I dag"}, "options": PHQ9.options[:3], "items": PHQ9.items[:8]}
    assert wording_hash(replace(PHQ9, **{part: other[part]})) != WORDING["phq9"]


def test_the_version_is_stable() -> None:
    assert {name: INSTRUMENTS[name].version for name in VERSIONS} == VERSIONS


def test_nobody_has_claimed_to_have_compared_the_wording() -> None:
    assert {instrument.wording_checked_by for instrument in INSTRUMENTS.values()} == {""}


def test_only_item_nine_of_phq9_is_a_risk_item() -> None:
    assert PHQ9.risk_items == ("9",)
    assert GAD7.risk_items == ()


# Bands: Kroenke 2001 (PHQ-9: 5, 10, 15, 20) and Spitzer 2006 (GAD-7: 5, 10, 15), as in the shipped files.
@pytest.mark.parametrize(
    ("instrument", "total", "band"),
    [
        (PHQ9, 0, "minimal"), (PHQ9, 4, "minimal"), (PHQ9, 5, "mild"), (PHQ9, 9, "mild"), (PHQ9, 10, "moderate"),
        (PHQ9, 14, "moderate"), (PHQ9, 15, "moderately severe"), (PHQ9, 19, "moderately severe"), (PHQ9, 20, "severe"),
        (PHQ9, 27, "severe"), (GAD7, 4, "minimal"), (GAD7, 5, "mild"), (GAD7, 10, "moderate"), (GAD7, 15, "severe"),
        (GAD7, 21, "severe"),
    ],
)  # fmt: skip
def test_a_total_has_its_band(instrument: Instrument, total: int, band: str) -> None:
    count = len(instrument.items)
    values = [total // count + (place < total % count) for place in range(count)]
    scored = score(instrument, answers_to(instrument, *values))
    assert (scored.total, scored.complete, scored.missing) == (total, True, ())
    assert scored.band is not None
    assert text(instrument.bands[scored.band].words, "en") == band


@pytest.mark.parametrize(
    ("values", "total"),
    [
        ((1, 1, 1, 1, 1, 1, 1, 1, None), 9),
        ((3, 3, 3, 3, 3, 3, 3, 3, None), 27),
        ((1, 0, 0, 0, 0, 0, 0, 0, None), 1),  # 1 × 9 / 8 = 1.125
        ((1, 1, 1, 1, 0, 0, 0, 0, None), 5),  # 4 × 9 / 8 = 4.5, half up
        ((3, 3, 3, 3, 0, 0, 0, 0, None), 14),  # 12 × 9 / 8 = 13.5, half up
        ((2, 1, 0, 0, 0, 0, 0, None, None), 4),  # 3 × 9 / 7 = 3.86
        ((1, 0, 0, 0, 0, 0, 0, None, None), 1),  # 1 × 9 / 7 = 1.29
        ((3, 3, 3, 3, 3, 3, None, None, None), None),
        ((None,) * 9, None),
    ],
)
def test_phq9_with_one_or_two_missing_is_prorated_and_with_more_has_no_total(
    values: tuple[int | None, ...], total: int | None
) -> None:
    scored = score(PHQ9, answers_to(PHQ9, *values))
    assert scored.total == total
    assert (scored.band is None) == (total is None)
    assert not scored.complete
    assert len(scored.missing) == values.count(None)


def test_gad7_with_one_missing_has_no_total() -> None:
    scored = score(GAD7, answers_to(GAD7, 3, 3, 3, 3, 3, 3, None))
    assert (scored.total, scored.band, scored.complete, scored.missing) == (None, None, False, ("7",))


def test_an_answer_that_was_left_out_is_missing_and_never_zero() -> None:
    assert score(PHQ9, {"1": 3}).missing == ("2", "3", "4", "5", "6", "7", "8", "9")


def test_the_function_item_is_not_part_of_the_total() -> None:
    marked = answers_to(PHQ9, *[0] * 9) | {"function": 3}
    assert score(PHQ9, marked).total == 0
    assert validate(GAD7, {"function": 1}) == [AnswerFault("function", "unknown")]


@pytest.mark.parametrize(
    ("item", "value", "reason"),
    [
        ("10", 1, "unknown"), ("", 1, "unknown"), ("1", 4, "out_of_range"), ("1", -1, "out_of_range"),
        ("1", True, "not_a_number"), ("1", "1", "not_a_number"), ("1", 1.0, "not_a_number"), ("1", [1], "not_a_number"),
        ("function", 4, "out_of_range"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_told(item: str, value: object, reason: str) -> None:
    assert validate(PHQ9, {item: value}) == [AnswerFault(item, reason)]
    with pytest.raises(ValueError, match=reason):
        score(PHQ9, {item: value})  # type: ignore[dict-item]  # the wrong type is what is tested


def test_words_are_given_in_the_asked_language_or_in_swedish() -> None:
    assert text(PHQ9.options[0].words, "en") == "Not at all"
    assert text(PHQ9.options[0].words, "sv") == "Inte alls"
    assert text({"sv": "Bara svenska"}, "en") == "Bara svenska"


def test_the_registry_knows_every_shipped_own_and_gated_measure() -> None:
    registry = load_registry(LIBRARY)
    assert set(registry) == set(INSTRUMENTS)
    assert {key for key, listed in registry.items() if listed.status == "shipped"} == set(WORDING)
    for instrument in INSTRUMENTS.values():
        assert registry[instrument.id].items == len(instrument.items)
        assert registry[instrument.id].risk == bool(instrument.risk_items)
        assert instrument.has_wording == (registry[instrument.id].status != "gated")


def test_no_word_of_a_gated_instrument_is_here() -> None:
    for listed in load_registry(LIBRARY).values():
        if listed.status == "gated":
            gated = INSTRUMENTS[listed.id]
            assert not gated.window
            assert not any(item.words for item in gated.items)
            assert not any(option.words for item in gated.items for option in gated.options_of(item))


def test_every_file_says_its_licence_its_source_and_where_its_bands_come_from() -> None:
    for instrument in INSTRUMENTS.values():
        assert instrument.licence
        assert instrument.source
        assert instrument.bands_source or instrument.id in WORDING  # said in the shipped files in another place
        assert instrument.change is None or instrument.change.source


def test_a_computed_reliable_change_shows_its_formula() -> None:
    change = INSTRUMENTS["madrs_s"].change
    assert change is not None
    assert change.formula == "1.96 × 7.0 × √2 × √(1 − 0.84) = 7.8"
    assert {name for name, each in INSTRUMENTS.items() if each.change and each.change.formula} == {
        "bbq", "keds", "madrs_s", "pss10", "rses",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "before", "after", "worse", "better"),
    [
        ("phq9", 10, 16, True, False), ("phq9", 10, 15, False, False), ("phq9", 16, 10, False, True),
        ("madrs_s", 10, 18, True, False), ("madrs_s", 10, 17, False, False),  # 7.8 points
        ("rses", 20, 15, True, False), ("rses", 15, 20, False, True),  # higher is better
        ("bbq", 40, 58, False, False), ("bbq", 40, 59, False, True),  # 18.4 points
        ("sci", 20, 13, True, False), ("lsas_sr", 0, 144, False, False),  # nobody has shown how much is reliable
        ("sleep_week", 0, 10, False, False), ("goals", 0, 10, False, False),  # own scales never
    ],
)  # fmt: skip
def test_a_reliable_change_has_the_direction_of_its_instrument(
    name: str, before: int, after: int, worse: bool, better: bool
) -> None:
    assert is_reliably_worse(INSTRUMENTS[name], before, after) is worse
    assert is_reliably_better(INSTRUMENTS[name], before, after) is better


MARKS = st.integers(0, 3)
PARTLY = st.lists(st.none() | MARKS, min_size=9, max_size=9)


@given(PARTLY)
def test_totals_stay_within_bounds(values: list[int | None]) -> None:
    for instrument in (PHQ9, GAD7):
        scored = score(instrument, answers_to(instrument, *values[: len(instrument.items)]))
        if scored.total is not None:
            assert instrument.scoring.low <= scored.total <= instrument.scoring.high


@given(PARTLY, st.integers(0, 8))
def test_marking_more_never_lowers_the_total(values: list[int | None], place: int) -> None:
    before = score(PHQ9, answers_to(PHQ9, *values)).total
    mark = values[place]
    if mark is None or mark == 3:
        return
    after = score(PHQ9, answers_to(PHQ9, *values[:place], mark + 1, *values[place + 1 :])).total
    assert (before is None) == (after is None)
    assert before is None or after is None or after >= before


@given(PARTLY, st.randoms(use_true_random=False))
def test_the_order_of_the_answers_does_not_matter(values: list[int | None], chance: random.Random) -> None:
    marked = list(answers_to(PHQ9, *values).items())
    first = score(PHQ9, dict(marked))
    chance.shuffle(marked)
    assert score(PHQ9, dict(marked)) == first


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=lambda each: each.id)
def test_the_notes_stand_in_swedish_with_the_same_figures_and_elsewhere_in_english(instrument: Instrument) -> None:
    swedish, english = notes_on(instrument, "sv"), notes_on(instrument, "en")
    assert (swedish.language, english.language) == ("sv", "en")
    for name in ("source", "licence", "bands", "change"):
        ours, theirs = getattr(swedish, name), getattr(english, name)
        assert bool(ours) == bool(theirs), name
        assert set(re.findall(r"\d+", theirs)) <= set(re.findall(r"\d+", ours)), name
