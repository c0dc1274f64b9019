""" "It is slow going": the reasons to choose from, and what is said to each. Pure.

The reasons are those that patients gave in the clinic's own study (Treatment.EndReason), and want of time. They stand
with their words in library/stuck.yaml.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from programs.fields import Words

FILE = Path(__file__).parents[1] / "library" / "stuck.yaml"


class Way(StrEnum):
    """What the tip leads to."""

    SHORT = "short"  # the five-minute version of the part that waits
    MESSAGE = "message"


@dataclass(frozen=True)
class Reason:
    """One reason: what it is called, and the tip to it as a title and paragraphs."""

    id: str
    label: Words
    title: Words
    tip: Mapping[str, tuple[str, ...]]
    way: Way

    def tip_in(self, language: str) -> tuple[str, ...]:
        return self.tip.get(language) or self.tip["sv"]


@functools.cache
def reasons() -> dict[str, Reason]:
    """Return the reasons by id, in the order in which they are shown."""
    listed = yaml.safe_load(FILE.read_text(encoding="utf-8"))["reasons"]
    return {facts["id"]: _reason(facts) for facts in listed}


def _reason(facts: Mapping[str, Any]) -> Reason:
    tip = {language: tuple(paragraphs) for language, paragraphs in facts["tip"].items()}
    return Reason(facts["id"], facts["label"], facts["title"], tip, Way(facts["way"]))
