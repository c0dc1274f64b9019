"""What the documents say about the code is true in all that can be counted: links, paths, tests, names, settings."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils import timezone

from ikbt.demo.views import CAST
from ikbt.env import read_file
from riskmonitor.sweeps.auditing import problems

from .source import APPS, ROOT, product

README, OPERATIONS, SAFETY = ROOT / "README.md", ROOT / "docs/operations.md", ROOT / "docs/safety.md"
DOCUMENTS = [README, *sorted((ROOT / "docs").rglob("*.md"))]
GUIDES = sorted((ROOT / "docs").glob("guide-*.md"))
DECISIONS = sorted((ROOT / "docs/adr").glob("*.md"))
TOP = (*APPS, "templates", "static", "tests", "docs", "locale")
SUFFIXES = (".py", ".md", ".yaml", ".yml", ".toml", ".html", ".js", ".css", ".lock", ".example")
SHAPES = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
READ = re.compile(r'(?:env|self)\.(?:text|secret|flag|number|listing|kept_secret|given)\(\s*"([A-Z_]+)"')
READ_DIRECTLY = re.compile(r'os\.environ(?:\.get)?[(\[]\s*"(IKBT_\w+)"')
SECRET = re.compile(r'env\.(?:secret|kept_secret)\(\s*"([A-Z_]+)"')
EVENT = re.compile(r'\blog\.(?:info|warning|error|exception)\(\s*"([\w.]+)"')


@cache
def prose(document: Path) -> str:
    return FENCE.sub("", document.read_text())


def marked(document: Path) -> list[str]:
    """Return what stands in backticks outside code blocks."""
    return re.findall(r"`([^`\n]+)`", prose(document))


def column(document: Path, heading: str) -> list[list[str]]:
    """Return the marked words of the first column of the table under a heading, row by row."""
    under = prose(document).split(f"\n## {heading}\n", 1)[1]
    table = under.split("\n|---", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
    return [re.findall(r"`([^`]+)`", row.split("|")[1]) for row in table]


def code() -> str:
    return "\n".join(source.text for source in product())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_within_the_project_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", prose(document))
    within = [link.partition("#")[0] for link in links if "://" not in link]
    assert [link for link in within if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_that_is_named_exists(document: Path) -> None:
    names = {path.name for top in TOP for path in (ROOT / top).rglob("*.*")} | {path.name for path in ROOT.iterdir()}
    paths = [word.partition("::")[0] for word in marked(document)]
    paths = [word for word in paths if SHAPES.fullmatch(word)]
    rooted = [word for word in paths if "/" in word and word.split("/")[0] in TOP]
    bare = [word for word in paths if "/" not in word and word.endswith(SUFFIXES)]
    gone = [word for word in rooted if not (ROOT / word).exists()] + [word for word in bare if word not in names]
    assert gone == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_that_is_named_exists(document: Path) -> None:
    named = [word.split("::") for word in marked(document) if "::" in word]
    gone = [f"{file}::{test}" for file, test in named if f"def {test}(" not in (ROOT / file).read_text()]
    assert gone == []


def test_the_targets_that_are_named_are_those_of_the_makefile() -> None:
    told = set(re.findall(r"^([a-z0-9-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {target for document in DOCUMENTS for target in _targets(document.read_text())}
    assert named <= told
    assert set(_targets(README.read_text())) == told


def _targets(text: str) -> list[str]:
    return re.findall(r"(?:`|^)make ([a-z][a-z0-9-]*)", text, re.MULTILINE)


def test_the_table_of_settings_is_what_the_code_reads() -> None:
    table = {name for row in column(OPERATIONS, "Settings") for name in row}
    compose = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert table == set(READ.findall(code())) | set(READ_DIRECTLY.findall(code())) | compose
    assert table - {"IKBT_ENV_FILE"} == set(read_file(ROOT / ".env.example"))


def test_the_secrets_that_may_lie_in_files_are_told() -> None:
    sentence = prose(OPERATIONS).split("Secrets may lie in files", 1)[1].split("\n\n", 1)[0]
    assert set(re.findall(r"`([A-Z_]+)`", sentence)) == set(SECRET.findall(code()))


def test_every_log_event_is_explained_and_none_is_invented() -> None:
    explained = [name for row in column(OPERATIONS, "Log events") for name in row]
    assert sorted(explained) == sorted(set(EVENT.findall(code())))


@pytest.mark.django_db
def test_every_problem_that_the_auditor_counts_is_explained() -> None:
    explained = [name for row in column(OPERATIONS, "What the auditor counts") for name in row]
    assert sorted(explained) == sorted(problems(timezone.now()))


def test_every_figure_of_monitoring_that_is_named_is_given() -> None:
    given = (ROOT / "ikbt/health.py").read_text()
    named = {word.removeprefix("ikbt_") for word in marked(OPERATIONS) if re.fullmatch(r"ikbt_\w+", word)}
    assert [name for name in named if f'"{name}"' not in given and f"'{name}{{" not in given] == []


def test_every_invariant_has_its_row_and_every_hazard_its_heading() -> None:
    rows = re.findall(r"^\| (I\d+) \|", prose(SAFETY), re.MULTILINE)
    assert rows == [f"I{number}" for number in range(1, 12)]
    headings = re.findall(r"^### (H\d+) ", prose(SAFETY), re.MULTILINE)
    assert headings == [f"H{number}" for number in range(1, 24)]


def test_decisions_are_numbered_without_gaps_and_say_what_they_cost() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{number:04d}" for number in range(1, len(DECISIONS) + 1)]
    parts = ("**Context.**", "**Decision.**", "**Why.**", "**What it costs.**")
    assert [path.name for path in DECISIONS if [part for part in parts if part not in path.read_text()]] == []


def test_the_demos_people_stand_in_the_readme() -> None:
    table = README.read_text().split("| Who |", 1)[1].split("\n\n", 1)[0]
    assert set(re.findall(r"^\| (\w+) \|", table, re.MULTILINE)) == {card.name for card in CAST}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_what_a_guide_calls_a_word_of_the_pages_stands_on_them(guide: Path) -> None:
    with (ROOT / "locale/sv/LC_MESSAGES/django.po").open("rb") as file:
        shown = [str(form) for message in read_po(file) for form in _forms(message.string)]
    said = [" ".join(word.split()) for word in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", prose(guide))]
    assert [word for word in said if word != "så här" and not any(word in text for text in shown)] == []
    assert len(said) > 5


def _forms(translated: str | tuple[str, ...]) -> tuple[str, ...]:
    return (translated,) if isinstance(translated, str) else translated
