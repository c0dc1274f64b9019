"""Truth tables for every instrument: extreme, reversed, missing and half-step cases, and laws that hold for all.

Each case names its source: the paper that states items, ranges, reversed items and total, as its file in
programs/library/instruments/ cites it. "A§6" is the project's own decision on missing answers and own scales.
"""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.instruments import Instrument, load_instruments, score
from programs.tools import LIBRARY

INSTRUMENTS = load_instruments(LIBRARY / "instruments")
N = None
SCORED = sorted(name for name, each in INSTRUMENTS.items() if each.scoring.method != "none")


def marks(name: str, *values: int | None) -> dict[str, int | None]:
    """Return the answers; one value alone stands for every item."""
    items = INSTRUMENTS[name].items
    full = values * len(items) if len(values) == 1 else values
    return {item.id: value for item, value in zip(items, full, strict=True)}


# instrument, answers (one value = every item), total, band, source
TABLE: list[tuple[str, tuple[int | None, ...], Any, str | None, str]] = [
    # PHQ-9: nine items 0-3, 0-27, bands from 5, 10, 15, 20; one or two missing are prorated.
    ("phq9", (0,), 0, "minimal", "Kroenke 2001, J Gen Intern Med 16:606-613"),
    ("phq9", (3,), 27, "severe", "Kroenke 2001"),
    ("phq9", (2, 2, 2, 2, 2, 2, 1, 1, 0), 14, "moderate", "Kroenke 2001, table of severities"),
    ("phq9", (3, 3, 3, 3, 0, 0, 0, 0, N), 14, "moderate", "A§6: 12 × 9 / 8 = 13.5, half up"),
    ("phq9", (3, 3, 3, 3, 3, 3, N, N, N), None, None, "A§6: three missing"),
    # GAD-7: seven items 0-3, 0-21, bands from 5, 10, 15.
    ("gad7", (0,), 0, "minimal", "Spitzer 2006, Arch Intern Med 166:1092-1097"),
    ("gad7", (3,), 21, "severe", "Spitzer 2006"),
    ("gad7", (3, 3, 3, 3, 3, 3, N), None, None, "A§6"),
    # MADRS-S: nine items 0-6; 1, 3 and 5 lie between the worded steps and count as they are.
    ("madrs_s", (0,), 0, "none or minimal", "Svanborg & Åsberg 1994"),
    ("madrs_s", (6,), 54, "severe", "Svanborg & Åsberg 1994"),
    ("madrs_s", (1, 3, 5, 1, 3, 5, 1, 3, 5), 27, "moderate", "Svanborg & Åsberg 1994: half steps"),
    ("madrs_s", (2, 2, 2, 2, 2, 2, 0, 0, 0), 12, "none or minimal", "bands as quoted in Swedish care, see the file"),
    ("madrs_s", (2, 2, 2, 2, 2, 2, 1, 0, 0), 13, "mild", "bands as quoted in Swedish care"),
    ("madrs_s", (6, 6, 6, 6, 6, 4, 0, 0, 0), 34, "moderate", "bands as quoted in Swedish care"),
    ("madrs_s", (6, 6, 6, 6, 6, 5, 0, 0, 0), 35, "severe", "bands as quoted in Swedish care"),
    ("madrs_s", (0, 0, 0, 0, 0, 0, 0, 0, N), None, None, "A§6"),
    # ISI: seven items 0-4.
    ("isi", (0,), 0, "none", "Bastien 2001; guidelines on the sheet"),
    ("isi", (1, 1, 1, 1, 1, 1, 1), 7, "none", "guidelines on the sheet: 0-7"),
    ("isi", (2, 1, 1, 1, 1, 1, 1), 8, "subthreshold", "guidelines on the sheet: 8-14"),
    ("isi", (3, 2, 2, 2, 2, 2, 2), 15, "moderate", "guidelines on the sheet: 15-21"),
    ("isi", (4, 3, 3, 3, 3, 3, 3), 22, "severe", "guidelines on the sheet: 22-28"),
    ("isi", (4,), 28, "severe", "Bastien 2001"),
    ("isi", (4, 4, 4, N, 4, 4, 4), None, None, "A§6"),
    # KEDS: nine items 0-6, cut-off 19.
    ("keds", (0,), 0, "below the cut-off", "Besèr 2014"),
    ("keds", (3, 3, 3, 3, 3, 3, 0, 0, 0), 18, "below the cut-off", "Besèr 2014: half steps, 18"),
    ("keds", (5, 5, 5, 1, 1, 1, 1, 0, 0), 19, "at or above the cut-off", "Besèr 2014: cut-off 19"),
    ("keds", (6,), 54, "at or above the cut-off", "Besèr 2014"),
    ("keds", (N, 6, 6, 6, 6, 6, 6, 6, 6), None, None, "A§6"),
    # PSS: reversed items count from the other end, so all 0 is not 0.
    ("pss10", (0,), 16, None, "Cohen 1983: items 4, 5, 7, 8 reversed, 4 × 4"),
    ("pss10", (4,), 24, None, "Cohen 1983: 6 × 4"),
    ("pss10", (4, 4, 4, 0, 0, 4, 0, 0, 4, 4), 40, None, "Cohen 1983: highest"),
    ("pss10", (0, 0, 0, 4, 4, 0, 4, 4, 0, 0), 0, None, "Cohen 1983: lowest"),
    ("pss10", (0, 0, 0, 4, 4, 0, 4, N, 0, 0), None, None, "A§6"),
    ("pss14", (0,), 28, None, "Cohen 1983: items 4, 5, 6, 7, 9, 10, 13 reversed, 7 × 4"),
    ("pss14", (4, 4, 4, 0, 0, 0, 0, 4, 0, 0, 4, 4, 0, 4), 56, None, "Cohen 1983: highest"),
    ("pss14", (0, 0, 0, 4, 4, 4, 4, 0, 4, 4, 0, 0, 4, 0), 0, None, "Cohen 1983: lowest"),
    ("pss14", (0, 0, 0, 4, 4, 4, 4, 0, 4, 4, 0, 0, 4, N), None, None, "A§6"),
    # RSES: ten items 0-3, higher is better.
    ("rses", (0,), 15, None, "Rosenberg 1965: items 2, 5, 6, 8, 9 reversed, 5 × 3"),
    ("rses", (3, 0, 3, 3, 0, 0, 3, 0, 0, 3), 30, None, "Rosenberg 1965: highest"),
    ("rses", (0, 3, 0, 0, 3, 3, 0, 3, 3, 0), 0, None, "Rosenberg 1965: lowest"),
    ("rses", (3, 0, 3, 3, 0, 0, 3, 0, N, 3), None, None, "A§6"),
    # AUDIT: items 9 and 10 take 0, 2 and 4.
    ("audit", (0,), 0, None, "Babor 2001"),
    ("audit", (4,), 40, None, "Babor 2001"),
    ("audit", (1, 1, 1, 1, 1, 1, 1, 1, 2, 2), 12, None, "Babor 2001: items 9 and 10"),
    ("audit", (4, 4, 4, 4, 4, 4, 4, 4, 4, N), None, None, "A§6"),
    # BBQ: odd (satisfaction) × even (importance), six areas.
    ("bbq", (0,), 0, "below the cut-off", "Lindner 2016"),
    ("bbq", (4,), 96, "above the cut-off", "Lindner 2016"),
    ("bbq", (4, 0) * 6, 0, "below the cut-off", "Lindner 2016: satisfied with what does not matter"),
    ("bbq", (3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 0, 4), 52, "below the cut-off", "Lindner 2016: cut-off 52.5"),
    ("bbq", (3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 1, 1), 53, "above the cut-off", "Lindner 2016: cut-off 52.5"),
    ("bbq", (4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, N), None, None, "A§6"),
    # LSAS-SR: 24 situations, fear and avoidance.
    ("lsas_sr", (0,), 0, None, "Liebowitz 1987"),
    ("lsas_sr", (3,), 144, None, "Liebowitz 1987"),
    ("lsas_sr", (2,) * 24 + (1,) * 24, 72, None, "Liebowitz 1987: 48 fear and 24 avoidance"),
    ("lsas_sr", (3,) * 47 + (N,), None, None, "A§6"),
    # Sums without reversed items.
    ("pdss_sr", (4,), 28, None, "Houck 2002"), ("pdss_sr", (0,), 0, None, "Houck 2002"),
    ("pdss_sr", (4, 4, 4, 4, 4, 4, N), None, None, "A§6"),
    ("shai", (3,), 42, None, "Salkovskis 2002"), ("shai", (0,), 0, None, "Salkovskis 2002"),
    ("shai", (3,) * 13 + (N,), None, None, "A§6"),
    ("oasis", (4,), 20, "at or above the cut-off", "Norman 2006"),
    ("oasis", (0,), 0, "below the cut-off", "Norman 2006"),
    ("oasis", (2, 2, 1, 1, 1), 7, "below the cut-off", "Moore 2015: cut-off 8"),
    ("oasis", (2, 2, 2, 1, 1), 8, "at or above the cut-off", "Moore 2015: cut-off 8"),
    ("oasis", (N, 2, 2, 1, 1), None, None, "A§6"),
    ("mini_spin", (4,), 12, None, "Connor 2001"), ("mini_spin", (0, 1, 2), 3, None, "Connor 2001"),
    ("mini_spin", (4, 4, N), None, None, "A§6"),
    ("sci", (4,), 32, None, "Espie 2014, appendix"), ("sci", (0,), 0, None, "Espie 2014, appendix"),
    ("sci", (4,) * 7 + (N,), None, None, "A§6"),
    ("wai_sr", (1,), 12, None, "Hatcher & Gillaspy 2006"), ("wai_sr", (5,), 60, None, "Hatcher & Gillaspy 2006"),
    ("wai_sr", (5,) * 11 + (N,), None, None, "A§6"),
    ("whodas12", (4,), 48, None, "Üstün 2010: simple scoring"), ("whodas12", (0,), 0, None, "Üstün 2010"),
    ("whodas12", (4,) * 11 + (N,), None, None, "A§6"),
    ("pswq", (1,), 36, None, "Meyer 1990: items 1, 3, 8, 10, 11 reversed, 11 × 1 + 5 × 5"),
    ("pswq", (5,), 60, None, "Meyer 1990: 11 × 5 + 5 × 1"),
    ("pswq", (1, 5, 1, 5, 5, 5, 5, 1, 5, 1, 1, 5, 5, 5, 5, 5), 80, None, "Meyer 1990: highest"),
    ("pswq", (5, 1, 5, 1, 1, 1, 1, 5, 1, 5, 5, 1, 1, 1, 1, 1), 16, None, "Meyer 1990: lowest"),
    ("pswq", (5, 1, 5, 1, 1, 1, 1, 5, 1, 5, 5, 1, 1, 1, 1, N), None, None, "A§6"),
    ("neq20", (4,), 80, None, "Rozental 2019"), ("neq20", (0,), 0, None, "Rozental 2019"),
    ("neq20", (4,) * 19 + (N,), None, None, "A§6"),
    # Means.
    ("peg", (10,), 10, None, "Krebs 2009"), ("peg", (0,), 0, None, "Krebs 2009"),
    ("peg", (4, 4, 5), Decimal("4.33"), None, "Krebs 2009: mean of three"),
    ("peg", (4, 5, 5), Decimal("4.67"), None, "Krebs 2009: mean of three, half up"),
    ("peg", (4, 4, N), None, None, "A§6"),
    # Own scales: the mean of the 0-10 items after reversing; a count is shown and not totalled.
    ("panic_week", (40, 10, 5), Decimal("7.5"), None, "A§6: item 1 is a count"),
    ("panic_week", (0, 0, 0), 0, None, "A§6"), ("panic_week", (2, 3, N), None, None, "A§6"),
    ("panic_week", (N, 3, 3), None, None, "A§6: any missing"),
    ("social_week", (10,), 10, None, "A§6"), ("social_week", (N, 1, 1), None, None, "A§6"),
    ("health_week", (0, 5, 6), Decimal("3.67"), None, "A§6"), ("health_week", (0, 5, N), None, None, "A§6"),
    ("self_week", (10, 0, 0), 0, None, "A§6: item 1 reversed"), ("self_week", (0, 10, 10), 10, None, "A§6"),
    ("self_week", (N, 10, 10), None, None, "A§6"),
    ("stress_week", (0, 10, 10), 0, None, "A§6: items 2 and 3 reversed"),
    ("stress_week", (0,), Decimal("6.67"), None, "A§6"),
    ("stress_week", (0, 0, N), None, None, "A§6"),
    ("sleep_week", (10, 0, 0), 0, None, "A§6: item 1 reversed"), ("sleep_week", (0, 10, 10), 10, None, "A§6"),
    ("sleep_week", (0, N, 10), None, None, "A§6"),
    ("pain_week", (7, 7, 8), Decimal("7.33"), None, "A§6"), ("pain_week", (7, 7, N), None, None, "A§6"),
    ("crisis_week", (1, 2, 3), 2, None, "A§6"), ("crisis_week", (1, 2, N), None, None, "A§6"),
    ("goals", (2, 5, 8), 5, None, "A§6"), ("goals", (2, 5, N), None, None, "A§6: two goals have no mean"),
    ("side_effects", (2, 1), None, None, "A§6: no 0-10 items, no total"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values", "total", "band", "source"), TABLE)
def test_the_table_holds(name: str, values: tuple[int | None, ...], total: Any, band: str | None, source: str) -> None:
    scored = score(INSTRUMENTS[name], marks(name, *values))
    found = None if scored.band is None else INSTRUMENTS[name].bands[scored.band].words["en"]
    assert (scored.total, found) == (total, band), source
    assert scored.complete == (None not in marks(name, *values).values())


def test_every_instrument_has_its_table_with_extremes_and_missing() -> None:
    for name, instrument in INSTRUMENTS.items():
        rows = [(values, total) for each, values, total, _band, _source in TABLE if each == name]
        assert rows, name
        if instrument.scoring.method != "none":
            assert any(None in values for values, _total in rows), name
            assert len({total for _values, total in rows if total is not None}) >= 1, name


@pytest.mark.parametrize(
    ("name", "item", "value"),
    [("audit", "9", 1), ("audit", "10", 3), ("madrs_s", "9", 7), ("wai_sr", "1", 0), ("pswq", "16", 6),
     ("peg", "1", 11), ("panic_week", "1", 1000), ("panic_week", "1", -1), ("sleep_week", "1", 11),
     ("side_effects", "1", 3), ("side_effects", "2", 2)],
)  # fmt: skip
def test_a_value_that_the_item_does_not_have_is_refused(name: str, item: str, value: int) -> None:
    with pytest.raises(ValueError, match="out_of_range"):
        score(INSTRUMENTS[name], {item: value})


def test_fear_and_avoidance_are_counted_apart_and_one_missing_leaves_the_other() -> None:
    whole = score(INSTRUMENTS["lsas_sr"], marks("lsas_sr", *([2] * 24 + [1] * 24)))
    assert whole.subscales == {"fear": 48, "avoidance": 24}
    half = score(INSTRUMENTS["lsas_sr"], marks("lsas_sr", *([2] * 24 + [1] * 23 + [None])))
    assert (half.total, half.subscales) == (None, {"fear": 48, "avoidance": None})


def values_of(name: str) -> st.SearchStrategy[list[int | None]]:
    instrument = INSTRUMENTS[name]
    return st.tuples(*(st.none() | st.sampled_from(instrument.values_of(item)) for item in instrument.items)).map(list)


ANY = st.sampled_from(SCORED).flatmap(lambda name: st.tuples(st.just(name), values_of(name)))


@given(ANY)
def test_totals_and_bands_stay_within_bounds(case: tuple[str, list[int | None]]) -> None:
    name, values = case
    instrument, scored = INSTRUMENTS[name], score(INSTRUMENTS[name], marks(name, *values))
    if scored.total is not None:
        assert instrument.scoring.low <= scored.total <= instrument.scoring.high
        assert (scored.band is None) == (not instrument.bands)
    assert (scored.total is None) == (values.count(None) > instrument.scoring.missing_allowed)


@given(ANY, st.data())
def test_a_higher_mark_never_lowers_the_total_and_of_a_reversed_item_never_raises_it(
    case: tuple[str, list[int | None]], data: st.DataObject
) -> None:
    name, values = case
    instrument = INSTRUMENTS[name]
    place = data.draw(st.integers(0, len(values) - 1))
    item, mark = instrument.items[place], values[place]
    higher = [value for value in instrument.values_of(item) if mark is not None and value > mark]
    if not higher:
        return
    before = score(instrument, marks(name, *values)).total
    after = score(instrument, marks(name, *values[:place], higher[0], *values[place + 1 :])).total
    assert (before is None) == (after is None)
    if before is not None and after is not None:
        assert after <= before if item.reversed else after >= before


@given(ANY, st.randoms(use_true_random=False))
def test_the_order_of_the_answers_does_not_matter(case: tuple[str, list[int | None]], chance: random.Random) -> None:
    name, values = case
    answers = list(marks(name, *values).items())
    first = score(INSTRUMENTS[name], dict(answers))
    chance.shuffle(answers)
    assert score(INSTRUMENTS[name], dict(answers)) == first


def test_every_reversed_item_is_one_of_the_sheet() -> None:
    def turned(instrument: Instrument) -> list[int]:
        return [int(item.id) for item in instrument.items if item.reversed]

    assert {name: turned(each) for name, each in INSTRUMENTS.items() if turned(each)} == {
        "pss10": [4, 5, 7, 8], "pss14": [4, 5, 6, 7, 9, 10, 13], "rses": [2, 5, 6, 8, 9], "pswq": [1, 3, 8, 10, 11],
        "self_week": [1], "stress_week": [2, 3], "sleep_week": [1],
    }  # fmt: skip
