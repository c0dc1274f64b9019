"""Reading programme files: the blocks of the model module, safe HTML, plain JSON, and files that are not whole."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from programs.instruments import load_registry
from programs.library_format import check, load_words, read_programme
from programs.library_format.blocks import (
    BLOCK_TYPES,
    Audio,
    Block,
    Caution,
    More,
    Option,
    Recall,
    Short,
    Summary,
    Tool,
    block_from_json,
)
from programs.library_format.markup import BadAttributes, attributes, split_tail
from programs.library_format.parse_module import parse_module
from programs.library_format.parse_programme import parse_programme
from programs.library_format.placeholders import fill, fill_html, names_in
from programs.library_format.structure import ModuleFile, PageFile, ProgrammeFile
from programs.tools import LIBRARY, tools

HERE = Path(__file__).parent
SOUND = HERE / "sound" / "prov"
MODEL = (HERE / "model" / "03-sma-steg.md").read_text(encoding="utf-8")


def parsed(text: str, file: str = "sv/03-sma-steg.md") -> ModuleFile:
    module, faults = parse_module(text, file)
    assert [str(fault) for fault in faults] == []
    assert module is not None
    return module


@pytest.fixture(scope="module")
def model() -> ModuleFile:
    return parsed(MODEL)


def all_blocks(module: ModuleFile) -> list[Block]:
    found: list[Block] = [block for page in module.pages for block in page.blocks]
    return found + list(module.notes) + ([module.short] if module.short else [])


def test_the_front_matter_of_the_model_module_is_read(model: ModuleFile) -> None:
    assert (model.id, model.number, model.week, model.core, model.feedback) == ("sma-steg", 3, 3, True, "required")
    assert model.opens == {"after": "kartlagg", "days": 6}
    assert model.uses == ("kartlagg.lyft", "kartlagg.uppskjutet")
    assert model.minutes == {"read": 15, "do": 15, "daily": 10}


def test_the_pages_and_blocks_of_the_model_module_are_read_in_order(model: ModuleFile) -> None:
    assert [page.id for page in model.pages] == ["valkommen", "varfor", "mindre", "valj", "planera", "hinder", "skicka"]
    assert model.pages[0].title == "Välkommen tillbaka"
    assert [block.type for block in model.pages[0].blocks] == ["text", "recall", "text", "question", "text"]
    assert Counter(block.type for block in all_blocks(model)) == {
        "text": 13, "question": 8, "example": 3, "therapist": 3, "phrases": 4, "recall": 1, "more": 1, "warning": 1,
        "tool": 1, "summary": 1, "send": 1, "short": 1,
    }  # fmt: skip


def test_questions_tools_and_recalls_hold_what_the_file_says(model: ModuleFile) -> None:
    by_id = {question.id: question for question in model.questions}
    assert (by_id["ork"].kind, by_id["ork"].min, by_id["ork"].max) == ("scale", 0, 10)
    assert (by_id["ork"].low, by_id["ork"].high) == ("ingen alls", "mycket")
    assert by_id["skont"].prompt == "Något som kan kännas skönt:"
    assert by_id["skont"].options[0] == Option("musik", "Lyssna på två låtar")
    assert by_id["skont"].prefill == ("kartlagg.lyft",)
    assert by_id["om-da"].keep == "relapse_plan"
    assert isinstance(model.main_tool, Tool)
    assert (model.main_tool.use, model.main_tool.params) == ("week_planner", {"kind": "activity", "min": 2, "max": 4})
    assert model.main_tool.prefill == ("skont", "nojd")
    (recall,) = model.blocks(Recall)
    assert (recall.address, recall.lead) == ("kartlagg.lyft", "Du skrev att det här kändes lite bättre:")
    (summary,) = model.blocks(Summary)
    assert summary.items[-1] == "En reservplan hör till."


def test_staff_text_is_kept_apart_from_the_pages(model: ModuleFile) -> None:
    on_pages = {block.type for page in model.pages for block in page.blocks}
    assert on_pages.isdisjoint({"therapist", "phrases", "short"})
    assert model.phrases("vagled")[0] == "Hur ser hälften av det steget ut? Börja där, så ser vi."
    assert model.note("look") is not None
    assert model.note("safety") is None
    assert [caution.kind for caution in model.cautions] == ["care"]


def test_every_block_stands_on_its_line(model: ModuleFile) -> None:
    lines = MODEL.splitlines()
    for block in all_blocks(model):
        expected = "::: " + block.type
        line = lines[block.origin.line - 1]
        assert line.startswith(expected) or (block.type == "text" and not line.startswith(":::"))
    for page in model.pages:
        assert lines[page.line - 1].startswith(f"# {page.title}")


def test_a_block_travels_as_plain_json(model: ModuleFile) -> None:
    more = [Audio("media/vila.mp3", 3, "<p>Vila.</p>"), Caution("other", True, "<p>Vänta.</p>")]
    for block in [*all_blocks(model), *more]:
        stored = json.loads(json.dumps(block.to_json()))
        assert stored["type"] == block.type
        assert block_from_json(stored) == block
    for page in model.pages:
        assert PageFile.from_json(json.loads(json.dumps(page.to_json()))) == page
    seen = {block.type for block in [*all_blocks(model), *more]}
    assert seen == set(BLOCK_TYPES)


def test_a_stored_block_that_is_not_whole_is_refused() -> None:
    with pytest.raises(KeyError):
        block_from_json({"type": "more", "html": ""})
    with pytest.raises(KeyError):
        block_from_json({"type": "video"})


def test_text_becomes_safe_html_and_keeps_its_fields(model: ModuleFile) -> None:
    html = " ".join(getattr(block, "html", "") for block in all_blocks(model))
    assert "{{behandlare}}" in html
    assert set(re.findall(r"<([a-z0-9]+)", html)) <= {"p", "ul", "li", "strong", "em", "code", "h2"}


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[klicka](javascript:alert(1))",
        "![x](javascript:alert(1))",
        "<!-- x -->",
        "&lt;script&gt;",
    ],
)
def test_an_attack_in_the_text_is_told_and_cannot_run(attack: str) -> None:
    module, faults = parse_module(MODEL.replace("Läs i din egen takt.", attack), "sv/03-sma-steg.md")
    assert module is not None
    html = " ".join(getattr(block, "html", "") for block in all_blocks(module))
    assert "<script" not in html
    assert "<img src=x" not in html
    assert 'href="javascript' not in html
    assert 'src="javascript' not in html
    assert "D06" in {fault.code for fault in faults}


def test_fields_are_filled_and_escaped() -> None:
    values = {"behandlare": "<b>Berit</b>", "svarsdag": "fredag"}
    assert fill("Skriv till {{behandlare}} {{ svarsdag }}.", values) == "Skriv till <b>Berit</b> fredag."
    assert fill_html("<p>{{behandlare}}</p>", values) == "<p>&lt;b&gt;Berit&lt;/b&gt;</p>"
    assert fill("Till {{datum}}", values) == "Till {{datum}}"
    assert names_in("{{behandlare}} och {{ okänd }}") == ["behandlare", "okänd"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ('{#ork type=scale low="ingen alls"}', {"id": "ork", "type": "scale", "low": "ingen alls"}),
        ('{empty="Skriv. Ett, två"}', {"empty": "Skriv. Ett, två"}),
        ("{.klass}", {"class": "klass"}),
    ],
)
def test_attributes_are_read(text: str, found: dict[str, str]) -> None:
    assert attributes(text) == found


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("{from=ett.lyft}", "D03.quotes"), ("{who=Åsa}", "D03.quotes"), ("{title=Mer", "D03.malformed"),
        ("{required}", "D03.malformed"), ('{title="a"b"}', "D03.malformed"), ("{min=1} max=2", "D03.malformed"),
        ("{min=1 min=2}", "D03.twice"), ("bara ord", "D03.malformed"),
    ],
)  # fmt: skip
def test_attributes_that_cannot_be_read_say_why(text: str, key: str) -> None:
    with pytest.raises(BadAttributes) as caught:
        attributes(text)
    assert caught.value.key == key


def test_a_field_at_the_end_of_a_title_is_not_taken_for_attributes() -> None:
    assert split_tail("Hej {{behandlare}} {#hej}") == ("Hej {{behandlare}}", "{#hej}")
    assert split_tail("Hej {{behandlare}}") == ("Hej {{behandlare}}", "")


def test_a_programme_is_read_with_its_facts_and_its_modules_in_order() -> None:
    programme, faults = read_programme(SOUND)
    assert programme is not None
    assert {fault.code for fault in faults} == {"P03"}
    assert (programme.slug, programme.edition, programme.is_draft) == ("prov", 1, True)
    assert [module.path for module in programme.source_modules] == ["sv/01-ett.md", "sv/02-tva.md"]
    assert programme.facts["evidence"][0]["checked"] == "2026-11-21"
    assert json.loads(json.dumps(programme.facts)) == programme.facts
    assert programme.line("instruments", "schedule", "weekly") == 27
    assert programme.line("instruments", "finns", "inte") == 19
    assert programme.gates[0].checklist["sv"] == ("Läkare är tillfrågad",)


def test_windows_line_ends_and_a_byte_order_mark_are_read_like_others(tmp_path: Path) -> None:
    folder = tmp_path / "prov"
    (folder / "sv").mkdir(parents=True)
    for path in (p for p in SOUND.rglob("*") if p.is_file()):
        text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
        (folder / path.relative_to(SOUND)).write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_programme(folder) == read_programme(SOUND)


def test_a_folder_that_is_not_there_is_a_fault_and_no_programme(tmp_path: Path) -> None:
    programme, faults = read_programme(tmp_path / "inget")
    assert programme is None
    assert [fault.message for fault in faults] == ["Filen programme.yaml saknas."]


def test_a_module_that_cannot_be_read_is_left_out_and_its_reason_told(tmp_path: Path) -> None:
    folder = tmp_path / "prov"
    (folder / "sv").mkdir(parents=True)
    (folder / "programme.yaml").write_bytes((SOUND / "programme.yaml").read_bytes())
    (folder / "sv" / "01-ett.md").write_bytes(b"---\nid: \xff\n---\n")
    programme, faults = read_programme(folder)
    assert programme is not None
    assert programme.source_modules == ()
    assert ("sv/01-ett.md", "P02") in {(fault.file, fault.code) for fault in faults}
    assert not any('"ett" har ingen fil' in fault.message for fault in faults)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, len(MODEL)), st.integers(0, 200), st.sampled_from(["", ":::", "{", "}", "\0", "#", "- ", '"', "🌞"])
)
def test_no_module_however_damaged_raises(start: int, length: int, put: str) -> None:
    module, faults = parse_module(MODEL[:start] + put + MODEL[start + length :], "sv/03-sma-steg.md")
    assert module is not None or faults


JUNK: list[Any] = [None, 7, -1, True, 1.5, "x", "", [], {}, [7], [None], [[]], [{}], {"a": 7}, {"sv": None}]
FACTS: dict[str, Any] = yaml.safe_load((SOUND / "programme.yaml").read_text(encoding="utf-8"))
FRONT: dict[str, Any] = yaml.safe_load(MODEL.split("---\n")[1])
MODULES = {"sv": (parsed((SOUND / "sv" / "01-ett.md").read_text(encoding="utf-8"), "sv/01-ett.md"),)}
REGISTRY, WORDS = load_registry(LIBRARY), load_words(LIBRARY)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*at, key))


def damaged(facts: dict[str, Any], at: tuple[Any, ...], junk: Any) -> str:
    holder: dict[Any, Any] = {"all": copy.deepcopy(facts)}
    path = ("all", *at)
    inner: Any = holder
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = junk
    return yaml.safe_dump(holder["all"])


def checked(programme: ProgrammeFile, texts: dict[str, tuple[ModuleFile, ...]]) -> None:
    check(replace(programme, texts=texts), REGISTRY, WORDS, tools())


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list(places(FACTS))), st.sampled_from(JUNK))
def test_no_fact_of_a_programme_however_wrong_raises(at: tuple[Any, ...], junk: Any) -> None:
    programme, faults = parse_programme(damaged(FACTS, at, junk))
    assert programme is not None or faults
    if programme:
        checked(programme, {} if "modules" in at else MODULES)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(places(FRONT))), st.sampled_from(JUNK))
def test_no_front_matter_however_wrong_raises(at: tuple[Any, ...], junk: Any) -> None:
    body = MODEL.split("---\n", 2)[2]
    module, faults = parse_module(f"---\n{damaged(FRONT, at, junk)}---\n{body}", "sv/03-sma-steg.md")
    assert module is not None or faults
    if module:
        programme, _ = parse_programme((SOUND / "programme.yaml").read_text(encoding="utf-8"))
        assert programme is not None
        checked(programme, {"sv": (*MODULES["sv"], module)})


def test_the_five_minute_version_opens_a_tool(model: ModuleFile) -> None:
    assert isinstance(model.short, Short)
    assert model.short.does == "plan"
    assert next(model.blocks(More)).title == "Vad säger forskningen?"
