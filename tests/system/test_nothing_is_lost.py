"""Nothing typed is lost, in many kinds of forms at once: server and net go, the session ends, two tabs write.

Everything is real: browser, web, PostgreSQL. Each form stands in a tab of its own, so each adversity meets all of them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.system.browser import PHONE, Person, person
from tests.system.platform import Platform, demo_platform

pytestmark = pytest.mark.e2e
PATIENCE = 45_000  # milliseconds: a restarted server, and three retries of ten seconds
LETTERS = "å ä ö é 🌱 <b>&amp;</b> “citat”"  # what has been lost elsewhere: marks, markup, letters of several bytes


@dataclass(frozen=True)
class Form:
    """A kind of form: where it is, the field that is written in, and the key its draft is kept under."""

    name: str
    path: str
    field: str
    draft: str
    who: str = "anna"


@dataclass
class Writing:
    """One form, open in one tab, and all that has been typed in it so far."""

    form: Form
    page: Page
    text: str = ""

    def status(self, page: Page | None = None) -> Locator:
        """Return where the form says whether it is saved."""
        page = page or self.page
        name = page.locator(self.form.field).first.evaluate("field => field.form.dataset.status")
        return page.locator(f"#{name}")

    def write(self, words: str) -> None:
        self.text = f"{self.text}{words} {LETTERS}\n"
        self.page.locator(self.form.field).first.fill(self.text)


def forms(platform: Platform) -> list[Form]:
    """Return one form of each kind that people of the demo write in."""
    ((step, page),) = platform.sql(
        "SELECT s.code, p.slug FROM programs_step s JOIN programs_treatment t ON t.id = s.treatment_id "
        "JOIN clinics_patient c ON c.id = t.patient_id JOIN clinics_user u ON u.id = c.user_id "
        "JOIN programs_page p ON p.module_id = s.module_id "
        "WHERE u.email = 'anna@demo.example' AND s.opened_at IS NOT NULL AND s.sent_at IS NULL "
        'AND p.blocks::text LIKE \'%"kind": "long"%\' ORDER BY s.id, p.number LIMIT 1'
    )
    ((treatment, patient),) = platform.sql(
        "SELECT t.code, c.code FROM programs_treatment t JOIN clinics_patient c ON c.id = t.patient_id "
        "JOIN clinics_user u ON u.id = c.user_id WHERE u.email = 'anna@demo.example'"
    )
    return [
        Form("module page", f"/my/modules/{step}/{page}/", "main form textarea", f"page:{step}:{page}"),
        Form("message", "/my/messages/", "main form textarea[name=text]", "message"),
        Form("tool", "/my/tools/map/", "main form textarea[name=thoughts]", "tool:map"),
        Form("it is slow going", "/my/stuck/", "main form textarea[name=words]", "stuck"),
        Form("crisis plan", "/my/crisis-plan/edit/", "main form textarea[name=signs]", "crisisplan"),
        Form("reply", f"/patients/{patient}/", "main form textarea[name=text]", f"reply:{treatment}", who="berit"),
    ]


@dataclass
class Desk:
    """Two signed-in people with all their forms open."""

    platform: Platform
    people: dict[str, Person]
    writings: list[Writing]

    def write(self, words: str) -> None:
        for each in self.writings:
            each.write(words)

    def contexts(self) -> list[BrowserContext]:
        return [each.page.context for each in self.people.values()]

    def wait_until_kept(self) -> None:
        """Wait until the server holds every character of every form."""
        for each in self.writings:
            until(
                lambda each=each: each.text.strip() in self._kept(each), f"{each.form.name}: {each.text!r}", each.page
            )

    def _kept(self, writing: Writing) -> list[str]:
        rows = self.platform.sql(
            "SELECT d.data FROM programs_draft d JOIN clinics_user u ON u.id = d.owner_id "
            f"WHERE d.form_key = '{writing.form.draft}' AND u.email = '{writing.form.who}@demo.example'"
        )
        found = [row[0] for row in rows]
        data = [json.loads(each) if isinstance(each, str) else each for each in found]
        return [str(value).replace("\r\n", "\n").strip() for each in data for value in each.values()]


def until(holds: Callable[[], bool], what: str, page: Page) -> None:
    """Wait for something on the server while the browser keeps running."""
    end = time.monotonic() + PATIENCE / 1000
    while not holds():
        assert time.monotonic() < end, f"was not kept within {PATIENCE / 1000:.0f} s: {what}"
        page.wait_for_timeout(200)


def opened(context: BrowserContext, url: str) -> Page:
    """Return a new tab with the page, everything that is folded on it unfolded."""
    tab = context.new_page()
    tab.goto(url)
    tab.eval_on_selector_all("main details", "all => all.forEach(each => { each.open = true })")
    return tab


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """A platform of its own: the other stories send what stands open here, and these end everybody's sessions."""
    with demo_platform() as running:
        yield running


@pytest.fixture
def desk(platform: Platform, browser: Browser) -> Iterator[Desk]:
    with person(browser, platform.url, PHONE, "light") as anna, person(browser, platform.url, PHONE, "light") as berit:
        people = {"anna": anna, "berit": berit}
        writings = []
        for key, someone in people.items():
            someone.sign_in(key)
        for form in forms(platform):
            writings.append(Writing(form, opened(people[form.who].page.context, platform.url + form.path)))
        yield Desk(platform, people, writings)


def test_the_server_the_net_the_session_and_a_second_tab_lose_no_character(desk: Desk) -> None:
    desk.write("Först.")
    desk.wait_until_kept()
    kill_the_server(desk)
    go_offline(desk)
    end_the_sessions(desk)
    write_in_two_tabs(desk)


def kill_the_server(desk: Desk) -> None:
    assert desk.platform.stack.kill("web") == 1
    desk.write("Medan servern var borta.")
    desk.wait_until_kept()


def go_offline(desk: Desk) -> None:
    for context in desk.contexts():
        context.set_offline(True)
    desk.write("Utan nät.")
    for each in desk.writings:
        expect(each.status()).to_contain_text("Inte sparat än", timeout=PATIENCE)
    for context in desk.contexts():
        context.set_offline(False)
    desk.wait_until_kept()


def end_the_sessions(desk: Desk) -> None:
    desk.platform.sql("DELETE FROM django_session RETURNING session_key")
    desk.write("Utloggad mitt i.")
    for each in desk.writings:
        expect(each.status()).to_contain_text("loggats ut", timeout=PATIENCE)
    for key, someone in desk.people.items():
        someone.page.context.clear_cookies()
        someone.sign_in(key)
    desk.wait_until_kept()


def write_in_two_tabs(desk: Desk) -> None:
    """Both tabs write; the first is shown both versions, and what it keeps is both."""
    for each in desk.writings:
        other = opened(each.page.context, each.page.url)
        before, theirs = each.text, f"{each.text}Från en annan flik. {LETTERS}\n"
        other.locator(each.form.field).first.fill(theirs)
        expect(each.status(other)).to_contain_text("Sparat klockan", timeout=PATIENCE)
        until(lambda each=each, text=theirs: text.strip() in desk._kept(each), each.form.name, other)
        each.write("Från den första fliken.")
        each.page.locator("[data-keep=both]").click(timeout=PATIENCE)
        each.text = each.page.locator(each.form.field).first.input_value()
        for kept in (before, "Från en annan flik.", "Från den första fliken."):
            assert kept in each.text
    desk.wait_until_kept()


def test_what_is_written_anew_and_sent_before_it_is_saved_is_nobody_elses(platform: Platform, browser: Browser) -> None:
    """In one tab: what was saved is taken out and other words are sent at once. No second place is spoken of."""
    form = forms(platform)[0]
    with person(browser, platform.url, PHONE, "light") as anna:
        anna.sign_in("anna")
        anna.goto(form.path)
        save_then_send_others(anna, form, platform, "Det blev något helt annat.")
        anna.goto(form.path)
        anna.page.route("**/my/drafts/**", never_answer)
        save_then_send_others(anna, form, platform, "Och till sist ett tredje svar.")
        anna.page.unroute_all(behavior="ignoreErrors")


def never_answer(route: Route) -> None:
    """Let a save reach the server, and its answer nobody: a train in a tunnel."""
    route.fetch()


def save_then_send_others(anna: Person, form: Form, platform: Platform, words: str) -> None:
    field = anna.page.locator(form.field).first
    draft = f"Ett utkast som sparas före: {words}"
    field.fill(draft)
    until(lambda: kept_words(platform, form) == [draft], "the draft", anna.page)
    field.fill(words)
    anna.follow(anna.page.get_by_role("button", name="Fortsätt", exact=True))
    assert anna.page.get_by_text("Du har skrivit på två ställen").count() == 0
    assert kept_words(platform, form) == [words]


def kept_words(platform: Platform, form: Form) -> list[str]:
    """Return what is written in the draft of Anna's form."""
    rows = platform.sql(
        "SELECT d.data FROM programs_draft d JOIN clinics_user u ON u.id = d.owner_id "
        f"WHERE d.form_key = '{form.draft}' AND u.email = '{form.who}@demo.example'"
    )
    data = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in rows]
    return [str(value) for each in data for value in each.values() if str(value).strip()]


def test_the_marks_in_a_questionnaire_are_kept_too(platform: Platform, browser: Browser) -> None:
    """One item is marked before, and one during, each of: the server gone, no net, signed out; then a second tab."""
    with person(browser, platform.url, PHONE, "light") as anna:
        anna.sign_in("anna")
        anna.goto("/my/measures/phq9/")
        mark(anna, 1, platform)
        platform.stack.kill("web")
        mark(anna, 2, platform)
        anna.page.context.set_offline(True)
        anna.page.check("input[name='3'][value='1']", force=True)
        anna.page.wait_for_timeout(2_000)
        anna.page.context.set_offline(False)
        until(lambda: marked(platform) >= {"1", "2", "3"}, "item 3", anna.page)
        platform.sql("DELETE FROM django_session RETURNING session_key")
        anna.page.check("input[name='4'][value='1']", force=True)
        anna.page.wait_for_timeout(2_000)
        other = Person(anna.page.context.new_page(), platform.url)
        other.sign_in("anna")
        until(lambda: marked(platform) >= {"1", "2", "3", "4"}, "item 4", anna.page)
        other.goto("/my/measures/phq9/")
        assert other.page.locator("fieldset input:checked").count() == 4


def mark(someone: Person, item: int, platform: Platform) -> None:
    someone.page.check(f"input[name='{item}'][value='1']", force=True)
    until(lambda: str(item) in marked(platform), f"item {item}", someone.page)


def marked(platform: Platform) -> set[str]:
    """Return the items that are marked in Anna's draft."""
    rows = platform.sql(
        "SELECT d.data::text FROM programs_draft d JOIN clinics_user u ON u.id = d.owner_id "
        "WHERE d.form_key = 'measure:phq9' AND u.email = 'anna@demo.example'"
    )
    return {item for (data,) in rows for item, value in json.loads(str(data)).items() if value == "1"}


def test_the_keys_of_the_forms_are_codes_and_not_names(platform: Platform) -> None:
    for form in forms(platform):
        for part in form.draft.split(":")[1:2]:
            assert part == "map" or UUID(part)
