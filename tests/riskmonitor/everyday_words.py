"""Everyday words that the word list would take for misspelled words of its own, from what the project itself wrote.

`python -m tests.riskmonitor.everyday_words` writes them to the word list; a test says when that has to be done.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from riskmonitor.lexicon import word_list
from riskmonitor.lexicon.findings import FOLDER, vocabulary_of
from riskmonitor.lexicon.spelling import spell

ROOT = Path(__file__).parents[2]
TEXTS = ROOT / "tests/riskmonitor/texts"
FILE = FOLDER / "everyday_words.yaml"
CONTENT = ("programs/library/*/sv/*.md", "programs/library/*.yaml", "programs/library/instruments/*.yaml")
DEMO = ("ikbt/demo/texts_sv*.yaml",)
WORD = re.compile(r"[^\W\d_]{4,}")
HEADING = """# Vanliga ord som liknar ordlistans och inte ska tas för felskrivningar av dem. Se words.yaml.
# Orden kommer ur program, formulär, demo, sidornas texter och vardagstexterna bland testerna:
# python -m tests.riskmonitor.everyday_words
everyday: >-
"""


def sources() -> Iterator[str]:
    """Yield our own Swedish: programmes, instruments, the demo, the pages' words and the neutral texts."""
    for pattern in (*CONTENT, *DEMO):
        yield from (path.read_text("utf-8") for path in sorted(ROOT.glob(pattern)))
    yield "\n".join(re.findall(r'^(?:msgstr(?:\[\d\])? )?"(.*)"$', _translations(), re.MULTILINE))
    yield from ((TEXTS / name).read_text("utf-8") for name in ("everyday_sentences.txt", "look_alikes.txt"))
    for path in sorted((TEXTS / "tuned").glob("*.jsonl")):
        rows = map(json.loads, path.read_text("utf-8").splitlines())
        yield from (row["text"] for row in rows if row["label"] == "neutral")


def _translations() -> str:
    return (ROOT / "locale/sv/LC_MESSAGES/django.po").read_text("utf-8")


def everyday_words() -> list[str]:
    """Return each of our words that is no word of the list but would be read as one with a slip."""
    vocabulary = vocabulary_of(word_list.read(FOLDER), everyday=())
    words = {spell(word) for text in sources() for word in WORD.findall(text)}
    return sorted(word for word in words if vocabulary.takes_for_slip(word))


if __name__ == "__main__":
    lines = textwrap.wrap(" ".join(everyday_words()), 116)
    FILE.write_text(HEADING + "".join(f"  {line}\n" for line in lines), "utf-8")
