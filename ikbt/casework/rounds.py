"""The round: the patients that wait, one after the other. Kept in the session as codes alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from clinics.models import Patient, User

KEY = "round"


@dataclass(frozen=True)
class Place:
    """Where in the round a patient stands: the number, of how many, and who comes after."""

    number: int
    count: int
    rest: tuple[UUID, ...]


def begin(session: SessionBase, codes: Sequence[UUID]) -> None:
    session[KEY] = [str(code) for code in codes]


def place_of(session: SessionBase, code: UUID) -> Place | None:
    """Return the patient's place in the round that is going on, None when the patient is not in it."""
    codes = [UUID(each) for each in session.get(KEY, ())]
    if code not in codes:
        return None
    at = codes.index(code)
    return Place(at + 1, len(codes), tuple(codes[at + 1 :]))


def next_readable(place: Place, user: User, now: datetime) -> UUID | None:
    """Return the next patient of the round whom the user may still read: cover can end while the round goes on."""
    codes = Patient.objects.in_care_of(user, now).filter(code__in=place.rest).values_list("code", flat=True)
    still = set(codes)
    return next((code for code in place.rest if code in still), None)
