"""A patient reads a module, writes on its pages, and sends it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEvent, Competence, Membership
from programs.actions import end_treatment, load_programme, open_module, save_draft, send_module, tick_gate
from programs.actions.answers import step_key
from programs.forms.typed import replaces
from programs.library_format import programme_hash, read_programme
from programs.models import Draft, Step, Submission
from programs.pages import recall
from programs.treatment.gates import Gates
from riskmonitor.actions import close_flag
from riskmonitor.flags.withheld import flagged_answers
from riskmonitor.models import Flag
from riskmonitor.sweeps import screen_one
from tests.cast import NOW, PROGRAMME, Cast, make_treatment, make_user

LIBRARY = Path("programs/library")

pytestmark = pytest.mark.usefixtures("friday_morning")


@pytest.fixture
def step(cast: Cast) -> Step:
    return cast.annas.steps.get(module__number=1)


def page(step: Step, slug: str = "forsta") -> str:
    return reverse("module-page", args=[step.code, slug])


def send(step: Step) -> str:
    return reverse("module-send", args=[step.code])


def test_the_module_leads_to_the_page_where_the_patient_was(anna: Client, step: Step) -> None:
    assert anna.get(reverse("module", args=[step.code])).url == page(step)
    anna.get(page(step, "skicka"))
    assert anna.get(reverse("module", args=[step.code])).url == page(step, "skicka")


def test_a_page_shows_its_text_with_names_filled_in_and_the_banner_of_a_draft(anna: Client, step: Step) -> None:
    shown = anna.get(page(step)).content.decode()
    assert "Hej Anna." in shown
    assert "Utkast – inte granskat av legitimerad personal" in shown
    assert "Avsnitt 1, sida 1 av 2" in shown
    assert "{{" not in shown


def test_reading_leaves_an_audit_row(anna: Client, cast: Cast, step: Step) -> None:
    before = AuditEvent.objects.count()
    anna.get(page(step))
    row = AuditEvent.objects.order_by("pk").last()
    assert AuditEvent.objects.count() == before + 1
    assert (row.actor, row.did, row.what) == (cast.anna.code, "read", f"step:{step.code}")


def test_continue_keeps_the_words_as_a_draft_and_goes_on(anna: Client, step: Step) -> None:
    answer = anna.post(page(step), {"q_tanke": "Jag är trött 🌧"})
    assert answer.url == page(step, "skicka")
    assert Draft.objects.get().data == {"q_tanke": "Jag är trött 🌧"}
    assert "Jag är trött 🌧" in anna.get(page(step)).content.decode()
    assert not Submission.objects.exists()


def test_save_and_leave_goes_home(anna: Client, step: Step) -> None:
    assert anna.post(page(step), {"q_tanke": "Mer sen", "later": "1"}).url == reverse("patient-home")
    assert Draft.objects.get().data["q_tanke"] == "Mer sen"


def test_a_page_left_blank_leaves_no_draft(anna: Client, step: Step) -> None:
    anna.post(page(step), {"q_tanke": " "})
    assert not Draft.objects.exists()


def test_sending_stores_what_was_written_on_all_pages_once(anna: Client, cast: Cast, step: Step) -> None:
    anna.post(page(step), {"q_tanke": "Det gick bra"})
    key = str(step_key(step, None))
    for _twice in range(2):
        answer = anna.post(send(step), {"idempotency_key": key})
        assert answer.url == reverse("module-receipt", args=[step.code])
    sent = Submission.objects.get()
    assert (sent.answers, sent.kind, sent.treatment) == ({"tanke": "Det gick bra"}, "module", cast.annas)
    assert not Draft.objects.exists()
    step.refresh_from_db()
    assert step.sent_at == NOW


def test_the_receipt_says_who_reads_and_by_when_and_where_help_is(anna: Client, step: Step) -> None:
    anna.post(send(step), {})
    shown = anna.get(reverse("module-receipt", args=[step.code])).content.decode()
    assert "Berit Almgren läser det och svarar senast onsdag 25 november." in shown
    assert 'href="tel:112"' in shown


def test_there_is_no_receipt_for_what_was_not_sent(anna: Client, step: Step) -> None:
    assert anna.get(reverse("module-receipt", args=[step.code])).url == reverse("module", args=[step.code])


def test_after_sending_the_answers_stand_on_the_page_and_can_be_sent_again(anna: Client, step: Step) -> None:
    anna.post(page(step), {"q_tanke": "Först"})
    anna.post(send(step), {})
    assert "Först" in anna.get(page(step)).content.decode()
    anna.post(page(step), {"q_tanke": "Först, och nu mer"})
    anna.post(send(step), {})
    assert [each.answers["tanke"] for each in Submission.objects.order_by("pk")] == ["Först", "Först, och nu mer"]


def test_too_long_text_is_refused_in_a_sentence_and_kept(anna: Client, step: Step) -> None:
    long = "a" * 1_000_000
    answer = anna.post(page(step), {"q_tanke": long})
    assert answer.status_code == 200
    assert "Texten är för lång. Den får ha högst 10000 tecken." in answer.content.decode()
    assert Draft.objects.get().data["q_tanke"] == long
    answer = anna.post(send(step), {})
    assert "Texten är för lång" in answer.content.decode()
    assert not Submission.objects.exists()


def test_nul_is_taken_away_and_nothing_else(anna: Client, step: Step) -> None:
    anna.post(page(step), {"q_tanke": "Före\0efter"})
    anna.post(send(step), {})
    assert Submission.objects.get().answers == {"tanke": "Föreefter"}


def test_two_tabs_with_different_texts_show_both_and_overwrite_nothing(anna: Client, cast: Cast, step: Step) -> None:
    key = f"page:{step.code}:forsta"
    data = {"q_tanke": "Det här skrev jag på telefonen"}
    save_draft(owner=cast.anna, treatment=cast.annas, form_key=key, data=data, version=0, now=NOW)
    answer = anna.post(page(step), {"version": "0", "q_tanke": "Något helt annat, från datorn"})
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Det här skrev jag på telefonen" in shown
    assert "Något helt annat, från datorn" in shown
    assert Draft.objects.get().data == data
    anna.post(page(step), {"version": "1", "q_tanke": "Båda delarna"})
    assert Draft.objects.get().data == {"q_tanke": "Båda delarna"}


def test_ones_own_save_that_was_not_answered_when_the_form_was_sent_is_no_second_place(
    anna: Client, cast: Cast, step: Step
) -> None:
    key = f"page:{step.code}:forsta"
    first = {"q_tanke": "Först skrev jag det här & något till, på två\nrader"}
    save_draft(owner=cast.anna, treatment=cast.annas, form_key=key, data=first, version=0, now=NOW)
    sent = {"version": "0", "q_tanke": "Sedan blev det något helt annat"}
    assert anna.post(page(step), sent | {"unanswered": urlencode({"q_tanke": "Ännu en annans ord"})}).status_code == 409
    assert anna.post(page(step), sent | {"unanswered": urlencode(first)}).status_code == 302
    assert Draft.objects.get().data == {"q_tanke": "Sedan blev det något helt annat"}


def test_a_text_written_on_takes_the_place_of_what_autosave_kept() -> None:
    assert replaces({"q_a": "Jag gick ut i dag igen"}, {"q_a": "Jag gick ut i dag"})
    assert replaces({"q_a": "Jag gick ut"}, {"q_a": "Jag gick ut i"})
    assert replaces({"q_b": ["x"]}, {"q_b": ["y"]})
    assert not replaces({"q_a": "Något annat"}, {"q_a": "Jag gick ut i dag"})


def test_others_and_closed_modules_are_not_found(anna: Client, cast: Cast) -> None:
    closed, others = cast.annas.steps.get(module__number=2), cast.eriks.steps.get(module__number=1)
    for step in (closed, others):
        assert anna.get(reverse("module", args=[step.code])).status_code == 404
        assert anna.get(page(step)).status_code == 404
        assert anna.post(page(step), {"q_tanke": "x"}).status_code == 404
        assert anna.post(send(step), {}).status_code == 404
        assert anna.get(reverse("module-receipt", args=[step.code])).status_code == 404
        assert anna.get(reverse("module-short", args=[step.code])).status_code == 404
    assert anna.get(reverse("module", args=[uuid4()])).status_code == 404
    assert not Draft.objects.exists()


def test_an_unknown_page_is_not_found(anna: Client, step: Step) -> None:
    assert anna.get(page(step, "finns-inte")).status_code == 404


def test_staff_may_not_open_it(client: Client, cast: Cast, step: Step) -> None:
    client.force_login(cast.berit)
    assert client.get(page(step)).status_code == 403
    assert client.post(send(step), {}).status_code == 403


def test_sending_is_a_change_and_needs_a_post(anna: Client, step: Step) -> None:
    assert anna.get(send(step)).status_code == 405


def test_an_ended_treatment_can_be_read_for_a_year_and_takes_nothing(anna: Client, cast: Cast, step: Step) -> None:
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    shown = anna.get(page(step)).content.decode()
    assert "Din behandling är avslutad." in shown
    assert "Fortsätt</button>" not in shown
    answer = anna.post(send(step), {"q_tanke": "x"})
    assert answer.status_code == 409
    answer = anna.post(page(step), {"q_tanke": "Mina sista ord"})
    assert answer.status_code == 409
    assert "Mina sista ord" in answer.content.decode()
    assert not Draft.objects.exists()
    assert not Submission.objects.exists()
    with time_machine.travel(NOW + timedelta(days=366)):
        anna.force_login(cast.anna)
        assert anna.get(page(step)).status_code == 404


def test_a_page_costs_at_most_twelve_queries_however_much_was_sent(
    anna: Client, cast: Cast, step: Step, django_assert_max_num_queries
) -> None:
    anna.get(page(step))
    counts = []
    for number in range(20):
        if number in (1, 19):
            with django_assert_max_num_queries(14) as asked:  # two of them are savepoints of the test itself
                anna.get(page(step))
            counts.append(len(asked))
        send_module(step=step, answers={"tanke": f"Rad {number}"}, key=uuid4(), by=cast.anna, now=NOW)
    assert counts[0] == counts[1]


# --- The real programme


def open_all(cast: Cast, client: Client, slug: str) -> list[Step]:
    """Open all modules of a shipped programme for a patient of Berit's, every checklist ticked, and sign her in."""
    programme, faults = read_programme(LIBRARY / slug)
    assert programme is not None
    assert not [fault for fault in faults if not fault.warning]
    revision, _new = load_programme(programme=programme, content_hash=programme_hash(LIBRARY / slug), now=NOW)
    for membership in Membership.objects.filter(user__in=[cast.berit, cast.cecilia]):
        Competence.objects.get_or_create(membership=membership, programme=slug)
    karin = make_user("Karin", "Berg")
    treatment = make_treatment(karin, cast.eken, cast.berit, cast.cecilia, revision)
    for gate in Gates(treatment).all:
        tick_gate(treatment=treatment, gate=gate.id, items=gate.lines, by=cast.berit, now=NOW)
    for step in treatment.steps.all():
        open_module(treatment=treatment, module=step.module, by=cast.berit, now=NOW)
    client.force_login(karin)
    return list(treatment.steps.open())


@pytest.fixture
def real(cast: Cast, client: Client) -> list[Step]:
    return open_all(cast, client, PROGRAMME)


@pytest.mark.parametrize("slug", sorted(path.parent.name for path in LIBRARY.glob("*/programme.yaml")))
def test_every_page_of_every_module_is_shown(cast: Cast, client: Client, slug: str) -> None:
    steps = open_all(cast, client, slug)
    assert len(steps) == len(read_programme(LIBRARY / slug)[0].modules)
    for step in steps:
        assert client.get(reverse("module-short", args=[step.code])).status_code == 200
        for each in step.module.pages.all():
            answer = client.get(page(step, each.slug))
            assert answer.status_code == 200
            shown = answer.content.decode()
            assert each.title in shown
            assert "{{" not in shown
            assert "Utkast" in shown


def test_sent_answers_return_with_their_date_and_fill_in_the_next_module(real: list[Step], client: Client) -> None:
    second, third = real[1], real[2]
    assert "Här visas det du skriver i avsnitt 2." in client.get(page(third, "valkommen")).content.decode()
    client.post(page(second, "las-kartan"), {"q_lyft": ["komma-ut"], "q_lyft_own": "Kaffe på balkongen"})
    client.post(send(second), {})
    shown = client.get(page(third, "valkommen")).content.decode()
    assert "Att komma ut en stund" in shown
    assert "Kaffe på balkongen" in shown
    assert "Från avsnitt 2, 20 november" in shown
    assert "Att komma ut en stund, Kaffe på balkongen" in client.get(page(third, "valj")).content.decode()


def test_an_answer_that_raised_a_flag_does_not_return_until_the_flag_is_closed(
    real: list[Step], client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "_askers", [flagged_answers])
    second, third = real[1], real[2]
    client.post(page(second, "las-kartan"), {"q_lyft_own": "Tanken att ta livet av mig lyfte"})
    client.post(send(second), {})
    screen_one(NOW)
    shown = client.get(page(third, "valkommen")).content.decode()
    assert "ta livet av mig" not in shown
    assert "Här visas det du skriver i avsnitt 2." in shown
    close_flag(
        flag=Flag.objects.get(), by=cast.berit, outcome="not_about_suicide", assessment="Läst", action="",
        contact_at=None, contact_with="", now=NOW,
    )  # fmt: skip
    assert "ta livet av mig" in client.get(page(third, "valkommen")).content.decode()


def test_what_is_chosen_on_one_page_is_suggested_in_the_tool_of_the_next(real: list[Step], client: Client) -> None:
    third = real[2]
    client.post(page(third, "valj"), {"q_skont": ["musik"], "q_nojd_own": "Vattna blommorna"})
    answer = client.post(page(third, "planera"), {"tool": "plan"})
    assert answer.url == f"{reverse('tool', args=['week_planner'])}?step={third.code}&block=plan"
    shown = client.get(answer.url).content.decode()
    assert "Lyssna på två låtar" in shown
    assert "Vattna blommorna" in shown
    chosen = client.get(f"{answer.url}&suggestion=1").content.decode()
    assert 'value="Vattna blommorna"' in chosen


def test_an_answer_becomes_the_title_of_the_first_row_of_the_tool_it_leads_to(cast: Cast, client: Client) -> None:
    first = open_all(cast, client, "oro")[0]
    answer = client.post(page(first, "mal"), {"q_mer-tid_own": "Körsången", "tool": "mina-mal"})
    shown = client.get(answer.url).content.decode()
    assert 'name="goals.0.goal" value="Körsången"' in shown
    client.post(answer.url, {"goals.0.goal": "Sjunga på onsdagar", "key": str(uuid4())})
    assert "Körsången" not in client.get(answer.url).content.decode()


def test_a_tool_on_the_last_page_is_opened_and_the_module_is_not_sent(cast: Cast, client: Client) -> None:
    last = open_all(cast, client, "sjalvkansla")[-1]
    shown = client.get(page(last, "skicka")).content.decode()
    (leads,) = re.findall(r'value="veckans-bevis" formaction="([^"]+)"', shown)
    answer = client.post(leads, {"q_till-behandlaren": "Tack för allt arbete", "tool": "veckans-bevis"})
    assert answer.url.startswith(reverse("tool", args=["strengths"]))
    assert not Submission.objects.exists()
    assert "Tack för allt arbete" in client.get(page(last, "skicka")).content.decode()


def test_a_wrong_value_is_answered_with_its_question(real: list[Step], client: Client) -> None:
    answer = client.post(page(real[2], "valkommen"), {"q_ork": "elva"})
    shown = answer.content.decode()
    assert "Skriv ett helt tal med siffror" in shown
    assert "data-error-summary" in shown
    answer = client.post(page(real[2], "valkommen"), {"q_ork": "11"})
    assert "Välj ett tal från 0 till 10." in answer.content.decode()


def test_a_fault_on_an_earlier_page_is_shown_when_the_module_is_sent(real: list[Step], client: Client) -> None:
    client.post(page(real[2], "valkommen"), {"q_ork": "99", "later": "1"})
    shown = client.post(send(real[2]), {}).content.decode()
    assert "Välkommen tillbaka" in shown
    assert "Välj ett tal från 0 till 10." in shown
    assert not Submission.objects.exists()
