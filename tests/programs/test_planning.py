"""Before the start: who may plan, what the patient meets then, and who answers for the patient until it starts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from clinics.cover.coverage import present
from clinics.cover.roster import people, working_time
from clinics.models import Absence, AccessGrant, AuditEvent, Membership, Patient, Profession
from programs.actions import NotPlanned, PlanRefused, end_treatment, plan_treatment, send_measure, withdraw_plan
from programs.actions.answers import measure_key
from programs.actions.sending import NotOpen
from programs.doors import is_over
from programs.measures.asking import answerable
from programs.models import Assessment, Draft, Submission, Treatment
from programs.shipped import instruments
from riskmonitor.actions import raising
from riskmonitor.models import Flag
from riskmonitor.sweeps.drafts import flag_marked_draft
from tests.cast import NOW, Cast, make_patient, make_revision, make_user
from tests.programs.test_starting import start

SCREENING = {"schedule": {"screening": ["phq9", "gad7"], "weekly": ["primary"]}, "primary": "phq9", "risk": "phq9"}


@pytest.fixture
def patient(cast: Cast) -> Patient:
    cast.revision = make_revision(instruments=SCREENING)
    return make_patient(cast.eken, make_user("Maj", "Ek"))


def plan(cast: Cast, patient: Patient, **changed: Any) -> Treatment:
    given = {
        "patient": patient, "revision": cast.revision, "second": cast.cecilia, "by": cast.berit, "now": NOW,
        "demo": True,
    } | changed  # fmt: skip
    return plan_treatment(**given)


def refused(cast: Cast, patient: Patient, **changed: Any) -> list[NotPlanned]:
    before = Treatment.objects.filter(patient=patient).count()
    with pytest.raises(PlanRefused) as error, transaction.atomic():
        plan(cast, patient, **changed)
    assert Treatment.objects.filter(patient=patient).count() == before
    return error.value.reasons


def mark_nine(treatment: Treatment, value: int) -> Submission:
    phq9 = instruments()["phq9"]
    answers = {str(item): 0 for item in range(1, 9)} | {"9": value}
    return send_measure(
        treatment=treatment, instrument=phq9, version=phq9.version, answers=answers,
        key=measure_key(treatment, "phq9"), by=treatment.patient.user, now=NOW,
    )  # fmt: skip


def test_a_plan_has_two_named_people_closed_modules_and_an_audit_row(cast: Cast, patient: Patient) -> None:
    treatment = plan(cast, patient)
    named = (treatment.assignment.therapist, treatment.assignment.substitute)
    assert (treatment.state, treatment.started_at, named) == ("planned", None, (cast.berit, cast.cecilia))
    assert (treatment.steps.count(), treatment.steps.open().count()) == (2, 0)
    assert AuditEvent.objects.filter(what=f"treatment:{treatment.code}", patient=patient.code).exists()


def test_each_refusal_has_its_reason(cast: Cast, patient: Patient) -> None:
    assert refused(cast, patient, by=cast.david) == [NotPlanned.NOT_ENTITLED]  # of another clinic
    assert refused(cast, patient, by=cast.lena) == [NotPlanned.NOT_ENTITLED]  # leads, without a clinical profession
    Membership.objects.filter(user=cast.tove).update(profession=Profession.SOCIAL_WORKER, psychotherapy_training=True)
    assert refused(cast, patient, by=cast.tove) == [NotPlanned.NOT_ENTITLED]  # may treat, not assess
    assert refused(cast, patient, demo=False) == [NotPlanned.NOT_STARTABLE]
    assert refused(cast, patient, language="en") == [NotPlanned.LANGUAGE]
    assert refused(cast, patient, second=cast.berit) == [NotPlanned.SECOND]
    assert refused(cast, patient, second=cast.lena) == [NotPlanned.SECOND]
    assert refused(cast, cast.annas.patient) == [NotPlanned.CURRENT]


def test_the_database_starts_nothing_without_assessment_and_consent(cast: Cast, patient: Patient) -> None:
    treatment = plan(cast, patient)
    for changed in ({"started_at": NOW}, {"state": "active", "started_at": NOW}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Treatment.objects.filter(pk=treatment.pk).update(**changed)


def test_starting_takes_the_planned_treatment_with_its_answers_and_its_people_change(
    cast: Cast, patient: Patient
) -> None:
    planned = plan(cast, patient, by=cast.cecilia, second=cast.berit)
    mark_nine(planned, 0)
    later = NOW + timedelta(days=3)
    treatment = start(cast, patient, now=later)
    assert (treatment.pk, treatment.state, treatment.planned_at) == (planned.pk, "active", NOW)
    assert (treatment.submissions.count(), treatment.steps.open().count()) == (1, 1)
    assert treatment.assignment.therapist == cast.berit
    assert patient.assignments.active_at(later).get() == treatment.assignment
    assert Assessment.objects.get(treatments=treatment).patient == patient


def test_another_text_than_the_planned_one_can_be_started(cast: Cast, patient: Patient) -> None:
    plan(cast, patient)
    other = make_revision()
    treatment = start(cast, patient, revision=other)
    assert {step.module.revision_id for step in treatment.steps.select_related("module")} == {other.pk}


def test_a_plan_that_is_taken_back_leaves_room_for_the_next(cast: Cast, patient: Patient) -> None:
    first = plan(cast, patient)
    withdraw_plan(treatment=first, by=cast.berit, now=NOW)
    first.refresh_from_db()
    assert (first.state, first.assignment.ends_at) == ("discontinued", NOW)
    assert not patient.grants.exists()  # there is nothing to follow up
    assert answerable(patient, NOW + timedelta(weeks=4)) is None
    assert not is_over(patient)
    with pytest.raises(NotOpen):
        mark_nine(first, 0)
    assert plan(cast, patient).pk != first.pk


def test_the_patient_meets_the_screening_and_nothing_else(
    cast: Cast, patient: Patient, client: Client, friday_morning: None
) -> None:
    treatment = plan(cast, patient)
    client.force_login(patient.user)
    home = client.get(reverse("patient-home"))
    assert "16 frågor, ungefär 4 min" in home.text
    assert reverse("measures") in home.text
    assert "PHQ-9" in client.get(reverse("measures")).text
    assert client.get(reverse("measure", args=["phq9"])).status_code == 200
    step = treatment.steps.get(module__number=1)
    closed = [
        reverse("module", args=[step.code]), reverse("tools"), reverse("tool", args=["mood_log"]),
        reverse("plan"), reverse("messages"), reverse("plan-ahead"), reverse("copies"), reverse("stuck"),
    ]  # fmt: skip
    assert {url: client.get(url).status_code for url in closed} == dict.fromkeys(closed, 404)


def test_when_the_screening_is_answered_the_home_page_says_who_reads(
    cast: Cast, patient: Patient, client: Client, friday_morning: None
) -> None:
    treatment = plan(cast, patient)
    client.force_login(patient.user)
    for name in ("phq9", "gad7"):
        items = {item.id: "0" for item in instruments()[name].items}
        posted = items | {"form_version": instruments()[name].version, "idempotency_key": measure_key(treatment, name)}
        answer = client.post(reverse("measure", args=[name]), posted)
        assert client.get(answer["Location"]).status_code == 200
    home = client.get(reverse("patient-home")).text
    assert "Tack för dina svar" in home
    assert "Berit Almgren" in home
    assert client.get(reverse("measure", args=["phq9"])).status_code == 410  # nothing waits: nothing is asked


def is_present(flag: Flag) -> bool:
    hours = working_time(flag.clinic)
    owner = people(flag.clinic, NOW, hours=hours).get(str(flag.owner.code))
    return owner is not None and present(owner, NOW, hours)


@pytest.mark.parametrize("away", [[], ["berit"], ["berit", "cecilia"], ["berit", "cecilia", "tove"]])
def test_item_nine_before_the_start_raises_a_flag_with_an_owner_who_is_there(
    cast: Cast, patient: Patient, away: list[str]
) -> None:
    treatment = plan(cast, patient)
    _go(cast, away)
    mark_nine(treatment, 2)
    flag = Flag.objects.get(patient=patient)
    expected = next((name for name in ("berit", "cecilia", "tove") if name not in away), "lena")
    assert (flag.kind, flag.urgency, flag.owner) == ("suicide", "now", getattr(cast, expected))
    assert is_present(flag)


def test_without_climbing_the_flag_would_stay_with_a_planner_who_is_away(
    cast: Cast, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red twin."""
    monkeypatch.setattr(raising, "climb_or_stay_due", lambda *_, **__: None)
    treatment = plan(cast, patient)
    _go(cast, ["berit"])
    mark_nine(treatment, 2)
    assert not is_present(Flag.objects.get(patient=patient))


def test_item_nine_marked_and_never_sent_before_the_start_is_flagged(
    cast: Cast, patient: Patient, client: Client, friday_morning: None
) -> None:
    plan(cast, patient)
    client.force_login(patient.user)
    kept = client.post(reverse("autosave", args=["measure:phq9"]), {"9": "1", "version": "0"})
    assert kept.json()["help"] is True
    assert Draft.objects.get().treatment.patient == patient
    assert flag_marked_draft(NOW + timedelta(minutes=16))
    assert Flag.objects.get(patient=patient).kind == "suicide"


def _go(cast: Cast, away: list[str]) -> None:
    for name in away:
        user = getattr(cast, name)
        Absence.objects.create(
            user=user, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(days=2), created_at=NOW,
            created_by=user,
        )  # fmt: skip


def test_planning_from_the_page_opens_the_patient_to_the_planner(
    cast: Cast, patient: Patient, client: Client, friday_morning: None, settings: Any
) -> None:
    settings.DEMO = True
    client.force_login(cast.berit)
    url = reverse("plan-treatment", args=[patient.code])
    assert client.get(reverse("patient", args=[patient.code])).status_code == 403
    page = client.get(url)
    assert page.status_code == 200
    text = next(value for value, _label in page.context["form"].fields["text"].choices if value)
    done = client.post(url, {"text": text, "second": str(cast.cecilia.code)})
    assert done["Location"] == reverse("patient", args=[patient.code])
    shown = client.get(done["Location"])
    assert shown.status_code == 200
    assert "planerad 20 november" in shown.text
    again = client.post(url, {"text": text, "second": str(cast.cecilia.code)})
    assert "har redan en behandling" in again.text
    assert client.post(reverse("plan-withdraw", args=[patient.code]))["Location"] == reverse("worklist")
    assert Treatment.objects.get(patient=patient).state == "discontinued"


def test_who_may_not_assess_reads_why_and_other_clinics_find_nothing(
    cast: Cast, patient: Patient, client: Client, friday_morning: None
) -> None:
    url = reverse("plan-treatment", args=[patient.code])
    client.force_login(cast.david)
    assert client.get(url).status_code == 404
    Membership.objects.filter(user=cast.tove).update(profession=Profession.SOCIAL_WORKER, psychotherapy_training=True)
    client.force_login(cast.tove)
    assert client.get(url).status_code == 403  # no care relation, and no right to be the first
    client.force_login(cast.cecilia)
    assert client.get(url).status_code == 200
    assert client.get(reverse("plan-treatment", args=[cast.annas.patient.code])).status_code == 403  # Berit's


def test_a_therapist_who_may_not_assess_is_told_whom_to_ask(cast: Cast, client: Client, friday_morning: None) -> None:
    Membership.objects.filter(user=cast.berit).update(profession=Profession.SOCIAL_WORKER, psychotherapy_training=True)
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    AccessGrant.objects.create(patient=cast.annas.patient, user=cast.berit, why="reason", reason="x", starts_at=NOW)
    client.force_login(cast.berit)
    page = client.get(reverse("plan-treatment", args=[cast.annas.patient.code]))
    assert "PTP-psykolog" in page.text
    assert 'name="second"' not in page.text
