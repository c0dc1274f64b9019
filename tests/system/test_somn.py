"""A whole programme in the browser: a patient goes through every module of Sömn, and the therapist reads and opens the next.

At 320 px for the patient and 1366 px for the therapist; every page is looked at by axe and measured for sideways scroll.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.system.browser import DESK, PHONE, Person, person
from tests.system.course import Walker
from tests.system.platform import Platform

pytestmark = pytest.mark.e2e
MODULES = 8
WHO, CLINIC_SURNAME = "pirjo", "Pirjo"


def test_every_module_of_the_sleep_programme_is_walked_by_patient_and_therapist(
    platform: Platform, browser: Browser
) -> None:
    with person(browser, platform.url, PHONE, "light") as pirjo, person(browser, platform.url, DESK, "light") as berit:
        pirjo.sign_in(WHO)
        berit.sign_in("berit")
        walker, patient = Walker(pirjo), patient_code(platform)
        while (number := next_to_do(platform)) is not None:
            pages = walker.go_through_the_open_module()
            assert 4 <= pages <= 7, (number, pages)
            read_what_was_sent(berit, patient, number)
            if number < MODULES:
                open_the_next(berit, patient)
        assert sent_modules(platform) == MODULES
        assert walker.pages >= 4 * 4
        complaints = pirjo.complaints + berit.complaints
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


def next_to_do(platform: Platform) -> int | None:
    waiting = steps(platform, "s.opened_at IS NOT NULL AND s.sent_at IS NULL")
    return waiting[0] if waiting else None


def sent_modules(platform: Platform) -> int:
    return len(steps(platform, "s.sent_at IS NOT NULL"))


def read_what_was_sent(berit: Person, patient: str, number: int) -> None:
    berit.goto(f"/patients/{patient}/")
    berit.look()
    assert f"{number}." in berit.text() or f"Avsnitt {number}" in berit.text()


def open_the_next(berit: Person, patient: str) -> None:
    """Tick the checklist where one stands before the next module, answer, and open it with the reply."""
    page = berit.page
    berit.goto(f"/patients/{patient}/way/")
    berit.look()
    ticks = page.locator("main form[action*='/gates/'] input[type=checkbox]:not(:checked)")
    if ticks.count():
        for tick in ticks.all():
            tick.check(force=True)
        berit.follow(page.locator("main form[action$='/tick/'] [type=submit]").first)
    berit.goto(f"/patients/{patient}/")
    page.fill("textarea[name=text]", "Tack för det du skrev om veckan. Du höll stigtiden fast det tog emot. Fortsätt så.")
    page.check("input[name=open_next]", force=True)
    berit.follow(page.get_by_role("button", name="Skicka").first)
