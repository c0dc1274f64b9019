"""A staff member's own notices, and the administrator's delivery log."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone

from clinics.models import Membership, Role
from messaging import notices
from messaging.models import Delivery, Notice, NoticeChoice, PushSubscription
from messaging.sweeps import send_one
from tests.cast import NOW, Cast, make_user
from tests.messaging.browsers import Browser, to_text
from tests.messaging.sinks import http_sink

PAGE, ADD, LOG = "/account/notices/", "/account/notices/browsers/add/", "/deliveries/"
ENDPOINT = "https://push.example.org/abc"


@pytest.fixture
def berit(cast: Cast, client: Client) -> Client:
    client.force_login(cast.berit)
    return client


@pytest.fixture
def greta(cast: Cast) -> Client:
    greta = Client()
    greta.force_login(cast.greta)
    return greta


def send_all(now: datetime = NOW) -> None:
    while send_one(now):
        pass


def test_mail_about_flags_is_said_to_be_always_on_and_is_no_choice(berit: Client, cast: Cast) -> None:
    page = berit.get(PAGE).content.decode()
    assert cast.berit.email in page
    assert 'name="email_about_cover"' in page
    assert "email_about_flags" not in page


def test_a_choice_is_kept_and_what_the_page_did_not_ask_stays(berit: Client, cast: Cast) -> None:
    NoticeChoice.objects.create(user=cast.berit, sms_about_flags=True, sms_number="+46701234567")
    berit.post(PAGE, {})
    kept = NoticeChoice.objects.get()
    assert (kept.email_about_cover, kept.sms_about_flags, kept.sms_number) == (False, True, "+46701234567")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("070-123 45 67", "+46701234567"), ("0046 70 123 45 67", "+46701234567"), ("+46 70 1234567", "+46701234567"),
        ("+4520123456", "+4520123456"),
    ],
)  # fmt: skip
def test_a_number_is_kept_in_international_form(berit: Client, settings, typed: str, kept: str) -> None:
    settings.SMS_URL = "https://sms.example.org/"
    berit.post(PAGE, {"sms_about_flags": "on", "sms_number": typed})
    assert NoticeChoice.objects.get().sms_number == kept


@pytest.mark.parametrize("typed", ["", "hej", "070", "112", "+0701234567", "070-123 45 67 89 01 23 45"])
def test_a_number_that_is_none_is_asked_for_again_and_stands_as_typed(berit: Client, settings, typed: str) -> None:
    settings.SMS_URL = "https://sms.example.org/"
    page = berit.post(PAGE, {"sms_about_flags": "on", "sms_number": typed})
    assert page.status_code == 200
    assert typed in page.content.decode()
    assert not NoticeChoice.objects.exists()


def test_without_a_gateway_no_number_is_asked_for(berit: Client) -> None:
    assert 'name="sms_number"' not in berit.get(PAGE).content.decode()


def test_a_browser_is_switched_on_told_and_removed(berit: Client, cast: Cast, settings) -> None:
    browser = Browser()
    with http_sink() as service:
        settings.PUSH_ALLOWED = [service.origin]
        assert berit.post(ADD, browser.posted(f"{service.origin}/b")).status_code == 302
        berit.post("/account/notices/try/")
        send_all(timezone.now())
        (request,) = service.kept
    assert browser.opened(request)["path"] == PAGE
    assert len(mail.outbox) == 1, "the trial takes every way"
    kept = PushSubscription.objects.get(user=cast.berit)
    page = berit.get(PAGE).content.decode()
    assert kept.fingerprint in page
    assert kept.endpoint not in page
    berit.post(f"{PAGE}browsers/{kept.code}/remove/")
    assert not PushSubscription.objects.exists()


def test_a_trial_is_sent_at_most_once_a_minute(berit: Client, friday_morning: None) -> None:
    berit.post("/account/notices/try/")
    berit.post("/account/notices/try/")
    assert Notice.objects.count() == 1


def test_the_same_browser_twice_is_one(berit: Client) -> None:
    browser = Browser()
    berit.post(ADD, browser.posted(ENDPOINT))
    berit.post(ADD, browser.posted(ENDPOINT))
    assert PushSubscription.objects.count() == 1


def test_a_browser_belongs_to_who_switched_it_on_last(berit: Client, cast: Cast) -> None:
    """What was on its way to the former owner is not shown to the new one."""
    Browser().subscribed(cast.cecilia, ENDPOINT)
    notices.flag_waits(to=cast.cecilia, key="flag:1:1:1", path="/worklist/", now=NOW)
    send_one(NOW)  # spread, not yet sent
    berit.post(ADD, Browser().posted(ENDPOINT))
    assert PushSubscription.objects.get().user == cast.berit
    send_all()
    assert Delivery.objects.get(channel="push").sent_at is None
    assert Delivery.objects.get(channel="push").next_attempt_at is None


def test_an_eleventh_browser_is_refused_with_what_to_do(berit: Client, cast: Cast) -> None:
    for number in range(10):
        Browser().subscribed(cast.berit, f"{ENDPOINT}{number}")
    page = berit.post(ADD, Browser().posted(ENDPOINT), follow=True).content.decode()
    assert PushSubscription.objects.count() == 10
    assert "tio webbl" in page


GOOD = Browser().posted(ENDPOINT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://push.example.org/a"}, {"endpoint": "https://10.0.0.1/a"}, {"endpoint": ""},
        {"endpoint": "https://localhost:8000/a"}, {"endpoint": "https://push.example.org/" + "a" * 500},
        {"p256dh": "AAAA"}, {"p256dh": to_text(b"\x04" + b"\1" * 64)}, {"p256dh": ""}, {"p256dh": "åäö"},
        {"auth": "AAAA"}, {"auth": ""}, {"auth": "***"}, {"auth": "ö" * 22},
    ],
)  # fmt: skip
def test_what_no_browser_gives_is_refused(berit: Client, wrong: dict[str, str]) -> None:
    answer = berit.post(ADD, GOOD | wrong)
    assert answer.status_code == 302
    assert not PushSubscription.objects.exists()


def test_somebody_elses_browser_does_not_exist(berit: Client, cast: Cast) -> None:
    other = Browser().subscribed(cast.cecilia, ENDPOINT)
    assert berit.post(f"{PAGE}browsers/{other.code}/remove/").status_code == 404
    assert PushSubscription.objects.exists()


def test_without_scripts_the_page_says_that_mail_reaches_all_the_same(berit: Client) -> None:
    """As served, the button is hidden and that sentence is not."""
    page = berit.get(PAGE).content.decode()
    assert '<p data-push-says="unsupported">' in page
    form = page[page.index("data-push=") : page.index(">", page.index("data-push="))]
    assert form.endswith("hidden")


def test_the_administrator_sees_who_was_not_reached_and_why(greta: Client, cast: Cast, monkeypatch) -> None:
    def refuse(self: EmailBackend, messages: list) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    notices.flag_waits(to=cast.berit, key="flag:1:1:1", path="/worklist/", now=NOW)
    send_all()
    page = greta.get(LOG).content.decode()
    assert cast.berit.full_name in page
    assert "ConnectionRefusedError" in page


def test_the_administrator_of_another_clinic_sees_nothing_of_it(cast: Cast) -> None:
    elsewhere = make_user("Gun", "Alm")
    Membership.objects.create(user=elsewhere, clinic=cast.linden, role=Role.ADMINISTRATOR, started_at=NOW)
    notices.flag_waits(to=cast.berit, key="flag:1:1:1", path="/worklist/", now=NOW)
    send_all()
    client = Client()
    client.force_login(elsewhere)
    page = client.get(LOG).content.decode()
    assert cast.berit.last_name not in page


def test_the_administrator_of_a_region_sees_its_clinics(cast: Cast) -> None:
    above = make_user("Gun", "Alm")
    Membership.objects.create(user=above, region=cast.region, role=Role.ADMINISTRATOR, started_at=NOW)
    notices.flag_waits(to=cast.berit, key="flag:1:1:1", path="/worklist/", now=NOW)
    send_all()
    client = Client()
    client.force_login(above)
    assert cast.berit.full_name in client.get(LOG).content.decode()


@pytest.mark.parametrize("notices_told", [1, 20])
def test_the_log_costs_the_same_for_one_and_for_twenty(
    greta: Client, cast: Cast, notices_told: int, django_assert_max_num_queries
) -> None:
    for number in range(notices_told):
        notices.flag_waits(to=cast.berit, key=f"flag:{number}:1:1", path="/worklist/", now=NOW)
    send_all()
    with django_assert_max_num_queries(12):
        greta.get(LOG)


def test_monitoring_counts_attempts_and_what_waits(cast: Cast, client: Client, settings, friday_morning: None) -> None:
    settings.METRICS_KEY = "key"
    notices.flag_waits(to=cast.berit, key="flag:1:1:1", path="/worklist/", now=NOW)

    def lines() -> dict[str, str]:
        text = client.get("/metrics/", headers={"X-Metrics-Key": "key"}).content.decode()
        return dict(line.rsplit(" ", 1) for line in text.splitlines())

    assert lines()["ikbt_unsent_notices"] == "1"
    send_all()
    after = lines()
    assert after["ikbt_unsent_notices"] == "0"
    assert after['ikbt_notice_attempts_24h{channel="email",result="sent"}'] == "1"
    assert after['ikbt_notice_attempts_24h{channel="push",result="gone"}'] == "0"
