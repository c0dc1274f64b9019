"""In a browser, on the real pages: signed out in the middle of writing, signed in in another tab, nothing lost."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from messaging.models import Message
from programs.models import Draft
from tests.cast import Cast, make_cast

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

AFTER_RETRY = 20_000  # milliseconds: well past one retry of 10 s


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer) -> Page:
    return chromium.new_context(base_url=live_server.url, viewport={"width": 360, "height": 740}).new_page()


def sign_in(cast: Cast, context: BrowserContext, url: str) -> None:
    client = Client()
    client.force_login(cast.anna)
    name = django_settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def test_signed_out_while_writing_and_in_again_the_message_is_whole(page: Page, live_server: LiveServer) -> None:
    cast = make_cast()
    sign_in(cast, page.context, live_server.url)
    page.goto("/my/messages/")
    page.fill("textarea", "Första meningen.")
    expect(page.locator("#saved")).to_contain_text("Sparat")
    Session.objects.all().delete()
    page.fill("textarea", "Första meningen. Andra meningen.")
    expect(page.locator("#saved a")).to_have_attribute("href", "/accounts/login/", timeout=AFTER_RETRY)
    assert Draft.objects.get().data["text"] == "Första meningen."
    sign_in(cast, page.context, live_server.url)
    expect(page.locator("#saved")).to_contain_text("Sparat", timeout=AFTER_RETRY)
    assert Draft.objects.get().data["text"] == "Första meningen. Andra meningen."
    page.get_by_role("button", name="Skicka").click()
    expect(page.locator("#receipt")).to_be_visible()
    assert Message.objects.get().text == "Första meningen. Andra meningen."
    assert page.locator("textarea").input_value() == ""


def test_the_questionnaire_takes_at_most_twelve_taps_and_shows_help_when_a_risk_item_is_marked(
    page: Page, live_server: LiveServer
) -> None:
    sign_in(make_cast(), page.context, live_server.url)
    page.goto("/my/measures/phq9/")
    box, taps = page.locator("[data-help-box]"), 0
    expect(box).to_be_hidden()
    for item in [*range(1, 10), "function"]:
        page.locator(f"label[for=id_{item}_1]").click()
        taps += 1
    expect(box).to_be_visible()
    page.get_by_role("button", name="Skicka mina svar").click()
    page.wait_for_url("**/my/follow-up/**")
    assert taps + 1 <= 12 - 1, "one tap is left for coming here from the first page"


SLOW_DRAFTS = """() => {
  const send = window.fetch;
  window.fetch = (...asked) => new Promise(done => setTimeout(done, 600)).then(() => send(...asked));
}"""


def test_a_draft_on_its_way_is_waited_for_so_that_it_does_not_stand_there_after_what_was_sent(
    page: Page, live_server: LiveServer
) -> None:
    sign_in(make_cast(), page.context, live_server.url)
    page.goto("/my/messages/")
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    page.evaluate(SLOW_DRAFTS)
    page.fill("textarea", "Skickat medan utkastet sparades.")
    page.dispatch_event("textarea", "focusout")  # leaving the field saves it at once
    page.get_by_role("button", name="Skicka").dblclick()
    expect(page.locator("#receipt")).to_be_visible()
    assert [url.rsplit("/my/")[1] for url in posted] == ["drafts/message/", "messages/"]
    assert Message.objects.get().text == "Skickat medan utkastet sparades."
    assert not Draft.objects.exists()
