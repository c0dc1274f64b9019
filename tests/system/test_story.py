"""The main story: a patient marks danger while the therapist is away, and a present clinician answers.

Everything is real: browser, web, worker, guard, PostgreSQL, Valkey.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.system.browser import DESK, PHONE, Person, Scheme, person
from tests.system.platform import Platform

pytestmark = pytest.mark.e2e
REPLY = "Tack för att du talade med min kollega. Vi tar det lugnt den här veckan, ett steg i taget."


@pytest.mark.parametrize(
    ("patient", "name", "substitute", "scheme", "patient_width", "staff_width", "opens_next"),
    [
        ("leila", "Leila", "hassan", "light", PHONE, DESK, True),
        ("asa", "Åsa", "cecilia", "dark", DESK, PHONE, False),
    ],
)
def test_a_marked_answer_reaches_the_substitute_and_the_therapist_replies(
    platform: Platform,
    browser: Browser,
    patient: str,
    name: str,
    substitute: str,
    scheme: Scheme,
    patient_width: int,
    staff_width: int,
    opens_next: bool,
) -> None:
    complaints: list[str] = []
    send_berit_away(platform)
    with person(browser, platform.url, patient_width, scheme) as anna:
        anna.sign_in(patient)
        mark_two_on_item_nine(anna)
        see_help_on_the_very_next_page(anna, substitute.title())
        complaints += anna.complaints
    with person(browser, platform.url, staff_width, scheme) as cecilia:
        cecilia.sign_in(substitute)
        answer_other_flags_first(cecilia, name)
        find_the_flag_first_in_the_list(cecilia, name)
        document_a_contact_and_close(cecilia)
        complaints += cecilia.complaints
    with person(browser, platform.url, staff_width, scheme) as berit:
        berit.sign_in("berit")
        come_back(berit)
        see_what_was_done_and_reply(berit, name, substitute.title(), opens_next)
        complaints += berit.complaints
    with person(browser, platform.url, patient_width, scheme) as anna:
        anna.sign_in(patient)
        read_the_reply(anna)
        complaints += anna.complaints
    assert complaints == []


def send_berit_away(platform: Platform) -> None:
    """Berit is away from now on and for five days, whatever an earlier story did."""
    platform.sql(
        "INSERT INTO clinics_absence (code, user_id, kind, starts_at, ends_at, created_at, created_by_id) "
        "SELECT gen_random_uuid(), id, 'planned', now(), now() + interval '5 days', now(), id FROM clinics_user "
        "WHERE email = 'berit@demo.example' AND NOT EXISTS (SELECT 1 FROM clinics_absence a "
        "WHERE a.user_id = clinics_user.id AND a.ends_at > now() AND a.cancelled_at IS NULL) RETURNING id"
    )


def mark_two_on_item_nine(anna: Person) -> None:
    page = anna.page
    anna.goto("/my/measures/phq9/")
    anna.look()
    for item in range(1, 9):
        page.check(f"input[name='{item}'][value='1']", force=True)
    page.check("input[name='9'][value='2']", force=True)
    expect(page.get_by_role("status").filter(has_text="Sparat")).to_be_visible()
    expect(page.locator("[data-help-box]")).to_be_visible()  # a marked item shows help before it is sent
    anna.follow(page.locator("main form [type=submit]"))


def see_help_on_the_very_next_page(anna: Person, reader: str) -> None:
    page = anna.page
    assert "/my/follow-up/" in page.url
    expect(page.locator("main a[href='tel:112']").first).to_be_visible()
    anna.look()
    page.check("input[name='plan'][value='no']", force=True)
    page.check("input[name='today'][value='no']", force=True)
    page.check("input[name='safe'][value='yes']", force=True)
    page.click("main form [type=submit]")
    page.wait_for_url("**/receipt/**")
    expect(page.locator("main")).to_contain_text(reader)
    anna.look()


def answer_other_flags_first(cecilia: Person, name: str) -> None:
    """Close what the demo region had open before, so that the new flag is the first."""
    page = cecilia.page
    while True:
        cecilia.goto("/worklist/")
        others = page.locator("tbody tr, li").filter(has_text="fråga 9").filter(has_not_text=name)
        if not others.count():
            return
        cecilia.follow(others.first.get_by_role("link").first)
        document_a_contact_and_close(cecilia)


def find_the_flag_first_in_the_list(cecilia: Person, name: str) -> None:
    page = cecilia.page
    cecilia.goto("/worklist/")
    cecilia.look()
    first = page.locator("main a[href*='/patients/'], main a[href*='/flags/']").first
    expect(first).to_contain_text(name)
    row = page.locator("tbody tr, li").filter(has_text=name).first
    expect(row).to_contain_text("fråga 9 = 2")
    expect(row).to_contain_text("före")
    cecilia.follow(first)


def document_a_contact_and_close(cecilia: Person) -> None:
    page = cecilia.page
    if "/flags/" not in page.url:
        page.get_by_role("link", name="Granska flaggan").first.click()
    page.wait_for_url("**/flags/**")
    cecilia.look()
    page.check("input[name=outcome][value=contacted]", force=True)
    page.fill(
        "input[name=contact_at]",
        page.evaluate("new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 16)"),
    )
    page.fill("input[name=contact_with]", "Patienten")
    page.fill(
        "textarea[name=assessment]", "Talade i telefon. Tankar i helgen, ingen plan, ingen avsikt. Partnern är hemma."
    )
    page.fill("textarea[name=action]", "Krisplanen genomgången. Berit ringer på torsdag.")
    cecilia.follow(page.get_by_role("button", name="Granska och stäng"))
    cecilia.look()
    cecilia.follow(page.get_by_role("button", name="Stäng flaggan"))


def come_back(berit: Person) -> None:
    page = berit.page
    berit.goto("/absence/")
    berit.look()
    berit.follow(page.get_by_role("button", name="Tillbaka nu").first)


def see_what_was_done_and_reply(berit: Person, name: str, substitute: str, opens_next: bool) -> None:
    page = berit.page
    berit.goto("/worklist/")
    link = page.locator("main a[href*='/patients/']").filter(has_text=name).first
    if not link.is_visible():  # with the flag closed, the patient has nothing that waits
        page.get_by_text("Väntar på patienten").first.click()
    berit.follow(link)
    expect(page.locator("main")).to_contain_text("Talade i telefon")
    expect(page.locator("main")).to_contain_text(substitute)
    berit.look()
    page.fill("textarea[name=text]", REPLY)
    if opens_next:
        page.check("input[name=open_next]", force=True)
    berit.follow(page.get_by_role("button", name="Skicka").first)


def read_the_reply(anna: Person) -> None:
    page = anna.page
    anna.goto("/my/")
    expect(page.locator("main")).to_contain_text("Tack för att du talade")
    anna.look()
    anna.goto("/my/messages/")
    expect(page.locator("main")).to_contain_text(REPLY)
    anna.look()
