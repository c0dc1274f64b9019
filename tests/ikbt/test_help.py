"""Help now: there for everybody, without sign-in, without JavaScript, and with the database down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client

from clinics import crisis
from clinics.models import AuditEvent, OpeningHours
from tests.cast import NOW, Cast, make_cast

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".html", ".yaml", ".yml", ".md", ".po", ".js", ".css", ".toml", ".txt", ".json", ".svg", ""}
NOT_OURS = {".git", ".venv", ".data", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
# Closed since 2019, still found on official pages; and the old number for the bereaved.
DEAD = re.compile(r"(?:0771|\b020)[\s-]*22[\s-]*00[\s-]*60|\b08[\s-]*34[\s-]*58[\s-]*73")


def test_help_needs_no_sign_in_and_no_database(client: Client) -> None:
    page = client.get("/help/")
    assert page.status_code == 200
    for contact in crisis.contacts("sv"):
        assert f'href="tel:{contact.number}"' in page.text
        assert contact.shown in page.text
    assert "Min behandling" in page.text


def test_signed_in_the_own_clinic_stands_there_with_its_hours(cast: Cast, client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        client.force_login(cast.anna)
        page = client.get("/help/").text
    assert "Din vårdcentral, Eken" in page
    assert 'href="tel:0101234567"' in page
    assert "Öppet nu, till i dag 17.00." in page
    with time_machine.travel(NOW + timedelta(hours=10), tick=False):
        client.force_login(cast.anna)
        assert "Stängt nu. Öppnar 23 november 08.00." in client.get("/help/").text


def test_a_clinic_without_hours_still_shows_its_number(cast: Cast, client: Client) -> None:
    OpeningHours.objects.all().delete()
    client.force_login(cast.anna)
    page = client.get("/help/").text
    assert "010-123 45 67" in page
    assert "Öppet nu" not in page


@pytest.fixture
def signed_in_without_database(
    client: Client, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Client]:
    """Anna is signed in, and then the database is gone."""
    client.force_login(make_cast().anna)
    connection.close()
    with monkeypatch.context() as broken:
        broken.setitem(connection.settings_dict, "HOST", "/nowhere/at/all")
        client.raise_request_exception = False
        yield client
        connection.close()


@pytest.mark.hazard("H14a")
def test_help_is_there_when_the_database_is_gone_also_for_those_signed_in(signed_in_without_database: Client) -> None:
    page = signed_in_without_database.get("/help/")
    assert page.status_code == 200
    assert 'href="tel:112"' in page.text
    assert 'href="tel:90101"' in page.text
    assert signed_in_without_database.get("/account/").status_code == 500


def test_help_speaks_the_language_of_the_cookie(client: Client) -> None:
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "You do not have to be alone" in client.get("/help/").text


def test_the_pages_about_the_site_are_open_to_all(client: Client) -> None:
    for path in ("/help/", "/accessibility/", "/your-data/"):
        assert client.get(path).status_code == 200
        assert client.post(path).status_code == 405


@pytest.mark.hazard("H10a")
def test_every_number_has_a_source_and_says_who_has_rung_it() -> None:
    assert all(each.source for each in crisis.contacts("sv"))
    assert crisis.numbers_unchecked() == sum(not each.checked_by for each in crisis.contacts("sv"))
    assert {each.id for each in crisis.box_contacts("sv")} == set(crisis.IN_BOX)
    assert [each.number for each in crisis.contacts("sv")] == [each.number for each in crisis.contacts("en")]


@pytest.mark.hazard("H10b")
def test_numbers_that_nobody_answers_stand_nowhere_in_the_project() -> None:
    found = []
    for path in ROOT.rglob("*"):
        if path.suffix not in TEXT or NOT_OURS & set(path.relative_to(ROOT).parts) or not path.is_file():
            continue
        if DEAD.search(path.read_text(encoding="utf-8", errors="ignore")):
            found.append(str(path.relative_to(ROOT)))
    assert found == []


def test_own_settings_are_kept_for_every_role(cast: Cast, client: Client) -> None:
    for user in (cast.anna, cast.berit, cast.lena, cast.omar, cast.frida, cast.greta):
        client.force_login(user)
        assert client.get("/account/").status_code == 200
        answer = client.post("/account/", {"language": "en", "theme": "dark", "text_size": "130"})
        assert answer.url == "/account/"
        user.refresh_from_db()
        assert (user.language, user.theme, user.text_size) == ("en", "dark", 130)
        assert client.cookies["language"].value == "en"
        assert AuditEvent.objects.filter(actor=user.code, did="changed", what=f"user:{user.code}").exists()
    assert "Saved." in client.get("/account/").text


def test_a_choice_that_does_not_exist_changes_nothing(cast: Cast, client: Client) -> None:
    client.force_login(cast.anna)
    assert client.post("/account/", {"language": "tlh", "theme": "dark", "text_size": "900"}).status_code == 200
    cast.anna.refresh_from_db()
    assert (cast.anna.language, cast.anna.theme, cast.anna.text_size) == ("sv", "system", 100)


def test_nobody_has_settings_without_signing_in(client: Client, db: None) -> None:
    assert client.get("/account/").status_code == 302
