"""A whole programme in the browser: a patient goes through all modules of Sömn, the therapist reads and opens the next.

The patient at 320 px, the therapist at 1366 px; every page is looked at by axe and measured for sideways scroll.
"""

from __future__ import annotations

from functools import partial

import pytest
from playwright.sync_api import Browser

from tests.system.browser import DESK, PHONE, person
from tests.system.course import Course, Walker, words_of
from tests.system.platform import Platform

pytestmark = pytest.mark.e2e
MODULES = 8
phone, desk = partial(person, width=PHONE, scheme="light"), partial(person, width=DESK, scheme="light")
WHO, THERAPIST = "pirjo", "cecilia"  # she has sent the first two modules


def test_every_module_of_the_sleep_programme_is_walked_by_patient_and_therapist(
    platform: Platform, browser: Browser
) -> None:
    with phone(browser, platform.url) as pirjo, desk(browser, platform.url) as cecilia:
        pirjo.sign_in(WHO)
        cecilia.sign_in(THERAPIST)
        walker, course = Walker(pirjo), Course(platform, cecilia, WHO)
        course.repeat_all()
        walked = []
        while (number := course.next_to_do()) is not None:
            pages = walker.go_through(course.module(number), words_of(number))
            assert 4 <= pages <= 7, (number, pages)
            course.read_what_was_sent(number)
            walked.append(number)
            if course.next_to_do() is None and number < MODULES:
                course.open_the_next("Tack för det du skrev om veckan. Du höll stigtiden fast det tog emot.")
        assert walked == list(range(1, MODULES + 1))
        assert walker.tools >= MODULES, "every module has a tool, and each was used"
        complaints = pirjo.complaints + cecilia.complaints
    assert complaints == []
