"""Where the limits, the reliable change, the items and the licence of an instrument come from, in words. Pure.

The notes stand in English beside the figures in instruments/*.yaml, and in Swedish in instrument_notes_sv.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from programs.instruments.model import Instrument

FILE = "instrument_notes_sv.yaml"


@dataclass(frozen=True)
class Notes:
    """The notes in one language; "" for a note that the instrument does not have."""

    language: str
    source: str
    licence: str
    bands: str = ""
    change: str = ""


def load_notes(library: Path) -> dict[str, Notes]:
    """Return the Swedish notes by instrument."""
    listed: dict[str, Mapping[str, str]] = yaml.safe_load((library / FILE).read_text(encoding="utf-8"))
    return {name: Notes("sv", **facts) for name, facts in listed.items() if name != "own"}


def notes_of(instrument: Instrument, language: str, swedish: Mapping[str, Notes]) -> Notes:
    """Return the instrument's notes in the language, else in English."""
    if language == "sv" and instrument.id in swedish:
        return swedish[instrument.id]
    change = instrument.change.source if instrument.change else ""
    return Notes("en", instrument.source, instrument.licence, instrument.bands_source, change)
