"""What was handed in stands beside what it can be compared with."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from ikbt.casework.course import read_course
from ikbt.casework.said import Reader
from programs.actions import send_tool_entry
from programs.models import Submission
from tests.cast import NOW, Cast

pytestmark = pytest.mark.usefixtures("friday_morning")


def saved(cast: Cast, activity: str, replaces: Submission | None = None) -> Submission:
    entry: dict[str, Any] = {"activity": activity, "mood": 4}
    return send_tool_entry(
        treatment=cast.annas, tool="mood_log", entry=entry, key=uuid4(), by=cast.anna, now=NOW, replaces=replaces
    )


def compared(cast: Cast) -> Submission | None:
    course = read_course(cast.annas.patient, cast.berit)
    assert course is not None
    (sheet,) = course.sheets(Reader("sv", {}))
    return sheet.before


def test_two_entries_of_a_tool_are_not_compared(cast: Cast) -> None:
    saved(cast, "Promenad")
    saved(cast, "Diskade")
    assert compared(cast) is None


def test_a_changed_entry_is_compared_with_its_former_version(cast: Cast) -> None:
    first = saved(cast, "Promenad")
    second = saved(cast, "Promenad med hunden", replaces=first)
    assert compared(cast) == first
    saved(cast, "Promenad med två hundar", replaces=second)
    assert compared(cast) == second
