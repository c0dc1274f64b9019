"""An instrument's bands as a chart draws them. Pure."""

from __future__ import annotations

from programs.charts import Band
from programs.instruments import Instrument, text


def bands_of(instrument: Instrument, language: str) -> list[Band]:
    """Return the bands from the lowest to the highest, each from where the one before ends."""
    lows = [instrument.scoring.low, *(band.to + 1 for band in instrument.bands)]
    return [Band(low, band.to, text(band.words, language)) for low, band in zip(lows, instrument.bands, strict=False)]
