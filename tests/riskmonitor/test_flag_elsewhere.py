"""What whoever was told of a flag, and reads about the patient no longer, is told of it."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from clinics.models import AccessGrant, HubAgreement, User
from riskmonitor.actions import acknowledge
from riskmonitor.models import Flag
from tests.cast import Cast
from tests.riskmonitor.test_absence_pages import mark, words
from tests.riskmonitor.test_hub import ASKED, HOUR, UNTIL, as_hub, climb, helps
from tests.riskmonitor.test_hub_meanwhile import (
    CONTACTED,
    HEARD,
    MINUTE,
    SENT,
    WRITTEN,
    about_the_patient,
    ask,
    berit_closes_it,
    siv_takes_it_on,
    url,
)

NOBODY = "Ingen har flaggan just nu"


@pytest.fixture
def flag(cast: Cast) -> Flag:
    """Erik's flag has reached David and Siv of the hub."""
    helps(cast)
    return as_hub(mark(cast))


# -- nobody has it -----------------------------------------------------------------------------------------------------


def ran_out(cast: Cast) -> Flag:
    """Erik's flag lies with the hub, whose agreement has run out; no sweep has come since."""
    helps(cast)
    return as_hub(mark(cast))


def cut_short_while_siv_holds_it(cast: Cast) -> Flag:
    """Siv took it on at 13.00 and answers for it until 14.00; at 13.02 the agreement ended, by hand in the database."""
    helps(cast)
    flag = acknowledge(flag=as_hub(mark(cast)), by=cast.siv, now=ASKED)
    for lasting in (HubAgreement.objects.all(), AccessGrant.objects.filter(user__in=people_of_the_hub(cast))):
        lasting.update(ends_at=ASKED + 2 * MINUTE)
    return flag


OVER = {ran_out: UNTIL + MINUTE, cut_short_while_siv_holds_it: ASKED + 3 * MINUTE}
STORIES = pytest.mark.parametrize("story", OVER)


def people_of_the_hub(cast: Cast) -> tuple[User, User]:
    return cast.david, cast.siv


@STORIES
def test_nobody_has_a_flag_whose_owner_may_not_read_it(cast: Cast, story) -> None:
    flag, now = story(cast), OVER[story]
    assert flag.owner in people_of_the_hub(cast)
    for reader in people_of_the_hub(cast):  # to the owner and to the other one
        shown = words(ask(reader, url("flag-document", flag), WRITTEN, now))
        assert NOBODY in shown
        assert "En kollega har flaggan" not in shown
        assert "tog flaggan" not in shown
        assert about_the_patient(shown) == []


@pytest.mark.hazard("H2d")
@STORIES
def test_the_next_sweep_asks_others(cast: Cast, story) -> None:
    flag, now = story(cast), OVER[story]
    assert flag.next_step_at > ASKED
    ask(flag.owner, url("flag", flag), at=now)
    climb(now)
    flag.refresh_from_db()
    assert flag.owner not in people_of_the_hub(cast)
    assert (flag.acknowledged_at, flag.events.filter(kind="notified", at=now).exists()) == (None, True)
    assert "Ingen har tagit flaggan än" in words(ask(cast.siv, url("flag", flag), at=now + MINUTE))


def test_without_the_page_the_one_who_cannot_read_would_hold_it_until_it_is_looked_at_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.views.kind_words.call_at_once", lambda flag, now: None)
    flag = cut_short_while_siv_holds_it(cast)
    ask(cast.siv, url("flag", flag), at=OVER[cut_short_while_siv_holds_it])
    climb(OVER[cut_short_while_siv_holds_it])
    flag.refresh_from_db()
    assert flag.owner == cast.siv


@STORIES
def test_without_asking_who_can_read_it_the_page_would_say_that_somebody_has_it(
    cast: Cast, story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.flags.whose._can_answer", lambda flag, now: True)
    flag = story(cast)
    other = next(each for each in people_of_the_hub(cast) if each != flag.owner)
    assert NOBODY not in words(ask(other, url("flag", flag), at=OVER[story]))


def test_who_looks_again_and_again_does_not_hurry_a_flag_that_nobody_could_be_found_for(cast: Cast) -> None:
    flag, now = ran_out(cast), OVER[ran_out]
    tried = {"unreachable_since": now - HOUR, "checked_at": now - MINUTE, "next_step_at": now + 4 * MINUTE}
    Flag.objects.filter(pk=flag.pk).update(**tried)
    assert NOBODY in words(ask(cast.david, url("flag", flag), at=now))
    flag.refresh_from_db()
    assert flag.next_step_at == now + 4 * MINUTE


# -- what is in the words, and who learns of them ----------------------------------------------------------------------


def test_what_was_ticked_and_chosen_is_shown_too(cast: Cast, flag: Flag) -> None:
    siv_takes_it_on(cast, flag)
    sent = CONTACTED | WRITTEN | {"done_contacted": "on", "next_contact_on": "2026-11-27", "checked": "1"}
    shown = words(ask(cast.david, url("flag-close", flag), sent))
    for text in ("Vad har du gjort?", "Talat med patienten", "20 november 2026 13.08", "27 november 2026",
                 "Patienten själv", "till den 20 december 2026"):  # fmt: skip
        assert text in shown


def test_whoever_answers_for_the_flag_learns_that_there_are_words_and_not_which(cast: Cast, flag: Flag) -> None:
    siv_takes_it_on(cast, flag)
    for _again in range(2):
        ask(cast.david, url("flag-document", flag), WRITTEN)
    page = words(ask(cast.siv, url("flag", flag)))
    assert page.count("skrev något som inte är sparat i flaggan") == 1
    assert HEARD not in page


def test_without_the_row_nobody_would_ask_for_them(cast: Cast, flag: Flag, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.views.kind_words.note_unsaved", lambda **facts: None)
    siv_takes_it_on(cast, flag)
    ask(cast.david, url("flag-document", flag), WRITTEN)
    assert "inte är sparat i flaggan" not in words(ask(cast.siv, url("flag", flag)))


def test_who_has_written_nothing_is_not_said_to_have_words(cast: Cast, flag: Flag) -> None:
    siv_takes_it_on(cast, flag)
    ask(cast.david, url("flag", flag))
    ask(cast.david, url("flag-acknowledge", flag), {})
    assert not flag.events.filter(kind="unsaved").exists()


@pytest.mark.parametrize(("at", "hours"), [(SENT, "Öppet nu, till"), (ASKED + 8 * HOUR, "Stängt nu. Öppnar")])
def test_the_number_stands_with_whether_anybody_answers_it(cast: Cast, flag: Flag, at, hours: str) -> None:
    siv_takes_it_on(cast, flag)
    shown = words(ask(cast.david, url("flag", flag), at=at))
    assert hours in shown
    assert "Ring 112 om det är fara för livet" in shown


def test_who_was_never_told_of_a_flag_reads_only_what_has_happened(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A colleague whose own way to the patient ends between the door and the verb."""
    flag = mark(cast)
    berit_closes_it(cast, flag)
    monkeypatch.setattr("riskmonitor.views.flags.open_flag_to_change", lambda request, code, now: flag)
    answer = ask(cast.tove, url("flag-acknowledge", flag), {})
    assert (answer.status_code, answer["Location"]) == (302, reverse("home"))
    assert [str(each) for each in get_messages(answer.wsgi_request)] == ["Redan hanterad av Berit kl. 13.02."]
