"""Demo data is only ever put into an empty database, or one that is marked as demo."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from clinics.models import Absence, AuditEvent, Patient, User
from ikbt.models import DemoMarker
from programs.measures.asking import asking_of
from programs.measures.schedule import Occasion
from programs.models import Step, Submission, Treatment, Wording
from programs.pages.reading import ModuleReading
from programs.plans.sleep_windows import proposal_waits
from programs.shipped import LIBRARY
from riskmonitor.models import Flag
from tests.cast import Cast


@pytest.mark.hazard("H20b")
def test_a_database_that_holds_people_is_refused_and_left_alone(cast: Cast, settings) -> None:
    settings.DEMO = True
    before = User.objects.count()
    with pytest.raises(CommandError, match="not marked as demo"):
        call_command("seed_demo")
    assert (User.objects.count(), DemoMarker.objects.count()) == (before, 0)


def test_outside_a_demo_it_does_nothing(db: None, settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="IKBT_DEMO=1"):
        call_command("seed_demo")
    assert not User.objects.exists()


def test_a_marked_database_is_not_filled_twice(db: None, settings, capsys) -> None:
    settings.DEMO = True
    DemoMarker.objects.create(seeded_at=timezone.now())
    call_command("seed_demo")
    assert "is there" in capsys.readouterr().out
    assert not User.objects.exists()


@pytest.mark.slow
def test_an_empty_database_becomes_the_demo_region(db: None, settings) -> None:
    """Seeding takes seconds, so it is done once and looked at from all sides."""
    settings.DEMO = True
    call_command("load_programs")
    call_command("seed_demo")
    assert DemoMarker.objects.count() == 1
    assert Patient.objects.count() == 43
    assert {clinic.name for clinic in {p.clinic for p in Patient.objects.select_related("clinic")}} == {
        "Vårdcentralen Eken", "Vårdcentralen Linden",
    }  # fmt: skip
    every_programme_and_every_tool_of_theirs_is_in_use()
    every_answer_that_is_to_return_is_there()
    what_waits_for_a_therapist_is_there_and_no_flag_that_is_not_told_of()
    who_ended_is_asked_again_after_four_weeks()
    who_is_planned_has_half_of_the_screening_left()
    nobody_acts_while_away_and_something_happens_meanwhile()
    assert not Wording.objects.exists()  # the wording of others is not ours to load


def every_programme_and_every_tool_of_theirs_is_in_use() -> None:
    running = Treatment.objects.running()
    programmes = set(running.values_list("revision__programme__slug", flat=True))
    assert programmes == {path.parent.name for path in LIBRARY.glob("*/programme.yaml")}
    wanted = {tool for facts in running.values_list("revision__facts", flat=True) for tool in facts["tools"]}
    kept = set(Submission.objects.filter(kind=Submission.Kind.TOOL).values_list("form", flat=True))
    assert wanted <= kept
    assert Step.objects.filter(module__language="en").values("treatment").distinct().count() == 1


def every_answer_that_is_to_return_is_there() -> None:
    """In each programme somebody has written what each `recall` shows and each `prefill` fills in."""
    returned, wanted, now = set(), set(), timezone.now()
    for step in Step.objects.select_related("module__revision__programme", "treatment__patient__user"):
        reading = ModuleReading(step, now)
        for page in reading.pages:
            for block in page.blocks:
                addresses = {*block.get("prefill", ()), *filter(None, [block.get("address")])}
                for address in (each for each in addresses if not each.startswith("crisis.")):
                    place = (step.module.revision.programme.slug, step.module.slug, address)
                    (returned if reading.returned(address) else wanted).add(place)
    assert sorted(wanted - returned) == []


def what_waits_for_a_therapist_is_there_and_no_flag_that_is_not_told_of() -> None:
    today = timezone.localdate()
    waiting = [t for t in Treatment.objects.running() if proposal_waits(t, list(t.steps.all()), today)]
    assert [t.patient.user.first_name for t in waiting] == ["Pirjo"]
    assert Submission.objects.stuck().get().treatment.patient.user.first_name == "Maria"
    assert Step.objects.exclude(due_on=None).get().due_on > today
    assert set(Flag.objects.values_list("patient__user__first_name", flat=True)) == {"Erik", "Maria"}
    waiting_flags = Flag.objects.open().values_list("patient__user__first_name", "kind")
    assert set(waiting_flags) == {("Erik", "suicide"), ("Erik", "deterioration")}


def who_is_planned_has_half_of_the_screening_left() -> None:
    planned = Treatment.objects.planned().get()
    assert planned.patient.user.first_name == "Hedvig"
    assert planned.patient.phone.startswith("070-174 06 ")  # a number that PTS keeps for fiction
    assert [asked.instrument.id for asked in asking_of(planned, timezone.now(), "sv").waiting] == ["gad7"]
    assert planned.drafts.get().form_key == "measure:gad7"


def nobody_acts_while_away_and_something_happens_meanwhile() -> None:
    for absence in Absence.objects.select_related("user"):
        meanwhile = AuditEvent.objects.filter(at__gt=absence.starts_at, at__lt=absence.ends_at)
        assert not meanwhile.filter(actor=absence.user.code).exists(), absence.user
    over = Absence.objects.get(user__first_name="Cecilia")
    assert Submission.objects.filter(
        treatment__assignment__therapist=over.user, sent_at__gt=over.starts_at, sent_at__lt=over.ends_at
    ).exists()


def who_ended_is_asked_again_after_four_weeks() -> None:
    ended = Treatment.objects.get(patient__user__first_name="Mirela")
    asked = asking_of(ended, timezone.now(), "sv").waiting
    assert {each.occasion for each in asked} == {Occasion.FOLLOW_UP}
