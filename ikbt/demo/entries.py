"""From the demo's texts to what the forms give: totals become answers, days become dates. Asks no database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from programs.library_format.blocks import Question
from programs.tools import tools

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NIGHT = ("bed", "lights_out", "to_sleep", "wakings", "awake", "last_waking", "rise", "quality", "naps")
ITEMS = {"phq9": range(1, 9), "gad7": range(1, 8)}  # those that a told total is spread over


def measure_answers(instrument: str, told: Any, item9: int) -> dict[str, Any]:
    """Return a questionnaire's answers: of a total, or of a list with one answer for each question."""
    if isinstance(told, list):
        return {str(number): value for number, value in enumerate(told, start=1)}
    if instrument == "phq9":
        return spread(told - item9, ITEMS[instrument]) | {"9": item9}
    return spread(told, ITEMS[instrument])


def spread(total: int, items: range) -> dict[str, int]:
    """Return answers to the items that sum to the total, as even as they can be."""
    left, answers = total, {}
    for place, item in enumerate(items):
        share = -(-left // (len(items) - place))
        answers[str(item)] = min(3, share)
        left -= answers[str(item)]
    return answers


def module_answers(questions: Mapping[str, Question], told: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return the told answers in the form of their questions."""
    return {name: _answer(questions[name], value, today) for name, value in told.items()}


def _answer(question: Question, value: Any, today: date) -> Any:
    """Return one answer: a pick's word is an option's id or own words, a date is told as days ago."""
    if question.kind == "date":
        return (today - timedelta(days=value)).isoformat()
    if question.kind != "pick":
        return value
    known = {option.id for option in question.options}
    return {"options": [value]} if value in known else {"own": value}


def tool_entry(tool: str, told: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return the entry as its form gives it: days become a date or a weekday, where its kind of entry holds one."""
    entry = {name: value for name, value in told.items() if name not in ("days_ago", "time")}
    kind = tools()[tool].kind_of(entry)
    if kind.field("time") and "time" in told:
        entry["time"] = told["time"]
    day = today - timedelta(days=told["days_ago"])
    if kind.field("date"):
        entry["date"] = day.isoformat()
    if tool == "week_planner":
        entry["day"] = DAYS[day.weekday()]
    if tool == "relapse_plan":
        entry["review"] = (today + timedelta(days=entry.pop("review_in_days"))).isoformat()
    return entry


def night_entry(told: list[Any], today: date) -> dict[str, Any]:
    """Return a night of the sleep diary: days ago, then the values in the order of NIGHT."""
    day = today - timedelta(days=told[0])
    return {"date": day.isoformat()} | dict(zip(NIGHT, told[1:], strict=True))
