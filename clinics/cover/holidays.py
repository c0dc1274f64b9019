"""The days on which Swedish workplaces are closed (pure): the public holidays and the eves that are holidays in fact.

Source: the package `holidays`, after the act on public holidays (1989:253); Sundays are left to the weekly hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from holidays.countries.sweden import SE


@cache
def closed_days(year: int) -> frozenset[date]:
    """Return the days of the year on which Swedish workplaces are closed, Sundays apart."""
    return frozenset(SE(years=year, include_sundays=False, categories=("public", "de_facto")))


@cache
def holidays(year: int, language: str) -> Mapping[date, str]:
    """Return the same days with their names, in Swedish or English."""
    days = SE(
        years=year,
        include_sundays=False,
        categories=("public", "de_facto"),
        language={"en": "en_US"}.get(language, "sv"),
    )
    return dict(sorted(days.items()))
