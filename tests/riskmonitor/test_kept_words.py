"""For how long whoever was told of a flag, and reads about the patient no longer, sees their own words and goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from clinics.models import AuditEvent
from programs.models import Draft
from programs.sweeps import delete_old_drafts
from riskmonitor.models import Flag
from tests.cast import Cast
from tests.riskmonitor.test_absence_pages import mark, words
from tests.riskmonitor.test_flag_elsewhere import NOBODY
from tests.riskmonitor.test_hub import ASKED, DAY, HOUR, as_hub, helps
from tests.riskmonitor.test_hub_meanwhile import (
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

ENDED = ASKED + 2 * MINUTE  # when a colleague has taken it on, or closed it


@pytest.fixture
def flag(cast: Cast) -> Flag:
    """Erik's flag has reached David and Siv of the hub."""
    helps(cast)
    return as_hub(mark(cast))


# -- for how long ------------------------------------------------------------------------------------------------------


def test_for_a_day_it_is_said_whose_the_flag_is(cast: Cast, flag: Flag) -> None:
    berit_closes_it(cast, flag)
    assert "Redan hanterad av Berit" in words(ask(cast.david, url("flag", flag), at=ENDED + 23 * HOUR))
    assert ask(cast.david, url("flag", flag), at=ENDED + 24 * HOUR).status_code == 404


def test_after_that_only_the_persons_own_words_are_shown(cast: Cast, flag: Flag) -> None:
    berit_closes_it(cast, flag)
    ask(cast.david, url("flag-document", flag), WRITTEN)
    for day in (2, 20):
        shown = words(ask(cast.david, url("flag", flag), at=ENDED + day * DAY))
        assert HEARD in shown
        assert "Det du skrev om en flagga" in shown
        assert [word for word in ("Berit", "stängd", "tagit", "En kollega har flaggan", NOBODY) if word in shown] == []
        assert about_the_patient(shown) == []


def test_without_an_end_it_would_be_said_for_as_long_as_words_are_kept(
    cast: Cast, flag: Flag, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.flags.once_told.SHOWN", timedelta(days=30))
    berit_closes_it(cast, flag)
    assert "Redan hanterad av Berit" in words(ask(cast.david, url("flag", flag), at=ENDED + 20 * DAY))


def test_words_are_shown_for_as_long_as_they_are_kept(cast: Cast, flag: Flag) -> None:
    """Saved again on the twentieth day, they are kept until the fiftieth."""
    siv_takes_it_on(cast, flag)
    ask(cast.david, url("flag-document", flag), WRITTEN)
    ask(cast.david, save(flag), {"assessment": f"{HEARD} Mer.", "version": "1"}, SENT + 20 * DAY)
    for day in (40, 49):
        delete_old_drafts(SENT + day * DAY)
        shown = words(ask(cast.david, url("flag", flag), at=SENT + day * DAY))
        assert f"{HEARD} Mer." in shown
        assert "till den 9 januari 2027" in shown
    delete_old_drafts(SENT + 51 * DAY)
    assert ask(cast.david, url("flag", flag), at=SENT + 51 * DAY).status_code == 404


@pytest.mark.hazard("H5f")
def test_each_showing_of_kept_words_leaves_a_row(cast: Cast, flag: Flag) -> None:
    siv_takes_it_on(cast, flag)
    ask(cast.david, url("flag", flag))
    assert rows(cast) == [], "nothing is shown about the patient"
    ask(cast.david, url("flag-document", flag), WRITTEN)
    ask(cast.david, url("flag", flag), at=ENDED + 20 * DAY)
    about = f"draft:{Draft.objects.get(owner=cast.david).pk}"
    assert rows(cast) == [("saved", about), ("read", about), ("read", about)]


def rows(cast: Cast) -> list[tuple[str, str]]:
    said = AuditEvent.objects.filter(actor=cast.david.code, patient=cast.eriks.patient.code, at__gte=ENDED)
    return list(said.order_by("pk").values_list("did", "what"))


# -- no new words ------------------------------------------------------------------------------------------------------


def save(flag: Flag) -> str:
    return reverse("autosave", args=[f"flag:{flag.code}"])


@pytest.mark.hazard("H5g")
def test_what_is_begun_later_than_an_hour_after_is_not_kept(cast: Cast, flag: Flag) -> None:
    siv_takes_it_on(cast, flag)
    assert ask(cast.david, save(flag), WRITTEN | {"version": "0"}, ENDED + HOUR).status_code == 404
    shown = words(ask(cast.david, url("flag-document", flag), WRITTEN, ENDED + 20 * DAY))
    assert HEARD in shown, "it is shown once more"
    assert "Det finns ingen annanstans." in shown
    assert "Siv" not in shown
    assert not Draft.objects.filter(owner=cast.david).exists()


def test_what_was_begun_within_the_hour_goes_on(cast: Cast, flag: Flag) -> None:
    berit_closes_it(cast, flag)
    assert ask(cast.david, save(flag), WRITTEN | {"version": "0"}, ENDED + 59 * MINUTE).status_code == 200
    more = WRITTEN | {"tried": "Ringde.", "version": "1"}
    assert ask(cast.david, save(flag), more, ENDED + 2 * DAY).status_code == 200


def test_without_the_hour_somebody_could_begin_to_write_for_a_month(
    cast: Cast, flag: Flag, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.flags.once_told.BEGUN", timedelta(days=30))
    siv_takes_it_on(cast, flag)
    assert ask(cast.david, save(flag), WRITTEN | {"version": "0"}, ENDED + 20 * DAY).status_code == 200
