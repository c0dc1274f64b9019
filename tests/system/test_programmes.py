"""The first, a middle and the last module of each programme in the browser, and what the therapist sees of them.

The patient at 360 and 1366 px, the therapist at 1366; every page is looked at by axe and measured for sideways scroll.
"""

from __future__ import annotations

from functools import partial

import pytest
from playwright.sync_api import Browser

from ikbt.demo.people import texts
from tests.system.browser import DESK, PHONE, person
from tests.system.course import Course, Walker, words_of
from tests.system.platform import Platform

pytestmark = pytest.mark.e2e
phone, desk = partial(person, width=PHONE, scheme="light"), partial(person, width=DESK, scheme="light")
WALKED_ELSEWHERE = ("", "somn", "oro")  # in tests of their own; and those of the demo who have no programme


def furthest() -> dict[str, dict[str, str]]:
    """Return who of the demo has come furthest in each programme, by its slug."""
    found: dict[str, dict[str, str]] = {}
    for told in texts()["patients"]:
        slug = told.get("programme", "")
        found[slug] = max(found.get(slug, told), told, key=lambda each: len(each.get("modules", {})))
    return {slug: told for slug, told in found.items() if slug not in WALKED_ELSEWHERE}


FURTHEST = furthest()


@pytest.mark.parametrize("slug", sorted(FURTHEST))
def test_first_middle_and_last_module_are_walked_and_read(platform: Platform, browser: Browser, slug: str) -> None:
    who, who_treats = FURTHEST[slug]["key"], FURTHEST[slug]["therapist"]
    with phone(browser, platform.url) as patient, desk(browser, platform.url) as therapist:
        patient.sign_in(who)
        therapist.sign_in(who_treats)
        walker, course = Walker(patient), Course(platform, therapist, who)
        numbers = course.numbers()
        for number in (1, numbers[len(numbers) // 2], numbers[-1]):
            course.repeat(number)
            pages = walker.go_through(course.module(number), words_of(number))
            assert 4 <= pages <= 7, (number, pages)
            patient.page.set_viewport_size({"width": DESK, "height": 800})
            patient.goto(f"/my/modules/{course.module(number)}/")
            patient.look()
            course.read_what_was_sent(number)
        complaints = patient.complaints + therapist.complaints
    assert complaints == []


def test_all_eight_have_somebody_who_has_come_to_the_last_module() -> None:
    assert len(FURTHEST) == 8
