"""A therapist switches notices on in a real browser, whose worker then shows what a push service would bring.

The push service itself is out of reach here: the browser's `subscribe` answers with keys of ours. All else is real: the
press, the leave, the worker, the page, and the notice on the screen.
"""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Page

from tests.system.browser import DESK, PHONE, Person, person
from tests.system.platform import Platform

pytestmark = pytest.mark.e2e
PAGE = "/account/notices/"
ENDPOINT = "https://push.example.org/berit"
# The public key of RFC 8291, appendix A, and its authentication secret.
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SUBSCRIBE = """
const bytes = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
let kept = sessionStorage.getItem("subscribed");
const made = key => ({ endpoint: %s, options: { applicationServerKey: key },
  getKey: name => bytes(name === "auth" ? %s : %s).buffer, unsubscribe: async () => true });
PushManager.prototype.subscribe = async function (asked) {
  if (!asked.userVisibleOnly || Notification.permission !== "granted") throw new Error("no leave");
  sessionStorage.setItem("subscribed", JSON.stringify(Array.from(asked.applicationServerKey)));
  return made(asked.applicationServerKey.buffer);
};
PushManager.prototype.getSubscription = async () => kept ? made(new Uint8Array(JSON.parse(kept)).buffer) : null;
"""


def switch_on(berit: Person) -> None:
    berit.page.add_init_script(SUBSCRIBE % tuple(map(json.dumps, (ENDPOINT, AUTH, P256DH))))
    berit.sign_in("berit")
    berit.goto(PAGE)
    berit.look()
    berit.follow(berit.page.get_by_role("button", name="Slå på i den här webbläsaren"))


def shown_after_push(page: Page, url: str, told: dict[str, str]) -> list[dict[str, str]]:
    """Bring a push to the page's worker, and return what stands on the screen."""
    tools = page.context.new_cdp_session(page)
    registrations: list[str] = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(each["registrationId"] for each in event["registrations"]),
    )
    tools.send("ServiceWorker.enable")
    page.wait_for_timeout(500)
    message = {"origin": url, "registrationId": registrations[0], "data": json.dumps(told)}
    tools.send("ServiceWorker.deliverPushMessage", message)
    seen: list[dict[str, str]] = page.evaluate(
        """async () => {
          const [registration] = await navigator.serviceWorker.getRegistrations();
          for (let time = 0; time < 200; time++) {
            const shown = await registration.getNotifications();
            if (shown.length) return shown.map(n => ({ title: n.title, body: n.body, tag: n.tag, path: n.data }));
            await new Promise(done => setTimeout(done, 100));
          }
          return [];
        }"""
    )
    return seen


def test_notices_are_switched_on_shown_and_removed(browser: Browser, platform: Platform) -> None:
    with person(browser, platform.url, DESK, "light") as berit:
        berit.page.context.grant_permissions(["notifications"], origin=platform.url)
        switch_on(berit)
        assert "Aviseringar är på i den här webbläsaren" in berit.text()
        assert "push.example.org" in berit.text()
        assert platform.sql("SELECT endpoint, auth FROM messaging_pushsubscription") == [(ENDPOINT, AUTH)]
        assert berit.page.locator("[data-this-browser]").is_visible()
        berit.look()

        told = {"title": "Något väntar", "body": "Logga in.", "tag": "notice-1", "path": "/worklist/"}
        assert shown_after_push(berit.page, platform.url, told) == [told]

        berit.page.set_viewport_size({"width": PHONE, "height": 780})
        berit.look()
        berit.follow(berit.page.get_by_role("button", name="Ta bort"))
        assert platform.sql("SELECT count(*) FROM messaging_pushsubscription") == [(0,)]
        assert berit.complaints == []


def test_a_no_is_respected_and_said(browser: Browser, platform: Platform) -> None:
    """Nothing is asked before the button is pressed; afterwards the page says how to change one's mind."""
    with person(browser, platform.url, DESK, "light") as berit:
        berit.page.add_init_script(
            "window.asked = 0; Notification.requestPermission = async () => { window.asked++; return 'denied'; };"
            "Object.defineProperty(Notification, 'permission', { value: 'default' });"
        )
        berit.sign_in("berit")
        berit.goto(PAGE)
        assert berit.page.evaluate("window.asked") == 0
        berit.page.get_by_role("button", name="Slå på i den här webbläsaren").click()
        berit.page.get_by_text("Du har sagt nej till aviseringar").wait_for()
        assert platform.sql("SELECT count(*) FROM messaging_pushsubscription") == [(0,)]
        assert berit.complaints == []
