"""A clinic loads the words of an interview, and a stand-in asks it from a flag: at every size, by mouse and twice."""

from __future__ import annotations

import pytest
import yaml
from playwright.sync_api import Browser, FilePayload, expect

from tests.riskmonitor.test_flag_interview import INVENTED
from tests.system.browser import DESK, PHONE, Person, person
from tests.system.platform import Platform
from tests.system.test_story import mark_two_on_item_nine
from tests.system.test_walk import find_a_flag, look_at_all_sizes

pytestmark = pytest.mark.e2e


def test_an_interview_in_the_clinics_own_words_is_clean_and_stands_in_the_flag(
    platform: Platform, browser: Browser
) -> None:
    with person(browser, platform.url, PHONE, "light") as patient:
        patient.sign_in("osten")
        mark_two_on_item_nine(patient)
    with (
        person(browser, platform.url, DESK, "light") as lead,
        person(browser, platform.url, PHONE, "light") as someone,
    ):
        someone.sign_in("cecilia")
        flag = find_a_flag(someone)
        someone.goto(f"{flag}interview/c_ssrs/")  # the page that says why the questions are not there
        look_at_all_sizes(someone)
        lead.sign_in("lena")
        load_an_interview(lead)
        ask_it(someone, flag)
        assert lead.complaints + someone.complaints == []


def load_an_interview(lead: Person) -> None:
    """As a lead: load invented words where all wording is loaded."""
    lead.goto("/clinic/wordings/c_ssrs/")
    written = yaml.safe_dump(INVENTED, allow_unicode=True).encode()
    file = FilePayload(name="ord.yaml", mimeType="text/yaml", buffer=written)
    lead.page.set_input_files("input[type=file]", file)
    lead.page.fill("textarea[name=licence]", "Påhittat tillstånd.")
    lead.follow(lead.page.locator("form#wording [type=submit]"))
    look_at_all_sizes(lead)


def ask_it(someone: Person, flag: str) -> None:
    """As a therapist: send the form empty, then with what was marked, press twice, and find it in the flag once."""
    page = someone.page
    someone.goto(f"{flag}interview/c_ssrs/")
    look_at_all_sizes(someone)
    someone.follow(page.locator("form#interview [type=submit]"))
    look_at_all_sizes(someone)
    page.check("input[name='1'][value='1']", force=True)
    page.check("input[name='6'][value='2']", force=True)
    expect(page.get_by_role("status").filter(has_text="Sparat")).to_be_visible()
    page.locator("form#interview [type=submit]").dblclick()
    page.wait_for_url(f"**{flag}")
    look_at_all_sizes(someone)
    assert page.locator("section[aria-labelledby=interviews] summary").count() == 1
