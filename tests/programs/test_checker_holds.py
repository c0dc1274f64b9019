"""Whatever stands in a file, the checker ends with faults that name file and line, soon, and never with a traceback."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinics.crisis import contacts
from programs.instruments import load_registry
from programs.library_format import Fault, check, load_words, read_programme
from programs.library_format.report import check_library
from programs.tools import LIBRARY, tools
from tests.programs.whole import shared_files, write_whole

SOUND = Path(__file__).parent / "sound" / "prov"
FILES = ["programme.yaml", "sv/01-ett.md", "sv/02-tva.md"]
CONTENT = {file: (SOUND / file).read_bytes() for file in FILES}
FACTS = yaml.safe_load(CONTENT["programme.yaml"])
REGISTRY, WORDS, TOOLS = load_registry(LIBRARY), load_words(LIBRARY), tools()
SOON = 5.0  # seconds for one programme, on a busy machine
TRIES = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FRAGMENTS = st.sampled_from(
    [b":::", b"::: ", b"\n::: question {", b"{#", b"}", b"---\n", b"# ", b"- [", b"![](", b"&a [*a]", b"!!binary x",
     b"{{", b"\xff", b"\x00", b"`" * 30, b"> " * 40, b"* " * 40, b"[" * 500, b'"', b"\t", b"<b>", b"::: tool {use="]
)  # fmt: skip


@contextmanager
def a_copy() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        yield Path(shutil.copytree(SOUND, Path(place) / "prov"))


def found_in(folder: Path) -> list[Fault]:
    started = time.perf_counter()
    programme, faults = read_programme(folder)
    faults += check(programme, REGISTRY, WORDS, TOOLS) if programme else []
    assert time.perf_counter() - started < SOON
    for fault in faults:
        str(fault).encode()
        assert fault.line >= 1
        assert fault.file
    assert faults, "the sound programme is not whole, so something is always said"
    return faults


@TRIES
@given(st.sampled_from(FILES), st.data())
def test_a_file_that_ends_too_early_is_told(file: str, data: st.DataObject) -> None:
    with a_copy() as folder:
        (folder / file).write_bytes(CONTENT[file][: data.draw(st.integers(0, len(CONTENT[file])))])
        found_in(folder)


@TRIES
@given(st.sampled_from(FILES), st.binary(max_size=400) | FRAGMENTS, st.data())
def test_anything_in_the_middle_of_a_file_is_told(file: str, junk: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(CONTENT[file])))
    with a_copy() as folder:
        (folder / file).write_bytes(CONTENT[file][:at] + junk + CONTENT[file][at:])
        found_in(folder)


@TRIES
@given(st.sampled_from(sorted(FACTS)), VALUES)
def test_any_value_of_any_fact_is_told(name: str, value: Any) -> None:
    with a_copy() as folder:
        text = yaml.safe_dump({**FACTS, name: value}, allow_unicode=True)
        (folder / "programme.yaml").write_text(text, encoding="utf-8", errors="replace")
        found_in(folder)


@TRIES
@given(
    st.sampled_from(["instruments", "schedule", "gates", "evidence", "cast", "reviewers", "exclusions"]),
    VALUES,
    st.data(),
)
def test_any_value_inside_a_fact_is_told(name: str, value: Any, data: st.DataObject) -> None:
    facts = yaml.safe_load(CONTENT["programme.yaml"])
    inner = facts["instruments"]["schedule"] if name == "schedule" else facts[name]
    inner = inner[0] if isinstance(inner, list) and inner else inner
    if isinstance(inner, dict):
        inner[data.draw(st.sampled_from(sorted(inner)))] = value
    else:
        inner.append(value)
    with a_copy() as folder:
        text = yaml.safe_dump(facts, allow_unicode=True)
        (folder / "programme.yaml").write_text(text, encoding="utf-8", errors="replace")
        found_in(folder)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB, "a: &a\n  b: *a\n", "[" * 50_000, "{a: " * 20_000, "- " * 30_000, "!!python/object/apply:os.system [ls]",
        "a: !!int ''", "a: !!binary x", "a: !!set {b}", "? [a]\n: b", "a: 2026-99-99", f"a: {'9' * 5_000}", "a: .inf",
        'a: "\\ud800"', 'a: "\\0"', "%YAML 9.9\n---\na: b", "\x00", "", "a", "- a", "a: b: c", "\t", "a: 'b",
    ],
    ids=lambda text: repr(text[:20]),
)  # fmt: skip
@pytest.mark.parametrize("file", ["programme.yaml", "sv/02-tva.md"])
def test_yaml_that_would_swell_sink_or_run_is_refused(file: str, text: str) -> None:
    with a_copy() as folder:
        whole = text if file == "programme.yaml" else f"---\n{text}\n---\n# En sida {{#sida}}\n"
        (folder / file).write_text(whole, encoding="utf-8")
        assert any(fault.code in ("P02", "D02") for fault in found_in(folder) if fault.file == file)


@pytest.mark.parametrize(
    "body",
    [
        "> " * 900, "* " * 900, "- " * 900, "*" * 1_900, "[" * 1_900, "![" * 900, "`" * 1_900, "a-" * 950, "a." * 950,
        "\n".join(["a-" * 950] * 45), "\n".join(["***a" * 400] * 45), "::: more {title=a}\n" * 3_000, "\n" * 90_000,
        "ord " * 400, "# sida {#a}\n" * 5_000, "x" * 200_000,
    ],
    ids=lambda text: repr(text[:20]),
)  # fmt: skip
def test_text_that_would_keep_the_checker_busy_is_told_soon(body: str) -> None:
    with a_copy() as folder:
        front = CONTENT["sv/02-tva.md"].decode().partition("# Hej")[0]
        (folder / "sv/02-tva.md").write_text(f"{front}\n# Hej {{#hej}}\n\n{body}\n", encoding="utf-8")
        found_in(folder)


def test_a_folder_where_a_file_should_be_is_told() -> None:
    with a_copy() as folder:
        (folder / "sv/02-tva.md").unlink()
        (folder / "sv/02-tva.md").mkdir()
        assert any(fault.code == "P02" and fault.file == "sv/02-tva.md" for fault in found_in(folder))


@pytest.mark.parametrize("file", ["words.yaml", "tools.yaml", "instruments.yaml", "instruments/gad7.yaml"])
@pytest.mark.parametrize("text", ["a: [", "", "- a", "listed: 1", "sv: {lix: true}"])
def test_a_broken_file_that_all_programmes_share_is_named(tmp_path: Path, file: str, text: str) -> None:
    library = shared_files(tmp_path / "library")
    write_whole(library)
    (library / file).write_text(text, encoding="utf-8")
    (fault,) = check_library(library).errors
    assert (fault.code, fault.file) == ("P02", file.partition("/")[0])


@pytest.mark.parametrize("number", sorted({contact.number for contact in contacts("sv")}))
def test_every_number_of_the_crisis_table_is_refused_in_a_programme(number: str) -> None:
    shown = next(contact.shown for contact in contacts("sv") if contact.number == number)
    for written in {number, shown}:
        with a_copy() as folder:
            text = CONTENT["sv/02-tva.md"].decode().replace("Vi går vidare.", f"Ring {written} nu.")
            (folder / "sv/02-tva.md").write_text(text, encoding="utf-8")
            assert any(fault.code == "T04" and written in fault.message for fault in found_in(folder))


def test_eleven_programmes_are_checked_and_loaded_in_time(db: None, tmp_path: Path) -> None:
    """The goal is 20 s and 10 s on two quiet cores; the test leaves a busy machine twice that."""
    from programs.actions import load_library
    from tests.cast import NOW

    library = shared_files(tmp_path / "library")
    for number in range(11):
        write_whole(library, f"prov-{number}")
    started = time.perf_counter()
    assert check_library(library).errors == ()
    checked = time.perf_counter()
    assert len(load_library(library=library, now=NOW)) == 11
    loaded = time.perf_counter()
    print(f"11 programmes: checked in {checked - started:.1f} s, loaded in {loaded - checked:.1f} s")
    assert checked - started < 40
    assert loaded - checked < 20
