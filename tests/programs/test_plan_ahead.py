"""The plan ahead: lines saved from anywhere, answers that modules keep, sorted by the patient, readable for a year."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from messaging.actions import send_message
from programs.actions import end_treatment, keep_line, open_module, remove_line, send_module, send_tool_entry
from programs.models import Draft, KeptLine, Module, Page, Step, Treatment
from programs.plans.plan_ahead import PlanAhead, part_ids
from riskmonitor.sweeps import screen_one
from tests.cast import NOW, Cast
from tests.programs.sleepers import keeps_a_diary

pytestmark = pytest.mark.usefixtures("friday_morning")
PLAN, LINE = "/my/plan-ahead/", "/my/plan-ahead/line/"


def question(name: str, keep: str) -> dict[str, Any]:
    return {
        "type": "question", "id": name, "kind": "long", "prompt": "Om … då …?", "prompt_html": "<p>Om … då …?</p>",
        "options": [], "min": None, "max": None, "low": "", "high": "", "required": False, "prefill": [], "keep": keep,
    }  # fmt: skip


@pytest.fixture
def step(cast: Cast) -> Step:
    """A module with an example, a summary, and one question whose answer is kept for the plan."""
    module = Module.objects.create(
        revision=cast.revision, number=3, slug="tre", title="Tre", aim="Du provar.", short=None, notes=[],
        facts={"minutes": {"read": 5, "do": 5, "daily": 5}, "week": 3, "tools": ["mood_log"], "gates": []},
    )  # fmt: skip
    blocks = [
        {"type": "example", "who": "Osman", "age": 47, "html": "<p>Han gick <em>ut</em> &amp; in.</p><p>Två av 3</p>"},
        question("hinder", "relapse_plan"), question("annat", ""),
        {"type": "summary", "items": ["Ett litet steg räcker.", "Samma tid varje dag."]},
        {"type": "send", "html": "<p>Skicka.</p>"},
    ]  # fmt: skip
    Page.objects.create(module=module, number=1, slug="forsta", title="Första", blocks=blocks)
    step = Step.objects.create(treatment=cast.annas, module=module)
    open_module(treatment=cast.annas, module=module, by=cast.berit, now=NOW)
    step.refresh_from_db()
    return step


def on_page(step: Step) -> str:
    return reverse("module-page", args=[step.code, "forsta"])


def saved(treatment: Treatment) -> list[str]:
    return list(treatment.kept_lines.kept().values_list("text", flat=True))


def test_a_line_of_the_summary_is_saved_once_and_can_be_undone(anna: Client, step: Step, cast: Cast) -> None:
    for _twice in range(2):
        answer = anna.post(on_page(step), {"keep": "summary:3:1"})
    assert answer.url == f"{on_page(step)}#keep-summary-3-1"
    assert saved(cast.annas) == ["Samma tid varje dag."]
    assert KeptLine.objects.get().source == "Avsnitt 3: Tre"
    assert "Sparat i min plan. Ångra" in anna.get(on_page(step)).text
    assert "Samma tid varje dag." in anna.get(PLAN).text
    anna.post(on_page(step), {"unkeep": "summary:3:1"})
    assert saved(cast.annas) == []
    anna.post(on_page(step), {"keep": "summary:3:1"})
    assert saved(cast.annas) == ["Samma tid varje dag."]


def test_an_example_is_saved_as_words_without_markup(anna: Client, step: Step, cast: Cast) -> None:
    anna.post(on_page(step), {"keep": "example:0:0"})
    assert saved(cast.annas) == ["Han gick ut & in. Två av 3"]


def test_what_was_written_on_the_page_is_kept_when_a_line_is_saved(anna: Client, step: Step) -> None:
    anna.post(on_page(step), {"keep": "summary:3:0", "q_hinder": "Halvskriven tanke"})
    assert Draft.objects.get().data == {"q_hinder": "Halvskriven tanke"}


@pytest.mark.parametrize("name", ["summary:3:9", "text:0:0", "", "<script>", "summary:x"])
def test_what_is_no_line_of_the_page_is_not_saved(anna: Client, step: Step, cast: Cast, name: str) -> None:
    anna.post(on_page(step), {"keep": name})
    assert saved(cast.annas) == []


def test_own_entries_and_the_therapists_words_can_be_saved(anna: Client, cast: Cast) -> None:
    mood = {"activity": "Promenad vid ån", "mood": 7}
    sent = send_tool_entry(treatment=cast.annas, tool="mood_log", entry=mood, key=uuid4(), by=cast.anna, now=NOW)
    entry = reverse("plan-keep-entry", args=[sent.code])
    assert entry in anna.get("/my/tools/mood_log/").text
    assert anna.post(entry).url == f"/my/tools/mood_log/#entry-{sent.code}"
    message = send_message(
        treatment=cast.annas, text="Du ringde fast det tog emot.", key=uuid4(), by=cast.berit, now=NOW
    )
    keep = reverse("message-keep", args=[message.code])
    assert keep in anna.get("/my/messages/").text
    assert anna.post(keep).url == f"/my/messages/#message-{message.code}"
    assert saved(cast.annas) == ["Promenad vid ån", "Du ringde fast det tog emot."]
    assert "Meddelande från Berit" in anna.get(PLAN).text
    anna.post(keep, {"undo": "1"})
    anna.post(entry, {"undo": "1"})
    assert saved(cast.annas) == []


def test_others_words_are_not_found(cast: Cast, client: Client, step: Step) -> None:
    mood = {"activity": "Promenad", "mood": 7}
    sent = send_tool_entry(treatment=cast.annas, tool="mood_log", entry=mood, key=uuid4(), by=cast.anna, now=NOW)
    message = send_message(treatment=cast.annas, text="Hej", key=uuid4(), by=cast.berit, now=NOW)
    own = send_message(treatment=cast.eriks, text="Mina egna ord", key=uuid4(), by=cast.erik, now=NOW)
    client.force_login(cast.erik)
    assert client.post(reverse("plan-keep-entry", args=[sent.code])).status_code == 404
    assert client.post(reverse("message-keep", args=[message.code])).status_code == 404
    assert client.post(reverse("message-keep", args=[own.code])).status_code == 404  # only what the therapist wrote
    assert client.post(on_page(step), {"keep": "summary:3:0"}).status_code == 404
    line = keep_line(treatment=cast.annas, origin="entry:x", source="s", text="Annas", by=cast.anna, now=NOW)
    assert client.post(LINE, {"line": str(line.key), "remove": "1"}).status_code == 404
    assert "Annas" not in client.get(PLAN).text


def test_answers_that_modules_keep_stand_in_the_plan_as_last_sent(anna: Client, step: Step, cast: Cast) -> None:
    for words in ("Om det regnar, då tar jag trappan", "Om det regnar, då ringer jag Lisa"):
        answers = {"hinder": words, "annat": "Inte till planen"}
        send_module(step=step, answers=answers, key=uuid4(), by=cast.anna, now=NOW + timedelta(minutes=len(words)))
    page = anna.get(PLAN).text
    assert "då ringer jag Lisa" in page
    assert "trappan" not in page
    assert "Inte till planen" not in page
    assert "Från avsnitt 3, 20 november" in page


def test_an_answer_that_raised_an_open_flag_waits(anna: Client, step: Step, cast: Cast) -> None:
    send_module(step=step, answers={"hinder": "Jag vill ta livet av mig"}, key=uuid4(), by=cast.anna, now=NOW)
    assert "ta livet" in anna.get(PLAN).text  # not screened yet
    while screen_one(NOW + timedelta(hours=1)):
        pass
    assert "ta livet" not in anna.get(PLAN).text


def test_lines_are_sorted_taken_out_and_put_back(anna: Client, step: Step, cast: Cast) -> None:
    send_module(step=step, answers={"hinder": "Om … då …"}, key=uuid4(), by=cast.anna, now=NOW)
    [line] = PlanAhead(cast.annas).unsorted
    assert not KeptLine.objects.exists()
    anna.post(LINE, {"line": str(line.key), "part": "risky"})
    assert PlanAhead(cast.annas).unsorted == []
    assert [part.id for part in PlanAhead(cast.annas).parts if part.lines] == ["risky"]
    anna.post(LINE, {"line": str(line.key), "remove": "1"})
    assert PlanAhead(cast.annas).lines == []
    assert "Borttaget (1)" in anna.get(PLAN).text
    anna.post(LINE, {"line": str(line.key), "restore": "1"})
    assert [each.part for each in PlanAhead(cast.annas).lines] == ["risky"]


@pytest.mark.parametrize("data", [{"line": "x"}, {"line": str(UUID(int=1))}, {}])
def test_a_line_that_is_not_there_is_not_found(anna: Client, data: dict[str, str]) -> None:
    assert anna.post(LINE, data).status_code == 404


def test_a_part_that_is_not_there_is_not_found(anna: Client, cast: Cast) -> None:
    line = keep_line(treatment=cast.annas, origin="entry:x", source="s", text="t", by=cast.anna, now=NOW)
    assert anna.post(LINE, {"line": str(line.key), "part": "review"}).status_code == 404
    assert "review" not in part_ids()


def test_the_last_module_tidies_it_in_the_tool(anna: Client, cast: Cast) -> None:
    keeps_a_diary(cast)
    keep_line(treatment=cast.annas, origin="entry:x", source="Min dag", text="Promenad", by=cast.anna, now=NOW)
    tool = "/my/tools/relapse_plan/"
    page = anna.get(tool).text
    assert "Promenad" in page
    assert f'action="{LINE}"' in page
    answer = anna.post(tool, {"signs": "Jag tackar nej", "review": "2027-01-10", "idempotency_key": str(uuid4())})
    assert answer.status_code == 302
    assert "\nJag tackar nej</textarea>" in anna.get(tool).text  # each save is the whole plan
    for url in (PLAN, "/my/plan-ahead/print/"):
        page = anna.get(url).text
        assert "Jag tackar nej" in page
        assert "Promenad" in page
        assert "10 januari 2027" in page


def test_staff_read_it_and_copy_it_for_the_record(cast: Cast, client: Client) -> None:
    keep_line(
        treatment=cast.annas,
        origin="entry:x",
        source="Min dag",
        text="Promenad <b>",
        by=cast.anna,
        now=NOW,
        part="helped",
    )
    client.force_login(cast.berit)
    url = reverse("patient-plan-ahead", args=[cast.annas.patient.code])
    page = client.get(url).text
    assert "- Promenad &lt;b&gt;" in page
    assert "Det här har hjälpt mig" in page
    client.force_login(cast.david)
    assert client.get(url).status_code == 404


def test_it_can_be_read_for_a_year_after_the_end_and_not_changed(anna: Client, cast: Cast) -> None:
    line = keep_line(treatment=cast.annas, origin="entry:x", source="Min dag", text="Promenad", by=cast.anna, now=NOW)
    end_treatment(treatment=cast.annas, reason="", by=cast.berit, now=NOW)
    assert "Promenad" in anna.get(PLAN).text
    assert LINE not in anna.get(PLAN).text
    anna.post(LINE, {"line": str(line.key), "remove": "1"})
    assert saved(cast.annas) == ["Promenad"]
    Treatment.objects.filter(pk=cast.annas.pk).update(ended_at=NOW - timedelta(days=366))
    assert anna.get(PLAN).status_code == 404


def test_the_plan_costs_as_much_for_one_line_as_for_fifty(
    anna: Client, cast: Cast, step: Step, django_assert_max_num_queries: Any
) -> None:
    send_module(step=step, answers={"hinder": "Om … då …"}, key=uuid4(), by=cast.anna, now=NOW)
    for number in range(50):
        keep_line(treatment=cast.annas, origin="entry:x", source="s", text=str(number), by=cast.anna, now=NOW)
    anna.get(PLAN)
    with django_assert_max_num_queries(14):  # twelve, and the two marks of the transaction
        anna.get(PLAN)


def test_words_that_raised_a_flag_do_not_come_into_the_plan_among_others_nor_back_from_what_was_taken_out(
    anna: Client, cast: Cast
) -> None:
    risky = "Jag orkar inte leva längre."
    goals: dict[str, object] = {"goals": [{"goal": "Gå ut"}, {"goal": risky}]}
    sent = send_tool_entry(treatment=cast.annas, tool="goals", entry=goals, key=uuid4(), by=cast.anna, now=NOW)
    line = keep_line(treatment=cast.annas, origin="entry:x", source="Mål", text=risky, by=cast.anna, now=NOW)
    remove_line(line=line, by=cast.anna, now=NOW)
    assert risky in anna.get(PLAN).text  # the red twin: nobody has screened it yet
    while screen_one(NOW + timedelta(seconds=1)):
        pass
    anna.post(reverse("plan-keep-entry", args=[sent.code]))
    assert saved(cast.annas) == []
    assert risky not in anna.get(PLAN).text
