"""A whole programme in the browser: a patient goes through all modules of Sömn, the therapist reads and opens the next.

The patient at 320 px, the therapist at 1366 px; every page is looked at by axe and measured for sideways scroll.
"""

from __future__ import annotations

from functools import partial

import pytest
from playwright.sync_api import Browser

from tests.system.browser import DESK, PHONE, Person, person
from tests.system.course import WORDS, Walker
from tests.system.platform import Platform

pytestmark = pytest.mark.e2e
MODULES = 8
phone, desk = partial(person, width=PHONE, scheme="light"), partial(person, width=DESK, scheme="light")
WAITS = "s.opened_at IS NOT NULL AND s.sent_at IS NULL"
WHO, THERAPIST = "pirjo", "cecilia"  # she has sent the first two modules


def test_every_module_of_the_sleep_programme_is_walked_by_patient_and_therapist(
    platform: Platform, browser: Browser
) -> None:
    with phone(browser, platform.url) as pirjo, desk(browser, platform.url) as cecilia:
        pirjo.sign_in(WHO)
        cecilia.sign_in(THERAPIST)
        walker, patient = Walker(pirjo), patient_code(platform)
        let_all_be_done_again(cecilia, patient)
        walked = []
        while (number := next_to_do(platform)) is not None:
            pages = walker.go_through(code_of(platform, number))
            assert 4 <= pages <= 7, (number, pages)
            read_what_was_sent(cecilia, patient)
            walked.append(number)
            if not steps(platform, WAITS) and number < MODULES:
                open_the_next(cecilia, patient)
        assert walked == list(range(1, MODULES + 1))
        assert walker.tools >= MODULES, "every module has a tool, and each was used"
        complaints = pirjo.complaints + cecilia.complaints
    assert complaints == []


def patient_code(platform: Platform) -> str:
    ((code,),) = platform.sql(
        "SELECT p.code FROM clinics_patient p JOIN clinics_user u ON u.id = p.user_id "
        f"WHERE u.email = '{WHO}@demo.example'"
    )
    return str(code)


def steps(platform: Platform, which: str) -> list[int]:
    """Return the numbers of the patient's modules of which the condition holds, in order."""
    rows = platform.sql(
        "SELECT m.number FROM programs_step s JOIN programs_module m ON m.id = s.module_id "
        "JOIN programs_treatment t ON t.id = s.treatment_id JOIN clinics_patient p ON p.id = t.patient_id "
        f"JOIN clinics_user u ON u.id = p.user_id WHERE u.email = '{WHO}@demo.example' AND {which} ORDER BY m.number"
    )
    return [int(str(number)) for (number,) in rows]


def code_of(platform: Platform, number: int) -> str:
    ((code,),) = platform.sql(
        "SELECT s.code FROM programs_step s JOIN programs_module m ON m.id = s.module_id "
        "JOIN programs_treatment t ON t.id = s.treatment_id JOIN clinics_patient p ON p.id = t.patient_id "
        f"JOIN clinics_user u ON u.id = p.user_id WHERE u.email = '{WHO}@demo.example' AND m.number = {number}"
    )
    return str(code)


def next_to_do(platform: Platform) -> int | None:
    return next(iter(steps(platform, WAITS)), None)


def let_all_be_done_again(cecilia: Person, patient: str) -> None:
    """Let what the patient has sent be done once more, so that the walk begins with the first module."""
    cecilia.goto(f"/patients/{patient}/way/")
    cecilia.look()
    while (again := cecilia.page.locator("main li:has(form[action$='/repeat/'])")).count():
        again.first.locator("summary").click()
        cecilia.follow(again.first.locator("form[action$='/repeat/'] button"))


def read_what_was_sent(cecilia: Person, patient: str) -> None:
    cecilia.goto(f"/patients/{patient}/")
    cecilia.look()
    assert WORDS in cecilia.page.content()


def open_the_next(cecilia: Person, patient: str) -> None:
    """Tick the checklist where one stands before the next module, answer, and open it with the reply."""
    page = cecilia.page
    cecilia.goto(f"/patients/{patient}/way/")
    cecilia.look()
    checklist = page.locator("main form[action$='/tick/']")
    if checklist.count():
        for tick in checklist.locator("input[type=checkbox]").all():
            tick.check(force=True)
        cecilia.follow(checklist.locator("[type=submit]"))
    cecilia.goto(f"/patients/{patient}/")
    page.fill("textarea[name=text]", "Tack för det du skrev om veckan. Du höll stigtiden fast det tog emot.")
    page.check("input[name=open_next]", force=True)
    cecilia.follow(page.get_by_role("button", name="Skicka").first)
