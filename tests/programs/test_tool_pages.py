"""A patient records with the tools, and sees what was recorded in plain words."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEvent
from programs.actions import add_tool, end_treatment, load_programme, open_module, save_draft, send_tool_entry
from programs.library_format import programme_hash, read_programme
from programs.models import Draft, Submission, Treatment
from riskmonitor.sweeps import screen_one
from tests.cast import NOW, Cast, make_treatment, make_user

LIBRARY = Path("programs/library/depression-kom-igang")

LOG = {"activity": "Promenad", "mood": "6"}

pytestmark = pytest.mark.usefixtures("friday_morning")


@pytest.fixture
def karins(cast: Cast) -> Treatment:
    """Karin's treatment with the shipped programme: its first three modules, and with them four tools, are open."""
    programme, _faults = read_programme(LIBRARY)
    revision, _new = load_programme(programme=programme, content_hash=programme_hash(LIBRARY), now=NOW)
    treatment = make_treatment(make_user("Karin", "Berg"), cast.eken, cast.berit, cast.cecilia, revision)
    for step in treatment.steps.filter(module__number__lte=3):
        open_module(treatment=treatment, module=step.module, by=cast.berit, now=NOW)
    return treatment


@pytest.fixture
def karin(karins: Treatment, client: Client) -> Client:
    client.force_login(karins.patient.user)
    return client


def tool(name: str = "mood_log", query: str = "") -> str:
    return reverse("tool", args=[name]) + query


def test_the_tools_of_open_modules_are_listed_and_those_of_later_ones_are_not(karin: Client) -> None:
    shown = karin.get(reverse("tools")).content.decode()
    assert all(name in shown for name in ("Mina mål", "Min cirkel", "Min dag", "Veckoplan"))
    assert "Värdekompassen" not in shown


def test_saving_an_entry_sends_it_once_and_the_receipt_shows_where_help_is(karin: Client, karins: Treatment) -> None:
    key = str(uuid4())
    for _twice in range(2):
        answer = karin.post(tool(), {**LOG, "idempotency_key": key})
    sent = Submission.objects.get()
    assert (sent.kind, sent.form, sent.answers) == ("tool", "mood_log", {"activity": "Promenad", "mood": 6})
    assert answer.url == tool(query=f"?receipt={sent.code}")
    shown = karin.get(answer.url).content.decode()
    assert "Sparat och skickat. Din behandlare, eller den som vikarierar, kan läsa det." in shown
    assert 'href="tel:112"' in shown
    assert "6 av 10" in shown


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("goals", {"goals.0.goal": "Äta middag ihop", "goals.0.close": "3", "goals.2.goal": "Ringa Lisa"}),
        ("map", {"situation": "Hemma", "feelings.0.name": "Sorg", "feelings.0.strength": "80", "later": "Ensam"}),
        ("mood_log", LOG | {"date": "2026-11-19", "time": "7.30", "note": "Sol"}),
        ("week_planner", {"what": "Gå ut", "day": "tue", "time": "10:00", "minutes": "10", "kind": "movement"}),
    ],
)
def test_each_tool_takes_an_entry_and_shows_it(karin: Client, name: str, entry: dict[str, str]) -> None:
    assert karin.get(tool(name)).status_code == 200
    answer = karin.post(tool(name), entry)
    assert answer.status_code == 302
    shown = karin.get(answer.url).content.decode()
    words = [value for value in entry.values() if value.isalpha() and len(value) > 4]
    assert all(word in shown for word in words)
    assert "De senaste sju dagarna" in shown


def test_a_day_is_shown_in_words(karin: Client) -> None:
    answer = karin.post(tool(), LOG | {"date": "2026-11-19", "time": "07:30"})
    shown = karin.get(answer.url).content.decode()
    assert "torsdag 19 november" in shown
    assert "07.30" in shown


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(karin: Client) -> None:
    answer = karin.post(tool("week_planner"), {"what": "Gå ut", "minutes": "9999", "place": "Parken"})
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "Det här behöver ett svar innan du går vidare." in shown
    assert "Välj ett tal från 1 till 720." in shown
    assert 'value="Parken"' in shown
    assert not Submission.objects.exists()


def test_goals_without_any_goal_ask_for_one(karin: Client) -> None:
    assert "Fyll i minst en." in karin.post(tool("goals"), {}).content.decode()


def test_strange_input_is_kept_or_refused_in_a_sentence(karin: Client) -> None:
    assert "Texten är för lång." in karin.post(tool(), LOG | {"note": "b" * 1_000_000}).content.decode()
    karin.post(tool(), LOG | {"note": "Bra\0 🌞", "idempotency_key": "inte en nyckel"})
    assert Submission.objects.get().answers["note"] == "Bra 🌞"


def test_a_plan_can_be_told_on_and_stands_once(karin: Client, karins: Treatment) -> None:
    plan = {"what": "Gå ut", "day": "fri", "time": "10:00"}
    by, day_before = karins.patient.user, NOW - timedelta(days=1)
    sent = send_tool_entry(treatment=karins, tool="week_planner", entry=plan, key=uuid4(), by=by, now=day_before)
    shown = karin.get(tool("week_planner", f"?edit={sent.code}&tell=1")).content.decode()
    assert "Hur gick det: Gå ut" in shown
    karin.post(
        tool("week_planner", f"?edit={sent.code}&tell=1"), {**plan, "outcome": "done", "before": "3", "after": "5"}
    )
    shown = karin.get(tool("week_planner")).content.decode()
    assert shown.count('id="entry-') == 1
    assert "Gjort" in shown


def test_the_page_says_who_reads_and_that_nobody_reads_before(karin: Client) -> None:
    shown = karin.get(tool()).content.decode()
    assert "Ingen läser det du skriver här förrän du sparar." in shown
    assert "Berit" not in shown


def test_words_of_an_open_flag_are_not_offered_as_a_choice(client: Client, cast: Cast) -> None:
    for activity in ("Jag vill inte leva", "Promenad"):
        entry = {"activity": activity, "mood": 2}
        send_tool_entry(treatment=cast.annas, tool="mood_log", entry=entry, key=uuid4(), by=cast.anna, now=NOW)
    while screen_one(NOW):
        pass
    client.force_login(cast.anna)
    shown = client.get(tool()).content.decode()
    assert '<option value="Promenad">' in shown
    assert '<option value="Jag vill inte leva">' not in shown


def test_a_draft_stands_in_the_form(karin: Client, karins: Treatment) -> None:
    save_draft(
        owner=karins.patient.user,
        treatment=karins,
        form_key="tool:mood_log",
        data={"activity": "Halvfärdigt"},
        version=0,
        now=NOW,
    )
    assert 'value="Halvfärdigt"' in karin.get(tool()).content.decode()
    karin.post(tool(), LOG)
    assert not Draft.objects.exists()


def test_a_tool_that_is_not_unlocked_or_unknown_is_not_found(client: Client, cast: Cast) -> None:
    client.force_login(cast.anna)
    for name in ("week_planner", "values", "finns_inte"):
        assert client.get(tool(name)).status_code == 404
        assert client.post(tool(name), {"what": "x", "day": "mon"}).status_code == 404


def test_staff_may_not_open_the_tools(client: Client, cast: Cast) -> None:
    client.force_login(cast.lena)
    assert client.get(reverse("tools")).status_code == 403
    assert client.get(tool()).status_code == 403


def test_entries_of_others_are_never_shown(karin: Client, cast: Cast) -> None:
    theirs = {"activity": "Eriks promenad", "mood": 2}
    sent = send_tool_entry(treatment=cast.eriks, tool="mood_log", entry=theirs, key=uuid4(), by=cast.erik, now=NOW)
    assert "Eriks promenad" not in karin.get(tool(query=f"?receipt={sent.code}")).content.decode()
    assert karin.get(tool(query=f"?edit={sent.code}")).status_code == 404
    assert karin.post(tool(query=f"?edit={sent.code}"), LOG).status_code == 404


def test_an_ended_treatment_shows_the_tool_and_takes_nothing(karin: Client, karins: Treatment) -> None:
    end_treatment(treatment=karins, by=karins.assignment.therapist, now=NOW)
    assert karin.get(tool()).status_code == 200
    answer = karin.post(tool(), LOG)
    assert answer.status_code == 409
    assert 'value="Promenad"' in answer.content.decode()
    assert not Submission.objects.exists()


def test_reading_leaves_an_audit_row(karin: Client) -> None:
    karin.get(tool())
    assert AuditEvent.objects.filter(what="tool:mood_log", did="read").count() == 1


def test_the_page_costs_the_same_with_one_entry_and_with_twenty(
    karin: Client, karins: Treatment, django_assert_max_num_queries
) -> None:
    karin.get(tool())  # the first visit also writes the session's clock
    counts = []
    for number in range(20):
        entry = {"activity": f"Sak {number}", "mood": 5}
        send_tool_entry(treatment=karins, tool="mood_log", entry=entry, key=uuid4(), by=karins.patient.user, now=NOW)
        if number in (0, 19):
            with django_assert_max_num_queries(14) as asked:  # two are savepoints
                karin.get(tool())
            counts.append(len(asked))
    assert counts[0] == counts[1]


def test_goals_whose_words_raised_an_open_flag_are_not_filled_in_again(anna: Client, cast: Cast) -> None:
    """The last goals without such words are; what is being written stands before both."""
    add_tool(treatment=cast.annas, tool="goals", by=cast.berit, now=NOW)
    for minute, goal in enumerate(("Gå ut varje dag", "Jag vill inte leva längre")):
        send_tool_entry(
            treatment=cast.annas, tool="goals", entry={"goals": [{"goal": goal}]}, key=uuid4(), by=cast.anna,
            now=NOW + timedelta(minutes=minute),
        )  # fmt: skip
    page = reverse("tool", args=["goals"])
    while screen_one(NOW + timedelta(minutes=2)):
        pass
    written = anna.get(page).content.decode().partition('<h2 id="written">')[0]
    assert "Gå ut varje dag" in written
    assert "Jag vill inte leva längre" not in written
    draft: dict[str, object] = {"goals-0-goal": "Ett nytt mål"}
    save_draft(owner=cast.anna, treatment=cast.annas, form_key="tool:goals", data=draft, version=0, now=NOW)
    written = anna.get(page).content.decode().partition('<h2 id="written">')[0]
    assert "Jag vill inte leva längre" not in written
