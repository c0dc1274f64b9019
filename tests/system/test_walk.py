"""Everyone of the cast walks every page they may see; axe, the width and the browser have nothing to say.

The list of pages comes from the URLconf, not from us: a page that the walk does not reach fails the test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Browser

from clinics.access import PATIENT, ROLE_PERMISSIONS
from clinics.models import Role
from tests.system.browser import DESK, PHONE, Person, person
from tests.system.platform import Platform
from tests.system.test_story import document_a_contact_and_close, mark_two_on_item_nine

pytestmark = pytest.mark.e2e
PAGES_PER_NAME = 2  # of a hundred patients' pages two are looked at
LOOKS = [(PHONE, "light"), (PHONE, "dark"), (DESK, "light"), (DESK, "dark")]
# Addresses that are not pages to look at, and why.
NOT_PAGES = {
    "alive": "for machines", "ready": "for machines", "metrics": "for machines",
    "autosave": "answers JSON", "worklist-poll": "part of a page",
    "report-progress": "part of a page", "dry-run-progress": "part of a page", "report-file": "a PDF",
    "edition-workbook": "a PDF", "copy-progress": "part of a page", "copy-file": "a PDF or a zip file",
    "demo-sign-in": "a change", "account_logout": "the walk would end there",
}  # fmt: skip
LEADS_ON = {"home", "module", "worklist-round"}  # followed, and counted as the page they lead to
CHANGES = {
    "patient-handover-note",
    "patient-reply", "patient-read", "next-contact", "module-open", "module-send", "flag-acknowledge", "flag-document",
    "flag-not-reached", "flag-assign", "absence-end", "report-order", "flag-close", "ill-today", "absence-stand-ins",
    "plan-withdraw", "follow-up-hand-over",
    "revision-publish", "revision-withdraw", "revision-correct",
    "module-hide", "module-show", "module-repeat", "module-move", "module-date", "tool-add", "gate-tick",
    "gate-withdraw", "sleep-window-decide", "plan-line", "plan-keep-entry", "message-keep",
    "next-of-kin-withdraw", "patient-next-of-kin-withdraw",
    "rules-try", "rules-propose", "rules-activate",
    "notice-try", "hub-agree", "hub-end", "browser-add", "browser-remove",
}  # fmt: skip
# allauth's pages that nobody of ours is led to: signing up is closed, codes and e-mail confirmation are not in use.
ALLAUTH_UNUSED = {
    "account_signup", "account_inactive", "account_email_verification_sent", "account_confirm_login_code",
    "account_confirm_email", "account_reset_password_from_key", "account_reset_password_from_key_done",
    "account_set_password", "account_email", "account_change_password",
    "account_reset_password_done",
}  # fmt: skip
SIGNED_OUT = {"account_login", "account_reset_password"}
ASKED_AGAIN = {"account_reauthenticate"}  # before those who decide about rules do so


def all_names(resolver: URLResolver | None = None) -> Iterator[tuple[str, object]]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield str(pattern.name), pattern.callback
        else:
            yield from all_names(pattern)


def names_for(roles: set[str]) -> set[str]:
    """Return the names of the pages that somebody with these roles may see."""
    rights = set().union(*(ROLE_PERMISSIONS[role] for role in roles)) if roles else set()
    found = set()
    for name, view in all_names():
        needed = getattr(view, "requires", None)
        if needed in rights or hasattr(view, "public_because"):
            found.add(name)
    return found - set(NOT_PAGES) - CHANGES - LEADS_ON


def look_at_all_sizes(someone: Person) -> None:
    for width, scheme in LOOKS:
        someone.page.set_viewport_size({"width": width, "height": 800})
        someone.page.emulate_media(color_scheme=scheme)
        someone.look()


def walk(someone: Person, starts: list[str]) -> set[str]:
    """Follow every link from the starts, look at each page, and return the names of those seen."""
    seen: Counter[str] = Counter()
    waiting, visited = list(starts), set()
    while waiting:
        path = waiting.pop(0)
        name = name_of(path)
        if path in visited or name is None or name in NOT_PAGES or seen[name] >= PAGES_PER_NAME:
            continue
        visited.add(path)
        response = someone.page.goto(someone.url + path, wait_until="load")
        assert response is not None
        shown = urlsplit(someone.page.url)
        if response.status != 200 or shown.path != urlsplit(path).path:
            if response.status >= 400:
                someone.complaints.append(f"{path}: answered {response.status}")
            waiting.append(shown.path + (f"?{shown.query}" if shown.query else ""))
            continue
        seen[name] += 1
        look_at_all_sizes(someone)
        waiting += links_of(someone)
    return set(seen)


def links_of(someone: Person) -> list[str]:
    found = someone.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    return [href.removeprefix(someone.url).partition("#")[0] for href in found if href.startswith(someone.url) and href]


def name_of(path: str) -> str | None:
    try:
        return resolve(urlsplit(path).path).url_name
    except Resolver404:
        return None


WALKS = [
    ("anna", {PATIENT}, ["/", "/my/", "/my/measures/", "/my/measures/phq9/", "/my/follow-up/"]),
    ("cecilia", {Role.THERAPIST}, ["/worklist/", "/worklist/?tab=cover", "/worklist/?tab=clinic"]),
    ("lena", {Role.LEAD}, ["/clinic/", "/clinic/flags/", "/clinic/follow-ups/"]),
    ("omar", {Role.REGION}, ["/account/"]),
    ("frida", {Role.AUTHOR}, ["/account/"]),
    ("greta", {Role.ADMINISTRATOR}, ["/account/"]),
]


@pytest.mark.parametrize(("who", "roles", "starts"), WALKS, ids=[who for who, _roles, _starts in WALKS])
def test_every_page_of_the_role_is_clean(
    platform: Platform, browser: Browser, who: str, roles: set[str], starts: list[str]
) -> None:
    if who == "cecilia":  # so that she has a flag to look at, whatever the stories have closed
        with person(browser, platform.url, PHONE, "light") as patient:
            patient.sign_in("osten")
            mark_two_on_item_nine(patient)
    if who in ("cecilia", "lena"):  # so that there is an absence to hand over, whatever the stories have ended
        let_berit_be_away(platform, browser)
    if who == "lena":  # the calendar leads there from a gap, and the demo has none
        ((code,),) = platform.sql(
            "SELECT p.code FROM clinics_patient p JOIN clinics_user u ON u.id = p.user_id "
            "WHERE u.email = 'anna@demo.example'"
        )
        starts = [*starts, f"/clinic/cover/{code}/"]
    with person(browser, platform.url, PHONE, "light") as someone:
        someone.sign_in(who)
        acted = ACTS.get(who, nothing)(someone)
        seen = walk(someone, [*starts, "/help/", "/accessibility/", "/your-data/", "/account/", "/ui/"]) | acted
    assert someone.complaints == []
    assert names_for(roles) - seen == set()


def test_every_page_of_a_visitor_is_clean(platform: Platform, browser: Browser) -> None:
    with person(browser, platform.url, PHONE, "light") as someone:
        seen = walk(someone, ["/accounts/login/", "/accounts/password/reset/", "/help/", "/accessibility/", "/ui/"])
        someone.goto("/no-such-page/")
        look_at_all_sizes(someone)
    assert [c for c in someone.complaints if "404" not in c] == []
    assert (names_for(set()) | SIGNED_OUT) - seen == set()


def test_no_address_is_forgotten() -> None:
    everything = {name for name, _view in all_names()}
    told = set(NOT_PAGES) | CHANGES | LEADS_ON | ALLAUTH_UNUSED | SIGNED_OUT | ASKED_AGAIN
    told |= set().union(*(names_for(roles) for _who, roles, _starts in WALKS)) | names_for(set())
    assert everything - told == set()
    assert told - everything - {"gallery", "demo-sign-in"} == set()


def let_berit_be_away(platform: Platform, browser: Browser) -> None:
    """Let her say that she is ill today, unless she is away."""
    with person(browser, platform.url, PHONE, "light") as berit:
        berit.sign_in("berit")
        berit.goto("/absence/")
        if not berit.page.get_by_role("button", name="Tillbaka nu").count():
            berit.follow(berit.page.get_by_role("button", name="Jag är sjuk i dag"))
            berit.follow(berit.page.get_by_role("button", name="Ja, jag är sjuk i dag"))


def nothing(someone: Person) -> set[str]:
    return set()


def write_and_send(someone: Person) -> set[str]:
    """As a patient: send a questionnaire, a module and a tool entry, and look at each receipt."""
    page = someone.page
    asked = leave_out_item_nine(someone)
    mark_first_eight(someone)
    page.check("input[name='9'][value='1']", force=True)
    page.click("main form button[type=submit], main form input[type=submit]")
    page.wait_for_url("**/my/follow-up/**")
    look_at_all_sizes(someone)
    page.click("main form [type=submit]")
    page.wait_for_url("**/receipt/**")
    look_at_all_sizes(someone)
    return (
        {"measure-receipt", "follow-up"} | asked | send_module(someone) | say_it_is_slow(someone) | take_along(someone)
    )


def mark_first_eight(someone: Person) -> None:
    someone.goto("/my/measures/phq9/")
    for item in range(1, 9):
        someone.page.check(f"input[name='{item}'][value='0']", force=True)


def leave_out_item_nine(someone: Person) -> set[str]:
    """Leave the question about suicide out, and look at how it is asked by itself."""
    page = someone.page
    mark_first_eight(someone)
    page.click("main form button[type=submit], main form input[type=submit]")
    page.click("main form [name=anyway]")
    page.wait_for_url("**/my/follow-up/**")
    someone.goto("/my/one-question/")
    look_at_all_sizes(someone)
    return {"asked-again"}


def say_it_is_slow(someone: Person) -> set[str]:
    """Tap on a reason, and look at the tip."""
    someone.goto("/my/stuck/")
    someone.follow(someone.page.locator("button[name=reason]").first)
    look_at_all_sizes(someone)
    return {"stuck-receipt"}


def take_along(someone: Person) -> set[str]:
    """Order the workbook, and look at the page that waits for it."""
    someone.goto("/my/copies/")
    someone.follow(someone.page.locator("main form button").first)
    look_at_all_sizes(someone)
    return {"copy"}


def send_module(someone: Person) -> set[str]:
    """Go through the module that waits, page by page, and send it."""
    page = someone.page
    someone.goto("/my/")
    someone.goto(page.eval_on_selector("a[href*='/my/modules/']", "link => link.getAttribute('href')"))
    while page.get_by_role("button", name="Fortsätt", exact=True).count():
        someone.follow(page.get_by_role("button", name="Fortsätt", exact=True))
    page.get_by_role("button", name="Skicka till").click()
    page.wait_for_url("**/receipt/**")
    look_at_all_sizes(someone)
    return {"module-receipt"}


def order_report(someone: Person) -> set[str]:
    """As a therapist: order a summary, wait for it, and see the page when it is there."""
    page = someone.page
    someone.goto("/worklist/")
    someone.goto(page.eval_on_selector("a[href*='/patients/']", "link => link.getAttribute('href')"))
    page.locator("form[action$='/reports/order/'] button").first.click()
    page.wait_for_url("**/reports/**")
    look_at_all_sizes(someone)
    page.get_by_role("link", name="Hämta filen").wait_for(timeout=30_000)
    look_at_all_sizes(someone)
    return {"report"}


def save_a_crisis_plan(someone: Person) -> None:
    """As a patient: write one line of the plan, so that there is something to print."""
    someone.goto("/my/crisis-plan/edit/")
    someone.page.fill("textarea[name=signs]", "Jag slutar svara.")
    someone.follow(someone.page.locator("main form[data-autosave] [type=submit]"))
    look_at_all_sizes(someone)


def decide_on_sleep(someone: Person) -> set[str]:
    """As a therapist: see the page of the sleep window of a patient who keeps a diary."""
    someone.goto("/worklist/")
    row = someone.page.locator("a[href*='/patients/']").filter(has_text="Pirjo").first
    someone.goto(str(row.get_attribute("href")) + "sleep-window/")
    look_at_all_sizes(someone)
    return {"patient-sleep-window"}


def look_at_a_plan(someone: Person) -> set[str]:
    """As a therapist: see the patient whose treatment is planned, and the page about the plan."""
    someone.goto("/worklist/")
    someone.follow(someone.page.locator("a[href*='/patients/']").filter(has_text="Hedvig").first)
    look_at_all_sizes(someone)
    someone.follow(someone.page.locator("a[href$='/plan-treatment/']").first)
    look_at_all_sizes(someone)
    return {"plan-treatment"}


def find_a_flag(someone: Person) -> str:
    """As a therapist: go from the work list to the first flag, and return its path."""
    page = someone.page
    someone.goto("/worklist/?tab=cover")
    someone.follow(page.locator("main a[href*='/flags/'], main a[href*='/patients/']").first)
    if "/flags/" not in page.url:
        someone.follow(page.get_by_role("link", name="Granska flaggan").first)
    return page.url.removeprefix(someone.url)


def open_a_flag_again(someone: Person) -> set[str]:
    """As a therapist: close a flag, see the page that opens it again, and do so: the walk needs an open one."""
    page = someone.page
    flag = find_a_flag(someone)
    document_a_contact_and_close(someone)
    someone.goto(flag + "reopen/")
    look_at_all_sizes(someone)
    page.fill("textarea[name=reason]", "Patienten ringde tillbaka.")
    someone.follow(page.locator("main form button[type=submit]"))
    look_at_all_sizes(someone)
    return {"flag-reopen"}


def as_patient(someone: Person) -> set[str]:
    save_a_crisis_plan(someone)
    return write_and_send(someone)


def as_therapist(someone: Person) -> set[str]:
    return order_report(someone) | decide_on_sleep(someone) | look_at_a_plan(someone) | open_a_flag_again(someone)


def try_the_rules(someone: Person) -> set[str]:
    """As somebody who may decide about rules: start a dry run, and look at the page that waits for it."""
    someone.goto("/rules/")
    someone.follow(someone.page.locator("main form[action$='/rules/try/'] button[type=submit]"))
    look_at_all_sizes(someone)
    someone.goto("/accounts/reauthenticate/?next=/rules/")
    look_at_all_sizes(someone)
    return {"dry-run"} | ASKED_AGAIN


ACTS = {"anna": as_patient, "cecilia": as_therapist, "lena": try_the_rules, "omar": try_the_rules}
