"""The buttons "Save in my plan" on a module's pages: what each stands for, and whether it stands in the plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import unescape

from django.utils.html import strip_tags

from programs.models import Page, Step


@dataclass(frozen=True)
class KeepButton:
    """One button. name: what it posts ("summary:2:0": block and line of the page); text: the words that it saves."""

    name: str
    text: str
    origin: str
    is_kept: bool

    @property
    def place(self) -> str:
        """Return the id of the button on the page."""
        return "keep-" + self.name.replace(":", "-")


def origins_of(step: Step) -> str:
    """Return how the origins of all lines from this module begin."""
    return f"{step.code}:"


def buttons(step: Step, page: Page, block: str, texts: Sequence[str], kept: Collection[str]) -> tuple[KeepButton, ...]:
    """Return a button for each text of a block; kept: the origins that stand in the plan."""
    names = [f"{block}:{line}" for line in range(len(texts))]
    start = f"{origins_of(step)}{page.slug}:"
    return tuple(
        KeepButton(name, text, start + name, start + name in kept) for name, text in zip(names, texts, strict=True)
    )


def without_markup(html: str) -> str:
    """Return the words of safe HTML, on one line."""
    return " ".join(unescape(strip_tags(html.replace("</p>", "</p> "))).split())
