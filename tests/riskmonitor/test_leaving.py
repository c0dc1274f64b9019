"""Who leaves a clinic: what its flags had opened to the person is closed, and sleeps nowhere until the next post."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError

from clinics.actions import close_account, end_membership, lend
from clinics.cover import roster
from clinics.models import AccessGrant, Clinic, HubAgreement, Membership, User
from riskmonitor import sweeps
from riskmonitor.actions import assign, let_leave
from riskmonitor.models import Flag
from tests.cast import NOW, Cast, make_therapist
from tests.clinics.test_belonging import treats
from tests.riskmonitor.test_absence_pages import mark
from tests.riskmonitor.test_hub import DAY, UNTIL, helps, opened

LEFT = NOW + timedelta(hours=1)
OVER = NOW + 5 * DAY  # so long the hub helps
Leaving = Callable[[Cast, User], None]


def at_once(cast: Cast, user: User) -> None:
    end_membership(membership=treats(user), by=cast.lena, now=LEFT)
    let_leave(user=user, clinics=[cast.eken], now=LEFT)


def as_planned(cast: Cast, user: User) -> None:
    Membership.objects.filter(user=user).update(ends_at=LEFT)
    assert sweeps.end_due_membership(LEFT)


def handed_to(cast: Cast, user: User) -> Flag:
    return assign(flag=mark(cast), to=user, by=cast.lena, now=NOW)


def grants(user: User) -> int:
    return AccessGrant.objects.open_at(LEFT).filter(user=user).count()


@pytest.mark.hazard("H5d")
@pytest.mark.parametrize("leaves", [at_once, as_planned])
def test_what_a_flag_opened_ends_with_the_post_and_opens_nothing_in_the_next(cast: Cast, leaves: Leaving) -> None:
    """Tove of Eken goes to Linden, which then helps Eken out: nobody there has handed her Erik's flag."""
    handed_to(cast, cast.tove)
    leaves(cast, cast.tove)
    assert grants(cast.tove) == 0
    make_therapist(cast.linden, cast.tove)
    helps(cast)
    assert opened(cast.tove, cast.eriks.patient, LEFT) == 404


@pytest.mark.parametrize("leaves", [at_once, as_planned])
def test_if_grants_outlived_posts_it_would_open_again(
    cast: Cast, leaves: Leaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.actions.covering.end_grants_of_who_left", lambda *given: None)
    handed_to(cast, cast.tove)
    leaves(cast, cast.tove)
    make_therapist(cast.linden, cast.tove)
    helps(cast)
    assert opened(cast.tove, cast.eriks.patient, LEFT) == 200


def test_a_closed_account_has_no_access_left(cast: Cast) -> None:
    handed_to(cast, cast.tove)
    close_account(user=cast.tove, by=cast.greta, now=LEFT)
    let_leave(user=cast.tove, clinics=[cast.eken], now=LEFT)
    assert grants(cast.tove) == 0


def test_who_leaves_the_hub_reads_at_the_helped_clinic_no_more(cast: Cast) -> None:
    helps(cast)
    handed_to(cast, cast.siv)
    Membership.objects.filter(user=cast.siv).update(ended_at=LEFT)
    let_leave(user=cast.siv, clinics=[cast.linden], now=LEFT)
    assert grants(cast.siv) == 0


def lent_from_the_hub(cast: Cast) -> None:
    """Linden helps Eken, and lends Siv to it as well; she is handed Erik's flag as one of Eken's own."""
    helps(cast, OVER)
    lend(membership=treats(cast.siv), to=cast.eken, until=LEFT, by=cast.david, now=NOW)
    handed_to(cast, cast.siv)


def has_a_post_at_both(cast: Cast) -> None:
    """Siv works at Linden and at Eken, and leaves Eken."""
    helps(cast, OVER)
    make_therapist(cast.eken, cast.siv)
    handed_to(cast, cast.siv)
    Membership.objects.filter(user=cast.siv, clinic=cast.eken).update(ends_at=LEFT)


def the_hub_helps_anew(cast: Cast) -> None:
    """By another agreement, a day after the first ran out."""
    HubAgreement.objects.create(
        needs=cast.eken, hub=cast.linden, starts_at=OVER + DAY, ends_at=UNTIL, asked_at=NOW, asked_by=cast.lena,
        agreed_at=NOW, agreed_by=cast.david,
    )  # fmt: skip


@pytest.mark.hazard("H5d")
@pytest.mark.parametrize("begin", [lent_from_the_hub, has_a_post_at_both])
def test_who_leaves_and_helps_out_reads_on_until_the_agreement_ends_and_not_by_the_next(
    cast: Cast, begin: Callable[[Cast], None]
) -> None:
    begin(cast)
    assert sweeps.end_due_membership(LEFT)
    assert [each.ends_at for each in AccessGrant.objects.filter(user=cast.siv)] == [OVER]
    the_hub_helps_anew(cast)
    opens = [opened(cast.siv, cast.eriks.patient, at) for at in (LEFT, OVER, OVER + DAY)]
    assert opens == [200, 404, 404]


def test_if_what_was_given_without_an_end_stayed_so_the_next_agreement_would_open_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.actions.covering.keep_grants_to_agreements", lambda *given: None)
    lent_from_the_hub(cast)
    assert sweeps.end_due_membership(LEFT)
    the_hub_helps_anew(cast)
    assert opened(cast.siv, cast.eriks.patient, OVER + DAY) == 200


def test_who_helps_out_and_is_then_lent_reads_on_when_the_agreement_ends(cast: Cast) -> None:
    """Siv holds the flag as one of the hub; the loan lasts a day longer than the help."""
    helps(cast, OVER)
    handed_to(cast, cast.siv)
    lend(membership=treats(cast.siv), to=cast.eken, until=OVER + DAY, by=cast.david, now=LEFT)
    let_leave(user=cast.siv, clinics=[cast.linden], now=LEFT)
    assert opened(cast.siv, cast.eriks.patient, OVER) == 200
    assert sweeps.end_due_membership(OVER + DAY)
    assert opened(cast.siv, cast.eriks.patient, OVER + DAY) == 404


def test_those_who_stay_read_on(cast: Cast) -> None:
    handed_to(cast, cast.tove)
    at_once(cast, cast.tove)
    assert grants(cast.berit) == 1, "the patient's therapist was told of the flag"


def cannot_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("riskmonitor.sweeps.leaving.close_to_who_left", broken)


def test_a_leaving_that_cannot_be_followed_up_happens_all_the_same(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cannot_be_closed(monkeypatch)
    as_planned(cast, cast.tove)
    assert Membership.objects.get(user=cast.tove).ended_at == LEFT
    assert "membership.access_not_ended" in caplog.text
    assert not sweeps.end_due_membership(LEFT), "nobody who is due behind waits"


def not_ended(at: datetime = LEFT) -> int:
    return sweeps.audit_chain(at).get("access_not_ended", 0)


@pytest.mark.hazard("H5e")
def test_what_could_not_be_closed_with_the_leaving_is_counted_and_closed_by_the_next_round(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_to(cast, cast.tove)
    assert not_ended() == 0
    with monkeypatch.context() as meanwhile:
        cannot_be_closed(meanwhile)
        as_planned(cast, cast.tove)
        assert sweeps.end_left_access(LEFT) == 0
        assert not_ended() == 1
    assert sweeps.end_left_access(LEFT) == 1
    assert (not_ended(), grants(cast.tove)) == (0, 0)
    assert sweeps.end_left_access(LEFT) == 0


def test_what_an_older_release_gave_the_hub_without_an_end_is_counted_and_dated(cast: Cast) -> None:
    helps(cast, OVER)
    handed_to(cast, cast.siv)
    AccessGrant.objects.filter(user=cast.siv).update(ends_at=None)
    assert not_ended() == 1
    assert sweeps.end_left_access(LEFT) == 1
    assert [each.ends_at for each in AccessGrant.objects.filter(user=cast.siv)] == [OVER]
    assert not_ended() == 0


def test_what_sleeps_with_no_agreement_is_ended(cast: Cast) -> None:
    """As after the agreement had run out, by an older release: the next one finds nothing."""
    agreement = helps(cast, OVER)
    handed_to(cast, cast.siv)
    AccessGrant.objects.filter(user=cast.siv).update(ends_at=None)
    assert sweeps.end_left_access(agreement.ends_at) == 1
    assert not AccessGrant.objects.open_at(OVER).filter(user=cast.siv).exists()


def test_one_clinic_that_breaks_does_not_stop_the_next(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    handed_to(cast, cast.tove)
    AccessGrant.objects.create(patient=cast.nilss.patient, user=cast.tove, why="flag", source="flag:x", starts_at=NOW)
    Membership.objects.filter(user=cast.tove).update(ended_at=LEFT)
    look = roster.people

    def broken(clinic: Clinic, now: datetime, **known: object) -> object:
        if clinic == cast.eken:
            raise OperationalError("canceling statement due to lock timeout")
        return look(clinic, now)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("riskmonitor.actions.covering.roster.people", broken)
        assert sweeps.end_left_access(LEFT) == 1
    assert [each.patient for each in AccessGrant.objects.left_behind(LEFT)] == [cast.eriks.patient]
