"""What the project ships, read once per process: the library, and the instruments whose wording may be shown."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from programs.instruments import Instrument, load_instruments
from programs.instruments.notes import Notes, load_notes, notes_of

LIBRARY = Path(__file__).with_name("library")


@cache
def instruments() -> dict[str, Instrument]:
    """Return the instruments with shipped wording, by id."""
    return load_instruments(LIBRARY / "instruments")


@cache
def interviews() -> dict[str, Instrument]:
    """Return the interviews that staff ask from a flag, by id: structure alone. No patient fills one in."""
    return load_instruments(LIBRARY / "interviews")


@cache
def _swedish_notes() -> dict[str, Notes]:
    return load_notes(LIBRARY)


def notes_on(instrument: Instrument, language: str) -> Notes:
    """Return where the instrument's figures and its licence come from, in the language or in English."""
    return notes_of(instrument, language, _swedish_notes())
