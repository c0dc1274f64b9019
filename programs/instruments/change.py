"""Is a change more than chance, and in which direction? Pure.

Own scales have no reliable change: they are never called better or worse (architecture, section 6).
"""

from __future__ import annotations

from decimal import Decimal

from programs.instruments.model import Instrument

Total = int | float | Decimal


def is_reliably_worse(instrument: Instrument, before: Total, after: Total) -> bool:
    """Say whether the total has moved in the bad direction by at least the reliable change."""
    return _moved(instrument, before, after, worse=True)


def is_reliably_better(instrument: Instrument, before: Total, after: Total) -> bool:
    """Say whether the total has moved in the good direction by at least the reliable change."""
    return _moved(instrument, before, after, worse=False)


def _moved(instrument: Instrument, before: Total, after: Total, *, worse: bool) -> bool:
    if instrument.reliable_change is None:
        return False
    rise = Decimal(str(after)) - Decimal(str(before))
    return (rise if worse == instrument.higher_is_worse else -rise) >= instrument.reliable_change
