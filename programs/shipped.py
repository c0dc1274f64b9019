"""What the project ships, read once per process: the library, and the instruments whose wording may be shown."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from programs.instruments import Instrument, load_instruments

LIBRARY = Path(__file__).with_name("library")


@cache
def instruments() -> dict[str, Instrument]:
    """Return the instruments with shipped wording, by id."""
    return load_instruments(LIBRARY / "instruments")
