"""What a patient sees first: one next step, the week, the last message, the course."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinics.models import Absence, AuditEvent, User
from messaging.actions import send_message
from programs.actions import (
    add_tool,
    end_treatment,
    open_module,
    remember_page,
    send_measure,
    send_module,
    send_tool_entry,
)
from programs.models import Module, Step
from programs.shipped import instruments
from tests.cast import NOW, Cast, make_patient, make_user

HOME = "/my/"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("friday_morning")


def measured(cast: Cast, value: int = 0, *, now=NOW, item_nine: int = 0) -> None:
    phq9 = instruments()["phq9"]
    answers = {str(item): value for item in range(1, 9)} | {"9": item_nine}
    send_measure(
        treatment=cast.annas, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(), by=cast.anna, now=now
    )


def logged(cast: Cast, activity: str) -> None:
    entry = {"activity": activity, "mood": 5}
    send_tool_entry(treatment=cast.annas, tool="mood_log", entry=entry, key=uuid4(), by=cast.anna, now=NOW)


def primary(shown: str) -> list[str]:
    """Return where the page's primary buttons lead."""
    return [part.split('"')[3] for part in shown.split("<a ")[1:] if part.startswith('class="button"')]


def test_there_is_one_primary_button_and_it_follows_the_order(anna: Client, cast: Cast) -> None:
    step = cast.annas.steps.open().get()
    module, log = reverse("module", args=[step.code]), reverse("tool", args=["mood_log"])
    expected = [reverse("measure", args=["phq9"]), module, module, log, reverse("tools")]
    acts = [
        lambda: None,
        lambda: measured(cast),
        lambda: remember_page(step=step, page="skicka", now=NOW),
        lambda: send_module(step=step, answers={}, key=uuid4(), by=cast.anna, now=NOW),
        lambda: logged(cast, "Gick ut"),
    ]
    seen = []
    for act in acts:
        act()
        seen += primary(anna.get(HOME).content.decode())
    assert seen == expected


@pytest.mark.parametrize(("hour", "leads_to"), [(3, "tools"), (8, "sleep_diary")])
def test_the_night_is_asked_for_once_it_has_ended(anna: Client, cast: Cast, hour: int, leads_to: str) -> None:
    measured(cast)
    send_module(step=cast.annas.steps.open().get(), answers={}, key=uuid4(), by=cast.anna, now=NOW)
    add_tool(treatment=cast.annas, tool="sleep_diary", by=cast.berit, now=NOW)
    with time_machine.travel((NOW + DAY).replace(hour=hour - 1), tick=False):
        anna.force_login(cast.anna)
        shown = anna.get(HOME).content.decode()
    assert primary(shown) == [reverse("tools") if leads_to == "tools" else reverse("tool", args=[leads_to])]
    assert "Sömndagbok: fyll i natten" in shown


def test_the_next_step_stands_before_what_was_changed(anna: Client, cast: Cast) -> None:
    add_tool(treatment=cast.annas, tool="sleep_diary", by=cast.berit, now=NOW)
    shown = anna.get(HOME).content.decode()
    assert shown.index('id="next"') < shown.index('id="changed"')


def test_unanswered_follow_up_questions_come_before_everything(anna: Client, cast: Cast) -> None:
    measured(cast, item_nine=1)
    assert primary(anna.get(HOME).content.decode()) == [reverse("follow-up")]


def test_the_week_says_what_waits_and_what_is_not_open_yet(anna: Client) -> None:
    shown = anna.get(HOME).content.decode()
    assert "Hej Anna" in shown
    assert "Hur mår du? 9 frågor" in shown
    assert "Avsnitt 1: Ett första steg" in shown
    assert "Avsnitt 2: Det du gör och hur du mår" in shown
    assert "Berit öppnar det" in shown
    assert "Vecka 1 av 10" in shown


def test_a_begun_module_says_how_far(anna: Client, cast: Cast) -> None:
    measured(cast)
    remember_page(step=cast.annas.steps.open().get(), page="skicka", now=NOW)
    assert "Du har gjort 1 av 2 sidor. Allt är sparat." in anna.get(HOME).content.decode()


def test_the_last_message_is_shown_short_with_who_answers(anna: Client, cast: Cast) -> None:
    assert "Berit svarar inom två arbetsdagar." in anna.get(HOME).content.decode()
    send_message(treatment=cast.annas, text="Bra jobbat " + "x" * 400, key=uuid4(), by=cast.berit, now=NOW)
    shown = anna.get(HOME).content.decode()
    assert "Meddelande från Berit" in shown
    assert "Bra jobbat" in shown
    assert "x" * 200 not in shown


def test_while_the_therapist_is_away_the_page_says_who_answers(anna: Client, cast: Cast) -> None:
    Absence.objects.create(
        user=cast.berit,
        starts_at=NOW - DAY,
        ends_at=NOW + timedelta(days=13, hours=14),
        created_at=NOW,
        created_by=cast.berit,
    )
    shown = anna.get(HOME).content.decode()
    assert "Berit är borta till och med 3 december. Cecilia Ek svarar." in shown


def test_without_the_therapist_nothing_is_promised_in_that_name(anna: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.berit.pk).update(is_active=False)
    shown = anna.get(HOME).content.decode()
    assert "Cecilia Ek svarar." in shown
    assert "Berit" not in shown


def test_an_absence_that_is_planned_changes_nothing_yet(anna: Client, cast: Cast) -> None:
    start = NOW + 3 * DAY + timedelta(hours=3)
    Absence.objects.create(user=cast.berit, starts_at=start, ends_at=start + DAY, created_at=NOW, created_by=cast.berit)
    assert "Berit svarar inom två arbetsdagar." in anna.get(HOME).content.decode()


def test_the_receipt_of_a_module_promises_nothing_after_the_end(anna: Client, cast: Cast) -> None:
    step = cast.annas.steps.select_related("module__revision", "treatment__patient").get(module__number=1)
    send_module(step=step, answers={"tanke": "Att det gick."}, key=uuid4(), by=cast.anna, now=NOW)
    receipt = reverse("module-receipt", args=[step.code])
    assert "Berit Almgren läser det" in anna.get(receipt).content.decode()
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    shown = anna.get(receipt).content.decode()
    assert "Din behandling är avslutad." in shown
    assert "Berit" not in shown
    assert "läser det och svarar" not in shown


def test_the_course_is_drawn_from_its_second_value(anna: Client, cast: Cast) -> None:
    measured(cast, 1)
    assert "<svg" not in anna.get(HOME).content.decode()
    with time_machine.travel(NOW + 7 * DAY):
        anna.force_login(cast.anna)
        measured(cast, 1, now=NOW + 7 * DAY)
        shown = anna.get(HOME).content.decode()
    assert "<svg" in shown
    assert "<table" in shown
    assert "Samma som förra gången." in shown


def test_a_marked_rise_is_met_and_never_graded(anna: Client, cast: Cast) -> None:
    measured(cast, 1)
    with time_machine.travel(NOW + 7 * DAY):
        anna.force_login(cast.anna)
        measured(cast, 3, now=NOW + 7 * DAY)
        shown = anna.get(HOME).content.decode()
    assert "Det här är en tuff vecka. Berit ser det också." in shown
    assert "sämre" not in shown


def test_after_five_quiet_days_the_smallest_step_is_offered(anna: Client, cast: Cast) -> None:
    measured(cast)
    assert "Gör fem minuter" not in anna.get(HOME).content.decode()
    with time_machine.travel(NOW + 5 * DAY):
        anna.force_login(cast.anna)
        shown = anna.get(HOME).content.decode()
    assert "Gör fem minuter" in shown
    assert "Du har inte missat något." in shown


def test_tools_unlocked_so_far_are_one_tap_away(anna: Client) -> None:
    assert reverse("tool", args=["mood_log"]) in anna.get(HOME).content.decode()


def test_the_daily_row_is_asked_for_while_the_part_that_the_patient_is_in_has_it(anna: Client, cast: Cast) -> None:
    step = cast.annas.steps.get(module__number=1)
    send_module(step=step, answers={}, key=uuid4(), by=cast.anna, now=NOW)
    assert "Min dag: skriv en rad" in anna.get(HOME).content.decode()
    other = Module.objects.create(
        revision=cast.revision,
        number=3,
        slug="tre",
        title="Tre",
        aim="Du provar.",
        notes=[],
        facts={"tools": ["goals"]},
    )
    Step.objects.create(treatment=cast.annas, module=other)
    open_module(treatment=cast.annas, module=other, by=cast.berit, now=NOW)
    assert "Min dag: skriv en rad" not in anna.get(HOME).content.decode()
    add_tool(treatment=cast.annas, tool="mood_log", by=cast.berit, now=NOW)
    assert "Min dag: skriv en rad" in anna.get(HOME).content.decode()


def test_of_many_changes_to_the_plan_the_newest_are_open_and_the_others_folded(anna: Client, cast: Cast) -> None:
    for number, tool in enumerate(("map", "values", "practice", "tally", "problem_solving")):
        add_tool(treatment=cast.annas, tool=tool, by=cast.berit, now=NOW + number * HOUR)
    shown = anna.get(HOME).content.decode()
    assert shown.index("Problemlösaren") < shown.index("Visa tidigare ändringar") < shown.index("verktyg: Min cirkel")


def test_a_patient_without_treatment_is_told_kindly(client: Client, cast: Cast) -> None:
    new = make_user("Ny", "Patient")
    make_patient(cast.eken, new)
    client.force_login(new)
    shown = client.get(HOME).content.decode()
    assert "Din behandling har inte börjat än" in shown
    assert primary(shown) == []


def test_an_ended_treatment_can_still_be_read(anna: Client, cast: Cast) -> None:
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    shown = anna.get(HOME).content.decode()
    assert "Din behandling är avslutad" in shown
    assert primary(shown) == [reverse("plan")]


def test_staff_have_no_such_page_and_reading_is_audited(client: Client, cast: Cast) -> None:
    client.force_login(cast.berit)
    assert client.get(HOME).status_code == 403
    client.force_login(cast.anna)
    client.get(HOME)
    assert AuditEvent.objects.filter(actor=cast.anna.code, what="home", did="read").count() == 1
    assert client.post(HOME).status_code == 405


def test_the_title_is_neutral(anna: Client) -> None:
    shown = anna.get(HOME).content.decode()
    title = shown[shown.index("<title>") : shown.index("</title>")]
    assert "Anna" not in title
    assert "epression" not in title


def test_the_page_costs_the_same_with_one_row_and_with_twenty(
    anna: Client, cast: Cast, django_assert_max_num_queries
) -> None:
    anna.get(HOME)  # the first visit also writes the session's clock
    counts = []
    for number in range(20):
        logged(cast, f"Sak {number}")
        send_message(treatment=cast.annas, text=f"Hej {number}", key=uuid4(), by=cast.berit, now=NOW)
        if number in (0, 19):
            with django_assert_max_num_queries(14) as asked:  # two are savepoints
                anna.get(HOME)
            counts.append(len(asked))
    assert counts[0] == counts[1]
