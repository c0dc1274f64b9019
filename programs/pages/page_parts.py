"""What a page of a module is made of when it is shown: blocks with their words filled in, and questions as fields."""

from __future__ import annotations

from dataclasses import dataclass

from django.forms import BoundField

from programs.forms.questions import GROUPS
from programs.pages.keep_buttons import KeepButton
from programs.toolkit.entries import EntryShown


@dataclass(frozen=True)
class Asked:
    """A question as the page shows it. `source` says where a filled-in answer comes from."""

    kind: str
    field: BoundField
    own: BoundField | None
    low: str
    high: str
    top: int | None
    source: str

    @property
    def is_group(self) -> bool:
        return self.kind in GROUPS


@dataclass(frozen=True)
class Part:
    """One block of a page. `html` is safe (see library_format.blocks); every other text is plain.

    lang: the language of the programme's text, "" where it is that of the page around it.
    """

    kind: str
    html: str = ""
    title: str = ""
    lines: tuple[str, ...] = ()
    source: str = ""
    asked: Asked | None = None
    ack: BoundField | None = None
    block: str = ""
    name: str = ""
    entries: tuple[EntryShown, ...] = ()
    buttons: tuple[KeepButton, ...] = ()  # of the summary one for each line
    lang: str = ""
