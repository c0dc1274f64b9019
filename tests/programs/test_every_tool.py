"""Each of the tools: add, refuse with nothing lost, change, list, print, what the therapist sees, and nobody else's."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from programs.actions import send_tool_entry
from programs.fields import Field
from programs.models import Page, Submission, Treatment
from programs.tools import EntryKind, tools
from tests.cast import NOW, Cast
from tests.gated import tick_tool_gates
from tests.programs.every_tool import open_every_tool
from tests.programs.whole_entries import WHOLE, as_posted

EACH = sorted(WHOLE)
SCRIPT = "<script>alert(1)</script>"

pytestmark = pytest.mark.usefixtures("friday_morning")


@pytest.fixture
def annas(cast: Cast) -> Treatment:
    """Anna's treatment, with a module that has every tool."""
    return open_every_tool(cast)


@pytest.fixture
def anna(annas: Treatment, client: Client) -> Client:
    client.force_login(annas.patient.user)
    return client


def named(name: str) -> tuple[str, EntryKind, dict[str, Any]]:
    tool, _colon, kind_id = name.partition(":")
    kind = tools()[tool].kind(kind_id)
    assert kind is not None
    return tool, kind, WHOLE[name]


def address(name: str, view: str = "tool", **query: str) -> str:
    tool, _colon, kind = name.partition(":")
    asked = query | ({"kind": kind} if kind and "edit" not in query else {})
    return reverse(view, args=[tool]) + "?" + "&".join(f"{key}={value}" for key, value in asked.items())


def saved(treatment: Treatment, name: str, hours_ago: int = 0) -> Submission:
    tool, _kind, entry = named(name)
    at = NOW - timedelta(hours=hours_ago)
    return send_tool_entry(treatment=treatment, tool=tool, entry=entry, key=uuid4(), by=treatment.patient.user, now=at)


def written_in(kind: EntryKind, entry: dict[str, Any]) -> list[str]:
    """Return the patient's own words in an entry."""
    return [str(entry[field.id]) for field in kind.fields if field.type in ("text", "long") and field.id in entry]


def read(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


@pytest.mark.parametrize("name", EACH)
def test_an_entry_is_saved_listed_printed_and_has_a_week_and_a_chart(anna: Client, annas: Treatment, name: str) -> None:
    tool, kind, entry = named(name)
    assert read(anna, address(name))
    answer = anna.post(address(name), as_posted(entry))
    assert answer.status_code == 302
    sent = Submission.objects.get(form=tool)
    assert sent.answers == entry
    assert {text for _path, text in sent.texts} >= set(written_in(kind, entry))
    for page in (read(anna, answer.url), read(anna, address(name, "tool-print"))):
        assert all(words in page for words in written_in(kind, entry))
        if name not in ("exposure_ladder:steps", "pacing:baseline", "relapse_plan", "sleep_diary"):
            assert "De senaste sju dagarna" in page
        without_chart = ("exposure_ladder:trial", "pacing:baseline", "relapse_plan")
        assert ("Visa som tabell" in page) == (name not in without_chart)
    assert "kan läsa allt som är sparat här" in read(anna, address(name))


@pytest.mark.parametrize("name", EACH)
def test_a_fault_is_said_in_a_sentence_and_all_that_was_typed_is_still_there(
    anna: Client, annas: Treatment, name: str
) -> None:
    _tool, kind, entry = named(name)
    typed = as_posted(entry) | dict(wrong_in(kind))
    page = html.unescape(anna.post(address(name), typed).content.decode())
    assert "data-error-summary" in page
    assert all(words in page for words in [*written_in(kind, entry | typed), *dict(wrong_in(kind)).values()])
    assert not Submission.objects.exists()


def wrong_in(kind: EntryKind) -> list[tuple[str, str]]:
    """Return a value that cannot be taken, for the first number, text, row or else date of a kind of entry."""
    for field in kind.fields:
        if field.type == "number":
            return [(field.id, "-12")]
        if field.type == "text":
            return [(field.id, "b" * 301)]
        if field.type == "rows":
            return [(f"{field.id}.0.{field.fields[0].id}", "b" * 301)]
    return [next((field.id, "snart") for field in kind.fields if field.type == "date")]


@pytest.mark.parametrize("name", EACH)
def test_an_entry_is_changed(anna: Client, annas: Treatment, name: str) -> None:
    _tool, kind, entry = named(name)
    sent = saved(annas, name, hours_ago=3)
    page = read(anna, address(name, edit=str(sent.code)))
    assert all(words in page for words in written_in(kind, entry))
    changed = with_other_words(kind, entry)
    answer = anna.post(address(name, edit=str(sent.code)), as_posted(changed))
    assert answer.status_code == 302
    newest = Submission.objects.get(replaces=sent)
    assert newest.answers == changed
    page = read(anna, answer.url)
    assert page.count('id="entry-') == 1
    assert "Så stod det förut" in page


def with_other_words(kind: EntryKind, entry: dict[str, Any]) -> dict[str, Any]:
    field = next(field for field in kind.fields if field.type in ("text", "number", "rows", "long"))
    if field.type == "rows":
        first, *rest = entry[field.id]
        return {**entry, field.id: [{**first, field.fields[0].id: "Andra ord"}, *rest]}
    return {**entry, field.id: 3 if field.type == "number" else "Andra ord"}


@pytest.mark.parametrize("name", EACH)
def test_the_therapist_sees_it_all_with_the_former_version_and_nobody_else_does(
    client: Client, cast: Cast, annas: Treatment, name: str
) -> None:
    tool, kind, entry = named(name)
    first = saved(annas, name, hours_ago=3)
    send_tool_entry(
        treatment=annas, tool=tool, entry=with_other_words(kind, entry), key=uuid4(), by=cast.anna, now=NOW,
        replaces=first,
    )  # fmt: skip
    place = reverse("patient-tool", args=[annas.patient.code, tool])
    client.force_login(cast.berit)
    page = read(client, place)
    assert all(words in page for words in written_in(kind, entry))
    assert "tidigare version" in page
    assert f"{place}" in read(client, reverse("patient-tools", args=[annas.patient.code]))
    for other, status in ((cast.david, 404), (cast.lena, 403), (cast.anna, 403)):
        client.force_login(other)
        assert client.get(place).status_code == status


@pytest.mark.parametrize("name", EACH)
def test_another_patients_entry_is_not_found(anna: Client, annas: Treatment, cast: Cast, name: str) -> None:
    tick_tool_gates(cast.eriks, cast.berit)
    eriks = saved(cast.eriks, name)
    assert anna.get(address(name, edit=str(eriks.code))).status_code == 404
    assert anna.post(address(name, edit=str(eriks.code)), as_posted(WHOLE[name])).status_code == 404
    assert not Submission.objects.filter(treatment=annas).exists()


@pytest.mark.parametrize("name", EACH)
def test_a_script_is_stored_as_typed_and_never_runs(
    anna: Client, annas: Treatment, client: Client, cast: Cast, name: str
) -> None:
    tool, kind, entry = named(name)
    field = next((field for field, type in inputs(kind) if type.type in ("text", "long")), None)
    if field is None:
        assert name == "tally"  # nothing can be written in it
        return
    answer = anna.post(address(name), as_posted(entry) | {field: SCRIPT})
    pages = [anna.get(answer.url), anna.get(address(name, "tool-print"))]
    client.force_login(cast.berit)
    pages.append(client.get(reverse("patient-tool", args=[annas.patient.code, tool])))
    for page in pages:
        assert SCRIPT not in page.content.decode()
        assert html.escape(SCRIPT) in page.content.decode()


@pytest.mark.parametrize("name", EACH)
def test_a_page_costs_the_same_with_one_entry_and_with_twenty(
    anna: Client, annas: Treatment, django_assert_max_num_queries, name: str
) -> None:
    anna.get(address(name))  # the first visit also writes the session's clock
    counts = []
    for number in range(20):
        first = saved(annas, name, hours_ago=number)
        if number == 10:
            tool, _kind, entry = named(name)
            send_tool_entry(
                treatment=annas, tool=tool, entry=entry, key=uuid4(), by=annas.patient.user, now=NOW, replaces=first
            )
        if number in (0, 19):
            with django_assert_max_num_queries(14) as asked:  # two are savepoints
                anna.get(address(name))
            counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_therapists_page_costs_the_same_with_one_entry_and_with_twenty(
    client: Client, cast: Cast, annas: Treatment, django_assert_max_num_queries
) -> None:
    client.force_login(cast.berit)
    place = reverse("patient-tool", args=[annas.patient.code, "tally"])
    client.get(place)
    counts = []
    for number in range(20):
        saved(annas, "tally", hours_ago=number)
        if number in (0, 19):
            with django_assert_max_num_queries(14) as asked:
                client.get(place)
            counts.append(len(asked))
    assert counts[0] == counts[1]


def test_there_is_one_ladder_which_is_changed_and_never_made_anew(anna: Client, annas: Treatment) -> None:
    first = saved(annas, "exposure_ladder:steps", hours_ago=1)
    page = read(anna, address("exposure_ladder:steps"))
    assert "Ändra: Stå i kön, Åka buss" in page
    anna.post(address("exposure_ladder:steps"), {"steps.0.step": "Ringa"})
    assert Submission.objects.get(replaces=first).answers == {"steps": [{"step": "Ringa"}]}


def test_a_step_moves_once_however_often_it_is_pressed_and_never_over_a_newer_ladder(
    anna: Client, annas: Treatment
) -> None:
    first = saved(annas, "exposure_ladder:steps", hours_ago=1)
    place, up = address("exposure_ladder", edit=str(first.code)), {"move": "steps.1.up", "versions": "0"}
    for _press in range(3):
        anna.post(place, up | {"idempotency_key": str(uuid4())})
    (moved,) = Submission.objects.filter(replaces=first)
    assert [row["step"] for row in moved.answers["steps"]] == ["Åka buss", "Stå i kön"]
    assert anna.post(place, up | {"move": "steps.0.up", "versions": "1"}).status_code == 302


def test_a_step_is_practised_from_the_ladder_in_two_taps(anna: Client, annas: Treatment) -> None:
    saved(annas, "exposure_ladder:steps", hours_ago=1)
    page = read(anna, address("exposure_ladder:trial", suggestion="1"))
    assert '<option value="Åka buss" selected>' in page


def test_ten_steps_can_be_written_and_none_is_lost_when_they_are_changed(anna: Client, annas: Treatment) -> None:
    ten = {"steps": [{"step": f"Steg nummer {number}"} for number in range(10)]}
    anna.post(address("exposure_ladder:steps"), as_posted(ten))
    page = read(anna, address("exposure_ladder:steps"))
    assert all(f'value="Steg nummer {number}"' in page for number in range(10))


def test_a_module_that_asks_for_something_finds_it_chosen(anna: Client, annas: Treatment, cast: Cast) -> None:
    step = annas.steps.get(module__number=3)
    blocks = [
        {
            "type": "tool", "id": "rakna", "use": "tally", "params": {"of": "news", "days": 7}, "prefill": [],
            "instruction": "Räkna.", "instruction_html": "<p>Räkna.</p>",
        }
    ]  # fmt: skip
    Page.objects.create(module=step.module, number=1, slug="ett", title="Ett", blocks=blocks)
    page = read(anna, address("tally", step=str(step.code), block="rakna"))
    assert re.search(r'value="news"[^>]*checked', page)


ANYTHING = st.text(max_size=400) | st.sampled_from(
    ["-1", "1e9", "99999999999", "25:99", "2026-02-30", SCRIPT, "<b>fet</b>", "\0", "\ud800", "", "ja\r\nnej", "٣"]
)


def inputs(kind: EntryKind) -> list[tuple[str, Field]]:
    found = []
    for field in kind.fields:
        if field.type == "rows":
            found += [(f"{field.id}.{row}.{cell.id}", cell) for row in (0, 1) for cell in field.fields]
        else:
            found.append((field.id, field))
    return found


INPUTS = [(name, field) for name in EACH for field, _field in inputs(named(name)[1])]


@settings(
    max_examples=120, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(where=st.sampled_from(INPUTS), typed=ANYTHING)
def test_whatever_is_typed_in_any_field_is_stored_as_typed_or_shown_again_with_a_sentence(
    anna: Client, annas: Treatment, where: tuple[str, str], typed: str
) -> None:
    name, field = where
    storable = typed.encode("utf-8", "ignore").decode()
    before = Submission.objects.count()
    answer = anna.post(address(name), as_posted(WHOLE[name]) | {field: storable})
    if answer.status_code == 302:
        assert Submission.objects.count() == before + 1
        stored = as_posted(Submission.objects.order_by("pk").last().answers).get(field, "")
        assert normal(stored) == normal(storable)
    else:
        page = html.unescape(answer.content.decode())
        assert answer.status_code == 200
        assert "data-error-summary" in page
        kind = dict(inputs(named(name)[1]))[field].type
        if kind not in ("scale", "choice", "day"):  # a tap on what is not there leaves nothing to write again
            assert normal(storable) in normal(page)


def normal(text: str) -> str:
    """Return the text as a form and a page carry it: line ends alike, no NUL, no space around, numbers as numbers."""
    plain = " ".join(text.replace("\0", "").split())
    return str(int(plain)) if plain.isascii() and plain.lstrip("-").isdecimal() and plain.count("-") < 2 else plain
