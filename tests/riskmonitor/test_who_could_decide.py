"""Whoever runs the platform hears in time that nobody could put changed rules in force."""

from __future__ import annotations

import contextlib
import re
from io import StringIO
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from clinics.models import Membership, User
from riskmonitor.activation.deciding import too_few_to_decide, who_may_decide
from tests.cast import NOW, Cast

PASSWORD = "fyra ögon ser mer än två"


def give_password(*users: User) -> None:
    for user in users:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])


def take_password(*users: User) -> None:
    """As another service signs them in."""
    for user in users:
        user.set_unusable_password()
        user.save(update_fields=["password"])


@pytest.fixture
def by_another_service(cast: Cast) -> Cast:
    take_password(cast.lena, cast.hassan, cast.omar)
    return cast


def shown() -> str:
    out = StringIO()
    with contextlib.suppress(CommandError):
        call_command("rules", "show", stdout=out)
    return out.getvalue()


def doctor(capsys: pytest.CaptureFixture[str]) -> str:
    with contextlib.suppress(SystemExit):
        call_command("doctor")
    return capsys.readouterr().out


def test_where_another_service_signs_all_in_it_is_said_beforehand(
    by_another_service: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rules are in force: this is the release before the one that needs the two."""
    assert "They are in force" in shown()
    assert "of the 3 who lead 0 can" in shown()
    assert "note   Nobody could put changed rules in force" in doctor(capsys)


def test_one_is_not_enough_and_two_are(by_another_service: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    give_password(by_another_service.lena)
    assert "of the 3 who lead 1 can" in too_few_to_decide()
    give_password(by_another_service.omar)
    assert too_few_to_decide() == ""
    assert "Nobody could" not in shown()
    assert "Two people could put changed rules in force." in doctor(capsys)


def test_the_count_is_of_those_whom_the_page_would_let_decide(by_another_service: Cast) -> None:
    """Without a password the page refuses; with one it asks for it."""
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.force_login(by_another_service.lena)
        assert client.post(reverse("rules-propose"), {"reason": "Nya ord"}).status_code == 403
        give_password(by_another_service.lena)
        client.force_login(by_another_service.lena)
        assert client.post(reverse("rules-propose"), {"reason": "Nya ord"}).status_code == 302


def test_the_link_for_a_forgotten_password_also_helps_who_never_had_one(by_another_service: Cast) -> None:
    client, lena = Client(), by_another_service.lena
    lena.email = "lena@example.org"  # allauth takes no accents
    lena.save(update_fields=["email"])
    client.post(reverse("account_reset_password"), {"email": lena.email})
    [link] = re.findall(r"http\S+/password/reset/key/\S+", str(mail.outbox[0].body))
    form = client.get(urlsplit(link).path).headers["Location"]
    client.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.get(pk=lena.pk).check_password(PASSWORD)


def test_who_has_left_or_is_locked_out_does_not_count(cast: Cast) -> None:
    give_password(cast.berit, cast.greta, cast.lena, cast.hassan, cast.omar)
    assert set(who_may_decide()) == {cast.lena, cast.hassan, cast.omar}
    Membership.objects.filter(user=cast.lena).update(ended_at=NOW)
    User.objects.filter(pk=cast.hassan.pk).update(is_active=False)
    assert who_may_decide() == [cast.omar]
    assert "of the 1 who lead 1 can" in too_few_to_decide()


def test_by_right_alone_nothing_would_be_said(by_another_service: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: three hold the right, and none of them could use it."""
    monkeypatch.setattr("riskmonitor.activation.deciding.can_show_again", lambda _user: True)
    assert too_few_to_decide() == ""
