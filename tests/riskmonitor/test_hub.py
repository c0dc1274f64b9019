"""The hub: another clinic's therapists are asked when nobody here answers, read what lies with them, and no more."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from clinics.actions import HubFault, HubRefused, Uncovered, agree_to_hub, ask_hub, end_hub, plan_absence
from clinics.cover import roster
from clinics.models import Absence, AccessGrant, AuditEvent, Clinic, HubAgreement, Membership, Patient, Role, User
from programs.actions import NamingRefused, name_people
from riskmonitor.actions import acknowledge
from riskmonitor.flags.clocks import who_could_take
from riskmonitor.flags.seen import newest
from riskmonitor.models import Flag
from riskmonitor.sweeps import escalate_one
from tests.cast import NOW, Cast, make_clinic
from tests.riskmonitor.test_absence_pages import go, mark, words

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
UNTIL = NOW + 60 * DAY
ASKED = NOW + timedelta(hours=3)  # after two hours of working time the lead and the hub are asked


def lead_of(clinic: Clinic, user: User) -> User:
    Membership.objects.create(user=user, clinic=clinic, role=Role.LEAD, started_at=NOW)
    return user


def helps(cast: Cast, ends_at: datetime = UNTIL) -> HubAgreement:
    """Linden is Eken's hub: David and Siv help out."""
    lead_of(cast.linden, cast.david)
    asked = ask_hub(needs=cast.eken, hub=cast.linden, starts_at=NOW, ends_at=ends_at, by=cast.lena, now=NOW)
    return agree_to_hub(agreement=asked, by=cast.david, now=NOW)


def climb(at: datetime) -> None:
    while escalate_one(at):
        pass


def as_hub(flag: Flag, at: datetime = ASKED) -> Flag:
    climb(at)
    flag.refresh_from_db()
    return flag


def opened(user: User, patient: Patient, at: datetime = ASKED) -> int:
    return go(user, "patient", code=patient.code, at=at).status_code


def test_a_flag_that_nobody_answers_reaches_the_hub(cast: Cast) -> None:
    helps(cast)
    flag = mark(cast)
    as_hub(flag)
    assert (flag.audience, flag.owner in (cast.david, cast.siv), flag.may_decide) == ("hub", True, True)
    assert {event.to for event in flag.events.filter(audience="hub")} >= {cast.david, cast.siv}


def test_the_hub_reads_about_that_patient_only_and_each_reading_is_logged(cast: Cast) -> None:
    helps(cast)
    flag = mark(cast)
    assert opened(cast.siv, cast.eriks.patient, NOW) == 404  # nothing before the flag comes
    as_hub(flag)
    assert opened(cast.siv, cast.eriks.patient) == 200
    assert opened(cast.siv, cast.annas.patient) == 404
    assert go(cast.siv, "flag", code=flag.code, at=ASKED).status_code == 200
    assert AuditEvent.objects.filter(actor=cast.siv.code, did="read", patient=cast.eriks.patient.code).count() == 2


@pytest.mark.hazard("H5c")
def test_the_access_ends_with_the_agreement_to_the_minute(cast: Cast) -> None:
    agreement = helps(cast, NOW + 5 * DAY)
    flag = mark(cast)
    as_hub(flag)
    assert opened(cast.siv, cast.eriks.patient, NOW + 5 * DAY - HOUR) == 200
    assert opened(cast.siv, cast.eriks.patient, NOW + 5 * DAY) == 404
    end_hub(agreement=agreement, by=cast.lena, now=ASKED)
    assert opened(cast.siv, cast.eriks.patient) == 404


def grants(cast: Cast, at: datetime) -> set[User]:
    """Return those of the hub to whom a flag of Erik has opened what he writes."""
    given = AccessGrant.objects.open_at(at).filter(patient=cast.eriks.patient, user__in=[cast.david, cast.siv])
    return {each.user for each in given}


def test_when_one_of_the_hub_takes_it_on_the_others_read_no_more(cast: Cast) -> None:
    helps(cast)
    flag = as_hub(mark(cast))
    assert grants(cast, ASKED) == {cast.david, cast.siv}
    go(cast.siv, "flag-acknowledge", {"seen": str(newest(flag))}, code=flag.code, at=ASKED)
    assert grants(cast, ASKED) == {cast.siv}
    assert (opened(cast.siv, cast.eriks.patient), opened(cast.david, cast.eriks.patient)) == (200, 404)


def test_when_somebody_of_the_clinic_takes_it_on_the_whole_hub_reads_no_more(cast: Cast) -> None:
    helps(cast)
    flag = as_hub(mark(cast))
    acknowledge(flag=flag, by=cast.cecilia, now=ASKED)
    assert grants(cast, ASKED) == set()
    own = AccessGrant.objects.open_at(ASKED).filter(patient=cast.eriks.patient)
    assert {each.user for each in own} >= {cast.berit, cast.cecilia, cast.tove}


def test_without_the_control_the_others_would_read_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.actions.answering.end_grants_of_the_hub", lambda flag, keep, now: None)
    helps(cast)
    acknowledge(flag=as_hub(mark(cast)), by=cast.siv, now=ASKED)
    assert opened(cast.david, cast.eriks.patient) == 200


def test_the_hub_is_told_and_reads_again_when_a_promise_lapses(cast: Cast) -> None:
    helps(cast)
    flag = as_hub(mark(cast))
    acknowledge(flag=flag, by=cast.siv, now=ASKED)
    as_hub(flag, ASKED + HOUR + timedelta(minutes=1))
    as_hub(flag, ASKED + 4 * HOUR)
    assert grants(cast, ASKED + 4 * HOUR) == {cast.david, cast.siv}


def test_an_agreement_made_anew_opens_nothing_of_before(cast: Cast) -> None:
    """One that ran out, and one that was ended: the flag is open all the time."""
    agreement = helps(cast, NOW + 5 * DAY)
    as_hub(mark(cast))
    anew = {"starts_at": NOW + 6 * DAY, "ends_at": UNTIL, "asked_at": NOW, "asked_by": cast.lena}
    HubAgreement.objects.create(needs=cast.eken, hub=cast.linden, agreed_at=NOW, agreed_by=cast.david, **anew)
    assert grants(cast, NOW + 5 * DAY) == set()
    assert opened(cast.siv, cast.eriks.patient, NOW + 6 * DAY) == 404
    assert grants(cast, ASKED) == {cast.david, cast.siv}
    go(cast.lena, "hub-end", {}, code=agreement.code, at=ASKED)
    assert grants(cast, ASKED) == set()


def test_without_a_date_on_the_grant_it_would_open_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    monkeypatch.setattr("clinics.cover.clinicians.Clinician.helps_until", None)
    agreement = helps(cast, NOW + 5 * DAY)
    as_hub(mark(cast))
    HubAgreement.objects.filter(pk=agreement.pk).update(starts_at=NOW + 6 * DAY, ends_at=UNTIL)
    assert opened(cast.siv, cast.eriks.patient, NOW + 6 * DAY) == 200


def test_a_closed_account_of_the_hub_sees_nothing(cast: Cast) -> None:
    helps(cast)
    as_hub(mark(cast))
    User.objects.filter(pk=cast.siv.pk).update(is_active=False)
    with time_machine.travel(ASKED, tick=False):
        assert not Patient.objects.visible_to(User.objects.get(pk=cast.siv.pk)).exists()


def test_nothing_opens_before_both_have_agreed(cast: Cast) -> None:
    flag = mark(cast)
    lead_of(cast.linden, cast.david)
    asked = ask_hub(needs=cast.eken, hub=cast.linden, starts_at=NOW, ends_at=UNTIL, by=cast.lena, now=NOW)
    as_hub(flag)
    assert flag.audience == "lead"
    assert not [each for each in roster.people(cast.eken, NOW).members.values() if each.from_hub]
    with pytest.raises(HubRefused) as refused:
        agree_to_hub(agreement=asked, by=cast.lena, now=NOW)
    assert refused.value.fault == HubFault.ALONE
    with pytest.raises(IntegrityError), transaction.atomic():
        HubAgreement.objects.update(agreed_at=NOW, agreed_by=cast.lena)


def test_who_leads_may_hand_the_flag_to_the_hub(cast: Cast) -> None:
    helps(cast)
    offered = [each.code for each in who_could_take(mark(cast), NOW)]
    assert set(offered[-2:]) == {str(cast.david.code), str(cast.siv.code)}


def test_the_hub_is_told_when_nobody_else_is_there_whatever_the_plan_says(cast: Cast) -> None:
    """Also a flag that was raised before the agreement began, with a plan that knows of no hub."""
    flag = mark(cast)
    assert not flag.steps.filter(audience="hub").exists()
    helps(cast)
    away, own = NOW + timedelta(minutes=1), User.objects.filter(memberships__clinic=cast.eken)
    Absence.objects.bulk_create(
        Absence(user=user, starts_at=away, ends_at=NOW + 5 * DAY, created_at=away, created_by=user)
        for user in own.distinct()
    )
    as_hub(flag, NOW + timedelta(minutes=2))
    assert (flag.audience, flag.owner in (cast.david, cast.siv), flag.unreachable_since) == ("hub", True, None)


def marked_more_urgent_after_the_agreement(cast: Cast) -> Flag:
    """Erik marks a 1, Linden begins to help, and Erik marks a 2: the flag alerts again as `now`."""
    mark(cast, value=1)
    agreement = helps(cast)
    HubAgreement.objects.filter(pk=agreement.pk).update(starts_at=NOW + timedelta(minutes=30))
    return mark(cast, now=NOW + HOUR)


def test_a_flag_that_was_raised_before_the_agreement_asks_the_hub_when_it_alerts_again(cast: Cast) -> None:
    flag = marked_more_urgent_after_the_agreement(cast)
    assert flag.steps.filter(audience="hub").exists()
    as_hub(flag, ASKED + HOUR)
    assert (flag.audience, flag.owner in (cast.david, cast.siv)) == ("hub", True)


def test_with_the_hub_of_the_day_it_was_raised_nobody_there_would_be_asked(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr("clinics.models.hub.HubAgreementSet.has_hub", lambda agreements, clinic, now: False)
    flag = as_hub(marked_more_urgent_after_the_agreement(cast), ASKED + HOUR)
    assert flag.audience == "lead"


def test_the_hub_is_never_the_clinics_team(cast: Cast) -> None:
    helps(cast)
    flag = mark(cast)
    as_hub(flag, NOW + HOUR + timedelta(minutes=1))
    assert (flag.audience, flag.owner) == ("team", cast.tove)
    assert not flag.events.filter(to__in=[cast.david, cast.siv]).exists()


def test_the_hub_is_asked_only_when_it_is_open_and_there(cast: Cast) -> None:
    helps(cast)
    flag = mark(cast)
    cast.linden.opening_hours.filter(weekday=4).delete()  # Linden is closed on Fridays
    as_hub(flag)
    assert flag.audience == "lead"


def test_somebody_of_the_hub_covers_a_lone_therapist(cast: Cast) -> None:
    """Cecilia is away for the two weeks: without the hub Berit's patients stand alone when Berit goes."""
    Absence.objects.create(
        user=cast.cecilia, starts_at=NOW, ends_at=NOW + 14 * DAY, created_at=NOW, created_by=cast.cecilia
    )
    helps(cast)
    for treatment in (cast.annas, cast.eriks):
        name_people(treatment=treatment, therapist=cast.berit, substitute=cast.siv, by=cast.lena, now=NOW)
    plan_absence(user=cast.berit, starts_at=NOW, ends_at=NOW + 5 * DAY, stand_ins={}, by=cast.berit, now=NOW)
    treatment = type(cast.annas).objects.select_related("assignment__patient__clinic").get(pk=cast.annas.pk)
    assert roster.gaps_ahead(treatment.assignment, NOW) == []
    assert opened(cast.siv, cast.annas.patient, NOW + HOUR) == 200
    assert opened(cast.siv, cast.annas.patient, NOW + 6 * DAY) == 404  # Berit is back


def test_a_hub_that_ends_soon_is_no_cover_and_nobody_of_it_is_the_therapist(cast: Cast) -> None:
    helps(cast, NOW + 7 * DAY)
    with pytest.raises(Uncovered):
        name_people(treatment=cast.annas, therapist=cast.berit, substitute=cast.siv, by=cast.lena, now=NOW)
    with pytest.raises(NamingRefused):
        name_people(treatment=cast.annas, therapist=cast.siv, substitute=cast.berit, by=cast.lena, now=NOW)


def test_ending_early_is_refused_while_a_patient_counts_on_it(cast: Cast) -> None:
    agreement = helps(cast)
    name_people(treatment=cast.annas, therapist=cast.berit, substitute=cast.siv, by=cast.lena, now=NOW)
    with pytest.raises(Uncovered):
        end_hub(agreement=agreement, by=cast.david, now=NOW)
    assert HubAgreement.objects.in_force(NOW).exists()


def test_ending_early_moves_what_lay_with_the_hub_at_once(cast: Cast) -> None:
    agreement = helps(cast)
    flag = mark(cast)
    as_hub(flag)
    answer = go(cast.lena, "hub-end", {}, code=agreement.code, at=ASKED, follow=True)
    assert "gått till dem som är på plats" in words(answer)
    flag.refresh_from_db()
    assert flag.owner not in (cast.david, cast.siv)


def test_an_uncovered_flag_is_for_those_who_lead_and_not_for_the_hub(cast: Cast) -> None:
    from riskmonitor.escalation.next_step import FlagState, next_step
    from riskmonitor.escalation.steps import Audience, Step, Wait
    from riskmonitor.rules import Kind, Urgency

    helps(cast)
    hours = roster.working_time(cast.eken)
    people = roster.people(cast.eken, NOW, hours=hours)
    steps = (Step(0, Audience.HUB, Wait(minutes=0)), Step(1, Audience.LEAD, Wait(minutes=30), Wait(minutes=60)))
    facts = roster.facts(cast.annas.assignment)
    owners = {
        kind: next_step(FlagState(kind, Urgency.NOW, NOW, facts), steps, people, hours, NOW).owner
        for kind in (Kind.UNCOVERED, Kind.SUICIDE)
    }
    assert owners[Kind.UNCOVERED] == str(cast.lena.code)
    assert owners[Kind.SUICIDE] in {str(cast.david.code), str(cast.siv.code)}


def test_one_lead_asks_on_the_page_the_other_agrees_and_both_see_it(cast: Cast) -> None:
    lead_of(cast.linden, cast.david)
    typed = {
        "needs": str(cast.eken.code), "hub": str(cast.linden.code), "first_day": "2026-11-20",
        "last_day": "2026-12-31",
    }  # fmt: skip
    assert go(cast.lena, "clinic-hub", typed).status_code == 302
    asked = HubAgreement.objects.get()
    assert "inget svar än" in words(go(cast.david, "clinic-hub"))
    assert go(cast.lena, "hub-agree", {}, code=asked.code).status_code == 403  # she sees it: it is the other's to agree
    elsewhere = lead_of(make_clinic(cast.region, "Rönn"), cast.tove)
    assert go(elsewhere, "hub-agree", {}, code=asked.code).status_code == 404
    assert go(cast.david, "hub-agree", {}, code=asked.code).status_code == 302
    assert "David Öberg sade ja" in words(go(cast.lena, "clinic-hub"))
    said = AuditEvent.objects.filter(what=f"hub:{asked.code}").values_list("actor", "did")
    assert list(said.order_by("pk")) == [(cast.lena.code, "saved"), (cast.david.code, "opened")]


def test_no_agreement_holds_for_years(cast: Cast) -> None:
    with pytest.raises(HubRefused) as refused:
        helps(cast, NOW + 4 * 365 * DAY)
    assert refused.value.fault is HubFault.TOO_FAR


@pytest.mark.parametrize(
    ("change", "words_shown"),
    [
        ({"last_day": "2026-11-19"}, "Sista dagen ligger före den första"),
        ({"hub": "eken"}, "Välj en annan enhet"),
        ({"last_day": "9999-12-31"}, "Välj en dag inom tre år"),
        ({"first_day": "0001-01-01"}, "Välj en dag inom tre år"),
    ],
)
def test_what_cannot_be_asked_is_said_kindly(cast: Cast, change: dict[str, str], words_shown: str) -> None:
    typed = {
        "needs": str(cast.eken.code), "hub": str(cast.linden.code), "first_day": "2026-11-20",
        "last_day": "2026-12-31",
    }  # fmt: skip
    typed |= {name: str(cast.eken.code) if value == "eken" else value for name, value in change.items()}
    with time_machine.travel(NOW, tick=False):
        client = Client()
        client.force_login(cast.lena)
        assert words_shown in words(client.post(reverse("clinic-hub"), typed))
    assert not HubAgreement.objects.exists()


def test_the_hub_is_offered_as_substitute_and_not_as_therapist(cast: Cast) -> None:
    helps(cast)
    page = words(go(cast.lena, "cover-named", code=cast.annas.patient.code))
    therapist, _label, substitute = page.partition('name="substitute"')
    assert "Tove Åberg</option>" in therapist
    assert "Siv Dahl" not in therapist
    assert "Siv Dahl, hjälper till</option>" in substitute
    assert "Tove Åberg</option>" in substitute
