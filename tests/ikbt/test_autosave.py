"""In a browser: what is written is never lost. The server here is a small one that speaks the autosave's contract.

The contract is the head of static/js/autosave.js; the real drafts are told of in the browser stories.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django import forms
from django.conf import settings as django_settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template import RequestContext, Template
from django.urls import path
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SOON, AFTER_RETRY = 4_000, 16_000  # milliseconds: well past the pause of 1.5 s, past one retry of 10 s

PAGE = Template("""{% extends "patient_base.html" %}{% load static crispy_forms_filters %}
{% block title %}Skriv{% endblock %}
{% block extra_js %}<script type="module" src="{% static 'js/autosave.js' %}"></script>{% endblock %}
{% block main %}<h1>Skriv</h1>{% include "ui/help_box.html" with hidden=True only %}
<form id="write" method="post" novalidate data-autosave="/draft/" data-version="{{ version }}" data-status="saved">
{% csrf_token %}<input type="hidden" name="idempotency_key" value="k1">{{ form|crispy }}
{% include "ui/autosave.html" with id="saved" only %}
<button class="button" type="submit">Skicka</button></form>
<form method="post" action="/signed-out/" data-logout>{% csrf_token %}<button class="button">Ut</button></form>
{% endblock %}""")


@dataclass
class Server:
    """What the small server holds and how it misbehaves."""

    version: int = 0
    data: dict[str, str] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    refused: int = 0
    mood: str = "well"


LATE = {"slow": 2, "later than the submit": 4}  # seconds; a submit waits 2 s at most for a save on its way
SERVER = Server()


class Writing(forms.Form):
    text = forms.CharField(label="Text", widget=forms.Textarea)
    pick = forms.ChoiceField(label="Val", choices=[("a", "Ja"), ("b", "Nej")], widget=forms.RadioSelect, required=False)


@login_not_required
def write(request: HttpRequest) -> HttpResponse:
    form = Writing(request.POST) if request.method == "POST" else Writing(initial=SERVER.data)
    if request.method == "POST":
        if SERVER.mood == "broken":
            return HttpResponse("Fel", status=500)  # with no words at all the browser goes to a page of its own
        if form.is_valid():
            SERVER.sent.append(form.cleaned_data["text"])
            SERVER.keys.add(request.POST["idempotency_key"])
            SERVER.version, SERVER.data = 0, {}
            return redirect("/sent/")
    get_token(request)
    return HttpResponse(PAGE.render(RequestContext(request, {"form": form, "version": SERVER.version})))


@login_not_required
def draft(request: HttpRequest) -> HttpResponse:
    if SERVER.mood in LATE:
        time.sleep(LATE[SERVER.mood])
    if SERVER.mood == "broken":
        return HttpResponse(status=500)
    if SERVER.mood == "signed out":
        return JsonResponse({"login": "/accounts/login/"}, status=401)
    data = {name: str(value) for name, value in request.POST.items()}
    if data.pop("idempotency_key", "") in SERVER.keys:
        SERVER.refused += 1
        return JsonResponse({"sent": True}, status=409)
    if int(data.pop("version")) != SERVER.version:
        return JsonResponse({"version": SERVER.version, "data": SERVER.data, "saved_at": "18.01"}, status=409)
    SERVER.version, SERVER.data = SERVER.version + 1, data
    if SERVER.mood == "answer lost":
        SERVER.mood = "well"
        return HttpResponse(status=502)
    return JsonResponse({"version": SERVER.version, "saved_at": "18.07", "help": "dö" in data["text"]})


@login_not_required
def plain_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Template('{% extends "patient_base.html" %}').render(RequestContext(request)))


urlpatterns = [
    path("write/", write),
    path("draft/", draft),
    path("sent/", plain_page),
    path("signed-out/", plain_page),
    path("", plain_page, name="home"),
    path("help/", plain_page, name="help"),
]


@pytest.fixture(scope="session", autouse=True)
def static_folder() -> None:
    """Whitenoise warns when its folder is missing, and nothing is collected in tests."""
    Path(django_settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("no chromium")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in the thread of the test
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, settings: Settings) -> Iterator[Page]:
    settings.ROOT_URLCONF = sys.modules[__name__]
    vars(SERVER).update(vars(Server()))
    context = browser.new_context(base_url=live_server.url)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto("/write/")
    yield opened
    context.close()
    assert complaints == []


def until_saved(page: Page, text: str, patience: int = SOON) -> None:
    """Wait until the server holds the text. The browser must keep running meanwhile, so its own clock is used."""
    waited = 0
    while SERVER.data.get("text") != text and waited < patience:
        page.wait_for_timeout(100)
        waited += 100
    assert SERVER.data.get("text") == text


def status_says(page: Page, words: str) -> None:
    page.wait_for_function("words => document.querySelector('#saved').textContent.includes(words)", arg=words)


def copies(page: Page) -> int:
    return int(page.evaluate("sessionStorage.length"))


def test_a_text_is_saved_and_the_hour_is_shown(page: Page) -> None:
    page.fill("textarea", "Hej å ä ö 🌱")
    status_says(page, "Sparat klockan 18.07")
    assert SERVER.data == {"text": "Hej å ä ö 🌱"}
    assert copies(page) == 0


def test_the_help_box_shows_as_soon_as_the_draft_asks_for_it(page: Page) -> None:
    page.fill("textarea", "vill dö")
    page.wait_for_selector("[data-help-box]", state="visible")


def test_what_is_written_during_a_save_is_saved_too(page: Page) -> None:
    SERVER.mood = "slow"
    page.fill("textarea", "ett")
    page.wait_for_timeout(2_200)
    page.fill("textarea", "ett två")
    until_saved(page, "ett två", AFTER_RETRY)


def test_offline_is_said_and_mended_by_itself(page: Page) -> None:
    page.context.set_offline(True)
    page.fill("textarea", "utan nät")
    status_says(page, "Inte sparat än")
    page.context.set_offline(False)
    until_saved(page, "utan nät", AFTER_RETRY)


@pytest.mark.hazard("H14b")
def test_a_server_error_is_said_and_tried_again(page: Page) -> None:
    SERVER.mood = "broken"
    page.fill("textarea", "envis")
    status_says(page, "Inte sparat än")
    SERVER.mood = "well"
    until_saved(page, "envis", AFTER_RETRY)


def test_an_expired_session_keeps_the_text_and_goes_on_after_signing_in_elsewhere(page: Page) -> None:
    SERVER.mood = "signed out"
    page.fill("textarea", "mitt i en mening")
    status_says(page, "Du har loggats ut")
    assert page.get_attribute("#saved a", "href") == "/accounts/login/"
    assert copies(page) == 1
    page.context.clear_cookies()  # signing in gives a new CSRF secret: the form's own token is stale
    SERVER.mood = "well"
    until_saved(page, "mitt i en mening", AFTER_RETRY)


@pytest.mark.parametrize(("keep", "kept"), [("mine", "här"), ("theirs", "där"), ("both", "där\n\nhär")])
def test_two_tabs_show_both_versions_and_overwrite_nothing(page: Page, keep: str, kept: str) -> None:
    other = page.context.new_page()
    other.goto("/write/")
    other.fill("textarea", "där")
    until_saved(other, "där")
    page.bring_to_front()
    page.fill("textarea", "här")
    page.wait_for_selector("[data-mine]")
    assert (page.text_content("[data-mine]"), page.text_content("[data-theirs]")) == ("här", "där")
    assert SERVER.data["text"] == "där"
    assert Axe().run(page).violations_count == 0
    page.click(f"[data-keep={keep}]")
    page.wait_for_selector("[data-mine]", state="detached")
    assert page.input_value("textarea") == kept
    until_saved(page, kept)


def test_a_save_whose_answer_was_lost_is_no_second_writer(page: Page) -> None:
    SERVER.mood = "answer lost"
    page.fill("textarea", "kvar")
    status_says(page, "Inte sparat än")
    page.fill("textarea", "kvar och mer")
    until_saved(page, "kvar och mer", AFTER_RETRY)
    assert page.locator("[data-mine]").count() == 0


@pytest.mark.hazard("H14b")
def test_a_crash_gives_back_the_text_and_the_choice(page: Page) -> None:
    page.evaluate("() => { window.fetch = () => Promise.reject(new Error('gone')) }")
    page.fill("textarea", "före kraschen")
    page.check("input[value=b]")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    status_says(page, "Vi har tagit tillbaka")
    assert page.input_value("textarea") == "före kraschen"
    assert page.is_checked("input[value=b]")
    until_saved(page, "före kraschen")


def test_a_sent_text_leaves_nothing_behind(page: Page) -> None:
    page.fill("textarea", "klart")
    page.dblclick("#write button")
    page.wait_for_url("**/sent/")
    assert SERVER.sent == ["klart"]
    assert copies(page) == 0
    page.goto("/write/")
    assert page.input_value("textarea") == ""


def test_a_save_slower_than_the_submit_does_not_stand_there_anew(page: Page) -> None:
    SERVER.mood = "later than the submit"
    page.fill("textarea", "klart")
    with page.expect_request("**/draft/"):
        page.wait_for_timeout(SOON / 2)
    page.click("#write button")
    page.wait_for_url("**/sent/", timeout=AFTER_RETRY)
    page.wait_for_timeout(SOON)
    assert (SERVER.sent, SERVER.refused, SERVER.data) == (["klart"], 1, {})


def test_a_page_whose_form_was_sent_in_another_tab_goes_on_saving(page: Page) -> None:
    SERVER.keys.add("k1")
    page.fill("textarea", "mer")
    until_saved(page, "mer", AFTER_RETRY)
    assert SERVER.refused == 1
    page.fill("textarea", "mer och mer")
    until_saved(page, "mer och mer")
    assert SERVER.refused == 1


def test_a_submit_that_failed_keeps_the_text(page: Page) -> None:
    SERVER.mood = "broken"
    page.fill("textarea", "nästan klart")
    with page.expect_navigation():
        page.click("#write button")
    SERVER.mood = "well"
    page.goto("/write/")
    assert page.input_value("textarea") == "nästan klart"


@pytest.mark.hazard("H11c")
def test_signing_out_clears_the_tab(page: Page) -> None:
    page.fill("textarea", "bara mitt")
    assert copies(page) == 1
    page.click("form[data-logout] button")
    page.wait_for_url("**/signed-out/")
    assert copies(page) == 0


def test_a_fault_takes_focus_and_is_said_in_the_title(page: Page) -> None:
    page.click("#write button")
    page.wait_for_selector(".summary:focus")
    assert page.title().startswith("Fel: ")
    page.click(".summary a")
    assert page.evaluate("document.activeElement.name") == "text"
