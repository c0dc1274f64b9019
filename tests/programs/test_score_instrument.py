"""manage.py score_instrument: lines in, lines out, and clear sentences for what cannot be scored."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from programs.shipped import instruments


def run(monkeypatch: pytest.MonkeyPatch, name: str, *lines: str) -> tuple[list[Any], str, bool]:
    """Return the lines written, what stderr says, and whether the command ended well."""
    out, err, well = io.StringIO(), io.StringIO(), True
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
    try:
        call_command("score_instrument", name, stdout=out, stderr=err)
    except CommandError as ended:
        well = False
        err.write(str(ended))
    return [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue(), well


def answers(*values: int | None) -> dict[str, int]:
    return {str(n): value for n, value in enumerate(values, start=1) if value is not None}


def test_the_line_is_as_the_documents_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    line = json.dumps({"id": "a", "answers": answers(2, 2, 2, 2, 2, 2, 1, 1, 0)})
    found, said, well = run(monkeypatch, "phq9", line)
    assert found == [
        {"id": "a", "total": 14, "subscales": {}, "band": "moderate", "complete": True, "risk_items": {"9": 0}}
    ]
    assert (said, well) == ("", True)


def test_every_instrument_can_be_scored_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in instruments():
        found, _said, well = run(monkeypatch, name, '{"id": 1, "answers": {}}')
        assert well
        assert found[0]["total"] is None
        assert found[0]["complete"] is False
        assert set(found[0]) == {"id", "total", "subscales", "band", "complete", "risk_items"}


@pytest.mark.parametrize(
    ("name", "values", "total", "subscales", "risk"),
    [
        ("phq9", (1, 1, 1, 1, 1, 1, 1, 1, None), 9, {}, {"9": None}),
        ("madrs_s", (0, 0, 0, 0, 0, 0, 0, 0, 5), 5, {}, {"9": 5}),
        ("peg", (4, 4, 5), 4.33, {}, {}),
        ("sleep_week", (10, 0, 0), 0, {}, {}),
        ("lsas_sr", (1,) * 48, 48, {"fear": 24, "avoidance": 24}, {}),
    ],
)
def test_totals_subscales_and_risk_items(
    monkeypatch: pytest.MonkeyPatch, name: str, values: tuple[int | None, ...], total: float, subscales: Any, risk: Any
) -> None:
    found, _said, _well = run(monkeypatch, name, json.dumps({"id": "x", "answers": answers(*values)}))
    assert (found[0]["total"], found[0]["subscales"], found[0]["risk_items"]) == (total, subscales, risk)


@pytest.mark.parametrize(
    ("name", "line", "sentence"),
    [
        ("phq9", "{", "Line 1: This is not a line of JSON"),
        ("phq9", "[]", 'Line 1: A line is an object with "id" and "answers"'),
        ("phq9", '{"id": "a", "answers": [1]}', 'Line 1: "answers" must be an object'),
        ("phq9", '{"id": "a", "answers": {"1": 1, "1": 2}}', 'Line 1: "1" stands twice.'),
        ("phq9", '{"id": "a", "answers": {"1": 4}}', "Line 1: Item 1 cannot be 4; it takes a whole number: 0 to 3."),
        ("phq9", '{"id": "a", "answers": {"1": "2"}}', 'Line 1: Item 1 cannot be "2"'),
        ("phq9", '{"id": "a", "answers": {"1": 1.5}}', "Line 1: Item 1 cannot be 1.5"),
        ("phq9", '{"id": "a", "answers": {"10": 1}}', 'Line 1: PHQ-9 has no item "10"; its items are 1 to 9.'),
        ("audit", '{"id": "a", "answers": {"9": 1}}', "Line 1: Item 9 cannot be 1; it takes a whole number: 0, 2, 4."),
    ],
)
def test_a_line_that_cannot_be_scored_is_told_and_the_others_are_scored(
    monkeypatch: pytest.MonkeyPatch, name: str, line: str, sentence: str
) -> None:
    found, said, well = run(monkeypatch, name, line, "", '{"id": "good", "answers": {}}')
    assert [each["id"] for each in found] == ["good"]
    assert sentence in said
    assert "One line was not scored." in said
    assert not well


@pytest.mark.parametrize(
    ("wanted", "hint"), [("madrs", "madrs_s"), ("PHQ-9", "phq9"), ("zzz", "The known ones are audit, bbq")]
)
def test_an_unknown_instrument_is_told_with_near_names(monkeypatch: pytest.MonkeyPatch, wanted: str, hint: str) -> None:
    found, said, well = run(monkeypatch, wanted)
    assert hint in said
    assert (found, well) == ([], False)
