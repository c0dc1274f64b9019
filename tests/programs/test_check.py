"""Each code of the checker has a broken file; the sound programme has none of these faults."""

from __future__ import annotations

import functools
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from programs.instruments import Listed, load_instruments, load_registry, word_runs
from programs.library_format import Fault, check, load_words, programme_hash, read_programme
from programs.library_format.editions import changed_edition_faults, publishing_faults, reused_id_faults
from programs.library_format.faults import texts
from programs.library_format.limits import YOUTH, limits_for
from programs.library_format.measures import borrowed_wording_faults, shipped_wording_faults
from programs.library_format.report import check_library
from programs.library_format.structure import ProgrammeFile
from programs.tools import LIBRARY, tools
from tests.programs.whole import write_whole

HERE = Path(__file__).parent
SOUND = HERE / "sound" / "prov"
EDITIONS = ("E01", "E02", "E03")  # about a stored edition and its changed files
CASES = [
    (path.stem, case)
    for path in sorted((HERE / "broken").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
]
OF_ONE_FOLDER = [(code, case) for code, case in CASES if code not in (*EDITIONS, "I03")]
REGISTRY, WORDS, TOOLS = load_registry(LIBRARY), load_words(LIBRARY), tools()
WORDS_ONLY = {"hint", "kind", "what", "reason", "command", "load", "publish", "new"}  # sentences without a code


def all_faults(folder: Path) -> list[Fault]:
    programme, faults = read_programme(folder)
    return faults + (check(programme, REGISTRY, WORDS, TOOLS) if programme else [])


def sound_programme() -> ProgrammeFile:
    programme, _ = read_programme(SOUND)
    assert programme is not None
    return programme


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SOUND, tmp_path / "prov"))


def apply(folder: Path, change: dict[str, Any]) -> None:
    """Change one file: copy it, write it whole, or replace a text (up to and with `until`, when given)."""
    path = folder / change["file"]
    path.parent.mkdir(exist_ok=True)
    if "copy" in change:
        shutil.copy(folder / change["copy"], path)
    elif change["replace"] is None:
        path.write_text(change["with"], encoding="utf-8")
    else:
        text = path.read_text(encoding="utf-8")
        assert change["replace"] in text, change
        start = text.index(change["replace"])
        until = change.get("until")
        end = text.index(until, start) + len(until) if until else start + len(change["replace"])
        path.write_text(text[:start] + change["with"] + text[end:], encoding="utf-8")


@functools.cache
def places_in_the_sound_programme() -> frozenset[tuple[str, int, str]]:
    return frozenset(place(fault) for fault in all_faults(SOUND) if fault.code != "P03")


def place(fault: Fault) -> tuple[str, int, str]:
    return fault.file, fault.line, fault.code


def test_the_sound_programme_only_lacks_what_a_draft_may_lack_and_words() -> None:
    found = all_faults(SOUND)
    assert {fault.code for fault in found if fault.warning} == {"P03", "T01"}
    assert [str(fault) for fault in found if not fault.warning] == []


@pytest.mark.parametrize(("code", "case"), OF_ONE_FOLDER, ids=[f"{c} {case['why']}" for c, case in OF_ONE_FOLDER])
def test_a_broken_file_is_told_with_file_line_and_reason(folder: Path, code: str, case: dict[str, Any]) -> None:
    known = places_in_the_sound_programme()
    for change in case["changes"]:
        apply(folder, change)
    not_written = texts()["P03.missing_file"].partition("}")[2]
    found = [
        fault
        for fault in sorted(set(all_faults(folder)))
        if place(fault) not in known and not fault.message.endswith(not_written)
    ]
    told = [
        (fault.code, fault.file, fault.warning, fault.message, line_of(folder, fault))
        for fault in found
    ]  # fmt: skip
    missing = [expected for expected in case["expect"] if not any(matches(expected, one) for one in told)]
    surplus = [one for one in told if not any(matches(expected, one) for expected in case["expect"])]
    assert (missing, surplus) == ([], [])
    assert code in {fault.code for fault in found}


def line_of(folder: Path, fault: Fault) -> str:
    lines = (folder / fault.file).read_text(encoding="utf-8").splitlines()
    return lines[fault.line - 1]


def matches(expected: dict[str, Any], one: tuple[str, str, bool, str, str]) -> bool:
    code, file, warning, message, line = one
    return (
        (code, file, warning) == (expected["code"], expected["file"], expected.get("warning", False))
        and expected["says"] in message
        and expected["at"].rstrip("\n") in line
    )


def test_every_code_has_a_broken_file() -> None:
    codes = {key.partition(".")[0] for key in texts()} - WORDS_ONLY
    assert codes == {code for code, _ in CASES}


@pytest.mark.parametrize("case", [case for code, case in CASES if code == "I03"], ids=lambda case: case["why"])
def test_an_instrument_of_the_library_in_other_words_is_told(tmp_path: Path, case: dict[str, Any]) -> None:
    made = library(tmp_path)
    for each in case["changes"]:
        apply(made, each)
    found = [(fault.code, fault.file, fault.message) for fault in check_library(made).faults]
    for expected in case["expect"]:
        assert (expected["code"], expected["file"], expected["says"]) in found


@pytest.mark.parametrize(
    ("code", "case"),
    [(code, case) for code, case in CASES if code in EDITIONS],
    ids=[f"{code} {case['why']}" for code, case in CASES if code in EDITIONS],
)
def test_what_an_edition_may_not_do_is_told(tmp_path: Path, code: str, case: dict[str, Any]) -> None:
    folder = write_whole(tmp_path)
    first, _ = read_programme(folder)
    published = programme_hash(folder)
    for each in case["changes"]:
        apply(folder, each)
    later, form = read_programme(folder)
    assert first is not None
    assert later is not None
    found = changed_edition_faults(later, programme_hash(folder), published)
    found += reused_id_faults(later.source_modules, first.source_modules, first.edition)
    faults, today = form + check(later, REGISTRY, WORDS, TOOLS), date(2026, 11, 21)
    found += publishing_faults(later.facts, faults, today=today, published=[] if code == "E02" else [first.edition])
    told = [(one.code, one.file, one.warning, one.message, line_of(folder, one)) for one in found]
    for expected in case["expect"]:
        assert any(matches(expected, one) for one in told), (expected, told)


def test_what_a_draft_may_lack_is_an_error_in_review(folder: Path) -> None:
    apply(folder, {"file": "programme.yaml", "replace": "status: draft", "with": "status: review"})
    found = [fault for fault in all_faults(folder) if "ingen fil" in fault.message]
    assert len(found) == 4
    assert not any(fault.warning for fault in found)


def test_a_changed_item_of_a_shipped_instrument_is_told() -> None:
    phq9 = load_instruments(LIBRARY / "instruments")["phq9"]
    assert shipped_wording_faults({"phq9": phq9}, REGISTRY) == []
    third = replace(phq9.items[2], words={**phq9.items[2].words, "sv": "Svårt att sova"})
    changed = replace(phq9, items=(*phq9.items[:2], third, *phq9.items[3:]))
    (found,) = shipped_wording_faults({"phq9": changed}, REGISTRY)
    assert (found.code, found.message) == ("I03", "PHQ-9 fråga 3 är ändrad. Ordalydelsen får inte ändras.")


def test_six_words_in_a_row_of_a_gated_instrument_are_recognised(folder: Path) -> None:
    invented = "Jag har tappat bort min gröna hatt på torget"
    gated = {"hatt": Listed("hatt", "gated", 1, word_runs=frozenset(word_runs(invented)))}
    apply(folder, {"file": "sv/01-ett.md", "replace": "Den är kort.", "with": "Tappat bort, min gröna hatt på bussen."})
    programme, _ = read_programme(folder)
    assert programme is not None
    (found,) = borrowed_wording_faults(programme, gated)
    assert (found.code, found.file) == ("I02", "sv/01-ett.md")
    assert borrowed_wording_faults(sound_programme(), gated) == []


def test_a_published_edition_may_not_change(folder: Path) -> None:
    published = programme_hash(folder)
    assert changed_edition_faults(sound_programme(), published, published) == []
    assert changed_edition_faults(sound_programme(), published, None) == []
    apply(folder, {"file": "sv/01-ett.md", "replace": "Den är kort.", "with": "Den är liten."})
    (found,) = changed_edition_faults(sound_programme(), programme_hash(folder), published)
    assert found.message == "Utgåva 1 är publicerad och får inte ändras. Höj edition."


def test_the_hash_knows_names_and_contents_but_not_hidden_files(folder: Path) -> None:
    first = programme_hash(folder)
    (folder / ".swp").write_text("x", encoding="utf-8")
    assert programme_hash(folder) == first
    (folder / "sv" / "01-ett.md").rename(folder / "sv" / "01-en.md")
    assert programme_hash(folder) != first


def test_a_named_exception_lets_a_forbidden_phrase_stand_on_its_page_only(tmp_path: Path, folder: Path) -> None:
    apply(folder, {"file": "sv/01-ett.md", "replace": "Den är kort.", "with": "Du måste ingenting."})
    exception = "[{phrase: du måste, programme: prov, module: ett, page: PAGE, reason: prov}]"
    own = (LIBRARY / "words.yaml").read_text(encoding="utf-8")
    programme, _ = read_programme(folder)
    assert programme is not None
    codes = {}
    for page in ("hej", "varfor"):
        text = own.replace("exceptions: []", "exceptions: " + exception.replace("PAGE", page), 1)
        (tmp_path / "words.yaml").write_text(text, encoding="utf-8")
        codes[page] = {fault.code for fault in check(programme, REGISTRY, load_words(tmp_path), TOOLS)}
    assert "T05" not in codes["hej"]
    assert "T05" in codes["varfor"]


def test_youth_programmes_have_tighter_limits() -> None:
    programme = sound_programme()
    assert limits_for(replace(programme, audience={"age_min": 13, "track": "youth"})) is YOUTH


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = 0
    try:
        call_command("check_programs", *arguments)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, capsys.readouterr().out


def library(tmp_path: Path) -> Path:
    """Return a library with the real registry, words, tools and instruments, and the sound programme."""
    made = tmp_path / "library"
    made.mkdir()
    for path in LIBRARY.glob("*.yaml"):
        shutil.copy(path, made)
    shutil.copytree(LIBRARY / "instruments", made / "instruments")
    shutil.copytree(SOUND, made / "prov")
    return made


def test_the_command_prints_file_line_code_and_message_and_ends_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = library(tmp_path)
    apply(made / "prov", {"file": "sv/01-ett.md", "replace": "Den är kort.", "with": "Du måste ingenting."})
    code, out = run("prov", "--library", str(made), capsys=capsys)
    assert code == 1
    assert "prov/sv/01-ett.md:1  T01 W  Avsnittet har" in out
    assert 'T05  "Du måste" finns på listan' in out
    assert 'prov/programme.yaml:14  P03 W  Avsnittet "tre" har ingen fil ännu.' in out
    assert out.splitlines()[-1] == "1 program, 1 fel, 6 varningar"


def test_the_command_writes_json_with_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = library(tmp_path)
    apply(made / "prov", {"file": "sv/01-ett.md", "replace": "Den är kort.", "with": "Du måste ingenting."})
    code, out = run("--json", "--library", str(made), capsys=capsys)
    said = json.loads(out)
    assert code == 1
    assert list(said) == ["programs", "errors", "warnings"]
    assert list(said["programs"][0]) == ["slug", "modules", "words", "lix_mean", "lix_max", "status"]
    (figures,) = said["programs"]
    assert {key: figures[key] for key in ("slug", "modules", "status")} == {
        "slug": "prov", "modules": 2, "status": "draft",
    }  # fmt: skip
    assert figures["lix_mean"] <= figures["lix_max"] < 35
    assert {error["code"] for error in said["errors"]} == {"T05"}
    assert set(said["warnings"][0]) == {"file", "line", "code", "message"}


def test_the_command_says_when_a_programme_or_the_library_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="finns-inte"):
        call_command("check_programs", "finns-inte")
    with pytest.raises(CommandError, match=str(tmp_path)):
        call_command("check_programs", library=tmp_path)


def test_a_broken_programme_file_gives_faults_and_no_programme(folder: Path) -> None:
    (folder / "programme.yaml").write_bytes(b"\xff\xfe")
    assert [fault.code for fault in all_faults(folder)] == ["P02"]
    assert read_programme(folder)[0] is None


def test_the_shipped_programmes_have_no_errors(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = run(capsys=capsys)
    assert code == 0, out


@pytest.mark.parametrize(
    "text",
    [
        "Du får svar senast {{svarsdag}}.",
        "Du behöver inte svara direkt.",
        "Inom två veckor märker många en skillnad.",
        "Vila i 10 minuter klockan 08.30 den 3 december 2026.",
        "Skalan går från 0 till 10, och 0–3 är lågt.",
        "Det är normalt att tveka, och vanligt att bli försvagad av feber.",
        "Halvvägs. Latmask är ett gammalt ord.",
    ],
)
def test_ordinary_sentences_are_let_through(folder: Path, text: str) -> None:
    apply(folder, {"file": "sv/01-ett.md", "replace": "Den är kort.", "with": text})
    found = {fault.code for fault in all_faults(folder)}
    assert found & {"T04", "T05", "T06", "D06"} == set()
