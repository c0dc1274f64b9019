"""A hub agreement that is renewed in time is one with the old: nobody stands alone and nobody is locked out between."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from clinics.actions import Uncovered, agree_to_hub, ask_hub, plan_absence
from clinics.cover import roster
from clinics.models import AccessGrant, HubAgreement, Membership
from programs.actions import name_people
from riskmonitor.actions import acknowledge, let_leave
from riskmonitor.models import Flag
from riskmonitor.sweeps import check_cover
from tests.cast import NOW, Cast
from tests.riskmonitor.test_absence_pages import go, mark
from tests.riskmonitor.test_hub import ASKED, DAY, UNTIL, as_hub, helps, opened

MINUTE = timedelta(minutes=1)
RENEWED = NOW + 5 * DAY


def renewed(cast: Cast, starts_at: datetime = RENEWED, now: datetime = NOW) -> HubAgreement:
    """Lena asks for the time after the first agreement, and David agrees on the page."""
    asked = ask_hub(needs=cast.eken, hub=cast.linden, starts_at=starts_at, ends_at=UNTIL, by=cast.lena, now=now)
    assert go(cast.david, "hub-agree", {}, code=asked.code, at=now).status_code == 302
    return asked


def siv_stands_in(cast: Cast) -> None:
    name_people(treatment=cast.annas, therapist=cast.berit, substitute=cast.siv, by=cast.lena, now=NOW)


def test_over_a_renewal_without_a_break_nobody_stands_alone(cast: Cast) -> None:
    helps(cast, RENEWED)
    renewed(cast)
    siv_stands_in(cast)
    treatment = type(cast.annas).objects.select_related("assignment__patient__clinic").get(pk=cast.annas.pk)
    assert roster.gaps_ahead(treatment.assignment, NOW) == []
    check_cover(NOW)
    assert not Flag.objects.filter(kind="uncovered").exists()
    plan_absence(user=cast.berit, starts_at=NOW, ends_at=RENEWED + DAY, stand_ins={}, by=cast.berit, now=NOW)


def test_a_day_between_the_two_is_a_gap(cast: Cast) -> None:
    """From Wednesday at 10.00 to Thursday at 10.00."""
    helps(cast, RENEWED)
    renewed(cast, RENEWED + DAY)
    with pytest.raises(Uncovered):
        siv_stands_in(cast)


def test_agreeing_to_go_on_closes_what_was_foreseen(cast: Cast) -> None:
    helps(cast)
    siv_stands_in(cast)
    HubAgreement.objects.update(ends_at=RENEWED)
    check_cover(NOW)
    flag = Flag.objects.open().get(kind="uncovered")
    renewed(cast)
    flag.refresh_from_db()
    assert flag.outcome == "covered_again"


@pytest.mark.parametrize("agreed_first", [True, False])
def test_who_holds_a_flag_reads_on_over_the_renewal(cast: Cast, agreed_first: bool) -> None:
    helps(cast, RENEWED)
    if agreed_first:
        renewed(cast)
    flag = as_hub(mark(cast))
    acknowledge(flag=flag, by=cast.siv, now=ASKED)
    if not agreed_first:
        renewed(cast, now=ASKED)
    assert opened(cast.siv, cast.eriks.patient, RENEWED - MINUTE) == 200
    assert opened(cast.siv, cast.eriks.patient, RENEWED) == 200


def test_without_joining_the_two_the_holder_would_be_locked_out(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: the agreement in force is all that counts."""
    monkeypatch.setattr("clinics.cover.roster.union", sorted)
    helps(cast, RENEWED)
    renewed(cast)
    acknowledge(flag=as_hub(mark(cast)), by=cast.siv, now=ASKED)
    assert opened(cast.siv, cast.eriks.patient, RENEWED) == 404


def last_day_at_the_hub(cast: Cast, at: datetime | None) -> None:
    """Siv is to leave Linden then; None: she stays after all."""
    Membership.objects.filter(user=cast.siv).update(ends_at=at)
    let_leave(user=cast.siv, clinics=[cast.linden], now=ASKED)


def test_who_stays_at_the_hub_after_all_reads_on_for_as_long_as_it_helps(cast: Cast) -> None:
    helps(cast)
    acknowledge(flag=as_hub(mark(cast)), by=cast.siv, now=ASKED)
    for last, until in [(RENEWED, RENEWED), (None, UNTIL)]:
        last_day_at_the_hub(cast, last)
        assert [each.ends_at for each in AccessGrant.objects.filter(user=cast.siv)] == [until]


@pytest.mark.parametrize("told_first", [True, False])
def test_whoever_leaves_the_hub_sooner_reads_until_then_however_the_flag_came(cast: Cast, told_first: bool) -> None:
    """Shortened afterwards, or given so: one rule says until when."""
    helps(cast)
    flag = as_hub(mark(cast)) if told_first else mark(cast)
    last_day_at_the_hub(cast, RENEWED)
    acknowledge(flag=flag, by=cast.siv, now=ASKED)
    assert [each.ends_at for each in AccessGrant.objects.filter(user=cast.siv)] == [RENEWED]


def test_without_looking_again_the_holder_would_be_locked_out_on_the_old_day(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin: by what was given first, whatever is agreed since."""
    helps(cast, RENEWED)
    acknowledge(flag=as_hub(mark(cast)), by=cast.siv, now=ASKED)
    monkeypatch.setattr("riskmonitor.actions.covering.keep_grants_to_agreements", lambda *given: None)
    renewed(cast, now=ASKED)
    assert opened(cast.siv, cast.eriks.patient, RENEWED) == 404


def test_a_renewal_that_is_taken_back_opens_nothing_when_there_is_another_one_day(cast: Cast) -> None:
    helps(cast, RENEWED)
    taken_back = renewed(cast)
    as_hub(mark(cast))
    go(cast.lena, "hub-end", {}, code=taken_back.code, at=ASKED)
    assert set(AccessGrant.objects.filter(user=cast.siv).values_list("ends_at", flat=True)) == {RENEWED}
    assert opened(cast.siv, cast.eriks.patient, RENEWED - MINUTE) == 200
    anew = ask_hub(needs=cast.eken, hub=cast.linden, starts_at=RENEWED + DAY, ends_at=UNTIL, by=cast.lena, now=ASKED)
    agree_to_hub(agreement=anew, by=cast.david, now=ASKED)
    assert opened(cast.siv, cast.eriks.patient, RENEWED + DAY) == 404


def test_ending_the_one_in_force_moves_the_flag_on_though_the_next_is_agreed(cast: Cast) -> None:
    agreement = helps(cast, RENEWED)
    renewed(cast)
    flag = as_hub(mark(cast))
    go(cast.lena, "hub-end", {}, code=agreement.code, at=ASKED)
    flag.refresh_from_db()
    assert flag.owner not in (cast.david, cast.siv)
    assert opened(cast.siv, cast.eriks.patient) == 404
