"""The module's notes to the therapist and its openings for a reply, with what is known filled in. Asks no database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from ikbt.casework.course import Course
from programs.library_format.blocks import Phrases, TherapistNote, block_from_json
from programs.library_format.placeholders import fill, fill_html, names_in
from programs.pages.notes import PARTS, SLOTS

GAPS = {
    "citat": gettext_lazy("the patient's own words"),
    "aktivitet": gettext_lazy("the activity"),
    "fore": gettext_lazy("the value before"),
    "efter": gettext_lazy("the value after"),
    "datum": gettext_lazy("the date"),
    "nasta_avsnitt": gettext_lazy("the next module"),
}


@dataclass(frozen=True)
class Slot:
    """One of the four parts of a reply, with its openings as plain text."""

    id: str
    title: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Note:
    """A note for staff; `html` is safe (see programs.library_format.blocks)."""

    title: str
    html: str


def gap(name: str) -> str:
    """Return what stands in a phrase where the therapist shall fill in: [the date]."""
    return f"[{GAPS[name]}]"


def gaps_left(reply: str) -> list[str]:
    """Return the gaps that are still in the text: a reply with one is not sent."""
    return [gap(name) for name in GAPS if gap(name) in reply]


def slots(course: Course, values: Mapping[str, str]) -> list[Slot]:
    """Return the phrases of the module that the reply is about, in the order a reply is written."""
    blocks = [block for block in _notes(course) if isinstance(block, Phrases)]
    items: dict[str, list[str]] = defaultdict(list)
    for block in blocks:
        items[block.slot] += [_filled(item, values) for item in block.items]
    return [Slot(slot, str(title), tuple(items[slot])) for slot, title in SLOTS.items() if slot in items]


def notes(course: Course, values: Mapping[str, str]) -> list[Note]:
    """Return the module's notes to the therapist."""
    blocks = [block for block in _notes(course) if isinstance(block, TherapistNote)]
    return [Note(str(PARTS.get(block.part, block.part)), fill_html(block.html, values)) for block in blocks]


def values_for(course: Course, today: date) -> dict[str, str]:
    """Return what is known of a reply's gaps: names, the next module, and the next contact or weekly day."""
    treatment = course.treatment
    planned, step = treatment.next_contact_on, course.current_step
    known = {
        "behandlare": treatment.assignment.therapist.first_name,
        "fornamn": treatment.patient.user.first_name,
    }
    with override(step.module.language if step else get_language()):  # the phrases' own, not the page's
        if planned and planned >= today:
            known["datum"] = date_format(planned, "l j F")
        if course.next_step:
            known["nasta_avsnitt"] = _("module %(number)s") % {"number": course.next_step.module.number}
    return known


def _notes(course: Course) -> list[object]:
    step = course.current_step
    return [block_from_json(stored) for stored in step.module.notes] if step else []


def _filled(item: str, values: Mapping[str, str]) -> str:
    gaps = {name: gap(name) for name in names_in(item) if name in GAPS and name not in values}
    return fill(item, {**values, **gaps})
