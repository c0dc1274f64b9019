"""manage.py screen_text: texts in, findings out, and clear sentences for what cannot be read."""

from __future__ import annotations

import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command

from riskmonitor.lexicon import screen
from riskmonitor.lexicon.lines import BadLine, screened_line
from tests.bench.texts import LENGTH, TEXTS, put_together
from tests.riskmonitor.test_labelled_texts import HALVES, RISKY, half


def run(monkeypatch: pytest.MonkeyPatch, given: str) -> tuple[list[dict[str, object]], str, str]:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    failure = ""
    try:
        call_command("screen_text", stdout=out, stderr=err)
    except CommandError as error:
        failure = str(error)
    return [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue(), failure


def test_each_line_gets_its_findings_with_places_in_code_points(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\U0001f600 Alla fa\u030ar det bättre utan mig"
    lines, err, failure = run(
        monkeypatch, json.dumps({"id": "a", "text": text}) + "\n\n" + json.dumps({"id": 2, "text": "Hej"}) + "\n"
    )
    assert (err, failure) == ("", "")
    (finding,) = lines[0]["findings"]  # type: ignore[misc]
    assert lines[0]["flagged"] is True
    assert list(finding) == ["kind", "start", "end", "why"]
    assert finding["kind"] == "burden"
    assert text[finding["start"] : finding["end"]] == "Alla fa\u030ar det bättre utan mig"
    assert lines[1] == {"id": 2, "flagged": False, "findings": []}


def test_a_bad_line_is_told_with_its_number_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    given = '{"id": "a", "text": "Hej"}\nnot json\n{"id": "b"}\n{"id": "c", "text": 5}\n[]\n{"id": "d", "text": ""}\n'
    lines, err, failure = run(monkeypatch, given)
    assert [line["id"] for line in lines] == ["a", "d"]
    assert [line.partition(":")[0] for line in err.splitlines()] == ["Line 2", "Line 3", "Line 4", "Line 5"]
    assert failure == "4 lines were not screened."


@pytest.mark.parametrize("line", ["[" * 100_000, '{"id": "a", "text": ', "null", '"text"'])
def test_no_line_breaks_it(line: str) -> None:
    with pytest.raises(BadLine):
        screened_line(line)


def test_lone_surrogates_and_hidden_characters_come_through() -> None:
    written = json.loads(screened_line('{"id": "\\ud800", "text": "jag vi\\u0000ll d\\u200bö \\ud83d"}'))
    assert written["id"] == "\ud800"
    assert written["findings"]


def test_the_command_says_what_the_platform_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Jag vill inte leva längre. Jag har köpt ett rep."
    lines, _err, _failure = run(monkeypatch, json.dumps({"id": 1, "text": text}))
    assert [(each["kind"], each["start"]) for each in lines[0]["findings"]] == [  # type: ignore[attr-defined]
        (found.kind.value, found.start) for found in screen(text)
    ]


def test_what_the_bench_lets_it_read_is_as_many_texts_of_that_length_half_of_them_risky() -> None:
    """Timed by `make bench`: machines that run tests are too noisy for it."""
    made = list(put_together())
    assert (len(made), {len(text) for text in made}) == (TEXTS, {LENGTH})
    risky = tuple(each.text[:LENGTH] for name in HALVES for each in half(name) if each.label in RISKY)
    assert sum(text.startswith(risky) for text in made) >= TEXTS / 2
    assert len(set(made)) > TEXTS * 0.98  # some writers had more to say than fits
    assert made == list(put_together())
