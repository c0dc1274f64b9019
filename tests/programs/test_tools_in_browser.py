"""In a browser, on a telephone: each tool is used with the keyboard alone, and its pages pass axe at 320 px."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from clinics.models import User
from programs.models import Draft, Submission
from tests.cast import make_cast
from tests.programs.every_tool import open_every_tool
from tests.programs.whole_entries import WHOLE, as_posted
from tests.system.browser import PHONE, Person

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

MOST_TABS = 120
ANSWERED = 30_000  # milliseconds: a draft on its way is awaited first, and the machine may be busy
FOCUSED = """() => { const e = document.activeElement; return {
    tag: e.tagName, type: e.type, name: e.name, value: e.value, save: e.matches("form [type=submit]:not([name])") } }"""


def visit(browser: Browser, url: str, user: User, width: int = PHONE, **options: Any) -> Person:
    """Return a window in which the user is signed in."""
    client = Client()
    client.force_login(user)
    name = django_settings.SESSION_COOKIE_NAME
    context = browser.new_context(viewport={"width": width, "height": 780}, locale="sv-SE", **options)
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
    return Person(context.new_page(), url)


def place(name: str) -> str:
    tool, _colon, kind = name.partition(":")
    return f"/my/tools/{tool}/" + (f"?kind={kind}" if kind else "")


def fill_by_keyboard(page: Page, typed: dict[str, str]) -> None:
    """Go through the form with Tab, write and choose what is to be typed, open what is folded, and save."""
    page.locator("#write").evaluate("heading => { heading.tabIndex = -1; heading.focus() }")
    left, chosen = dict(typed), set[str]()
    for _tab in range(MOST_TABS):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at["save"]:
            page.keyboard.press("Enter")
            return
        if at["tag"] == "SUMMARY":
            page.keyboard.press("Enter")
        elif at["type"] == "radio" and at["name"] in left and at["name"] not in chosen:
            _choose(page, left.pop(at["name"]))
            chosen.add(at["name"])
        elif at["tag"] == "SELECT" and at["name"] in left:
            page.locator("select:focus").select_option(left.pop(at["name"]))  # a list opens outside the page
        elif at["name"] in left and at["type"] in ("date", "time"):
            _write_parts(page, left.pop(at["name"]))
        elif at["name"] in left and at["type"] in ("text", "number", "textarea"):
            page.keyboard.press("Control+A")
            page.keyboard.type(left.pop(at["name"]))
    raise AssertionError("no button to save with")


def _write_parts(page: Page, value: str) -> None:
    """Write a date or a time part by part. The browser's own field has the order of its language, here American."""
    if ":" in value:
        page.keyboard.type(f"{time.fromisoformat(value):%I%M%p}")
    else:
        page.keyboard.type(f"{date.fromisoformat(value):%m%d%Y}")


def _choose(page: Page, value: str) -> None:
    page.keyboard.press("Space")
    for _step in range(12):
        if page.evaluate("document.activeElement.value") == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(value)


def test_each_tool_is_used_by_keyboard_on_a_telephone_and_all_its_pages_fit(
    chromium: Browser, live_server: LiveServer
) -> None:
    cast = make_cast()
    open_every_tool(cast)
    anna = visit(chromium, live_server.url, cast.anna)
    for name in sorted(WHOLE, key=lambda each: (each.partition(":")[0], each.endswith("trial"), each.endswith("day"))):
        tool = name.partition(":")[0]
        anna.goto(place(name))
        sent = Submission.objects.count()
        fill_by_keyboard(anna.page, as_posted(without_clock(WHOLE[name])))
        expect(anna.page.locator(".notice.ok")).to_be_visible(timeout=ANSWERED)
        anna.page.wait_for_load_state("load")  # the tab forgets its copy of what was sent
        assert anna.page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('draft:'))") == []
        assert not Draft.objects.exists()
        assert Submission.objects.count() == sent + 1
        stored = Submission.objects.order_by("pk").last()
        assert stored is not None
        assert stored.form == tool
        assert without_clock(stored.answers) == without_clock(WHOLE[name])
        for width in (320, 1366):
            anna.page.set_viewport_size({"width": width, "height": 780})
            for path in (place(name), f"/my/tools/{tool}/print/"):
                anna.goto(path)
                anna.look()
        anna.page.set_viewport_size({"width": PHONE, "height": 780})
    berit = visit(chromium, live_server.url, cast.berit, 1366)
    code = cast.annas.patient.code
    berit.goto(f"/patients/{code}/tools/")
    berit.look()
    for tool in sorted({name.partition(":")[0] for name in WHOLE}):
        berit.goto(f"/patients/{code}/tools/{tool}/")
        berit.look()
    complaints = anna.complaints + berit.complaints
    assert not complaints, "\n".join(complaints)


def without_clock(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the entry without the day and the time, which stand in the form from the start."""
    return {name: value for name, value in entry.items() if name not in ("date", "time")}


def test_the_timer_counts_can_be_stopped_and_writes_the_minutes(chromium: Browser, live_server: LiveServer) -> None:
    cast = make_cast()
    open_every_tool(cast)
    page = (anna := visit(chromium, live_server.url, cast.anna)).page
    page.clock.install()
    anna.goto(place("practice"))
    expect(page.locator("[data-timer-text]")).to_be_hidden()
    expect(page.get_by_role("timer")).to_have_text("3.00")
    page.get_by_role("button", name="Start").press("Enter")
    stop = page.get_by_role("button", name="Stopp")
    expect(stop).to_be_focused()
    page.clock.run_for(61_000)
    expect(page.get_by_role("timer")).to_have_text("1.59")
    stop.press("Enter")
    expect(page.locator("[name=minutes]")).to_have_value("1")
    expect(page.locator("[name=minutes]")).to_be_focused()
    page.get_by_role("button", name="Start").click()
    page.clock.run_for(181_000)
    expect(page.locator("[data-timer-said]")).to_have_text("Tiden är ute.")
    expect(page.locator("[name=minutes]")).to_have_value("3")


def test_with_reduced_motion_the_circle_is_gone_and_words_say_when_to_breathe(
    chromium: Browser, live_server: LiveServer
) -> None:
    cast = make_cast()
    open_every_tool(cast)
    anna = visit(chromium, live_server.url, cast.anna, reduced_motion="reduce")
    anna.goto(place("practice"))
    anna.page.get_by_role("button", name="Start").click()
    expect(anna.page.locator("[data-timer-words]")).to_have_text("Andas in")
    expect(anna.page.locator("[data-timer-circle]")).to_be_hidden()


def test_without_scripts_the_timer_is_words_and_the_ladder_can_be_moved(
    chromium: Browser, live_server: LiveServer
) -> None:
    cast = make_cast()
    open_every_tool(cast)
    anna = visit(chromium, live_server.url, cast.anna, java_script_enabled=False)
    anna.goto(place("practice"))
    expect(anna.page.locator("[data-timer-text]")).to_be_visible()
    expect(anna.page.get_by_role("button", name="Start")).to_be_hidden()
    anna.goto(place("exposure_ladder:steps"))
    anna.page.fill("[name='steps.0.step']", "Åka buss")
    anna.page.locator("summary", has_text="Steg 2").click()
    anna.page.fill("[name='steps.1.step']", "Stå i kön")
    anna.page.get_by_role("button", name="Spara").click()
    anna.page.locator("button[value='steps.1.up']").click()
    newest = Submission.objects.order_by("pk").last()
    assert newest is not None
    assert [row["step"] for row in newest.answers["steps"]] == ["Stå i kön", "Åka buss"]
