"""The whole simulation on the database that Django is set up on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice

from tests.alarm_load.courses import course
from tests.alarm_load.figures import Load, read_load
from tests.alarm_load.region import labelled_words, make_staff, starts
from tests.alarm_load.year import FIRST, Year


def simulate(numbers: Sequence[int], weeks: int, seed: int) -> Load:
    """Start the treatments with these numbers evenly over so many weeks, play them to their end, and count."""
    staff, words, year = make_staff(len(numbers)), labelled_words(), Year(seed)
    begin = starts(len(numbers), FIRST, weeks)
    wards = list(islice(cycle(staff.wards), len(numbers)))
    year.play(wards, [course(number, seed, words) for number in numbers], begin, staff.revision)
    return read_load(year, staff.therapists, begin)
