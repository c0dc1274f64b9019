"""The people of a clinic and who is named for a patient, as plain values (pure)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from clinics.cover.ranges import Range, union
from clinics.cover.working_time import WorkingTime

LAST_LETTERS = {"\u00e5": "{", "\u00e4": "|", "\u00f6": "}", "\u00e6": "|", "\u00f8": "}"}  # follow z in this order


@dataclass(frozen=True)
class Interval:
    """From `start` until before `end`; `end` None is until further notice."""

    start: datetime
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Say whether the moment lies in it."""
        return self.start <= at and (self.end is None or at < self.end)

    def clip(self, start: datetime, end: datetime) -> Range:
        """Return the part within [start, end); it may be empty, `ranges.union` drops it then."""
        return max(self.start, start), end if self.end is None else min(self.end, end)


@dataclass(frozen=True)
class Clinician:
    """A person who may stand in a chain. `hours` None means the clinic's hours; `competences` are programme slugs.

    `may_treat`: has the profession and role to treat. `may_decide`: has a clinical profession; without it the person
    owns flags for assigning only. `tenure` is from when until when the person belongs to the clinic, None without
    dates: a colleague who leaves, or one who is lent. `open_flags` is how many the person owns now. `from_hub`: is of a
    clinic that helps out here; asked when named for the patient, or as the hub, never as the clinic's team.
    """

    code: str
    name: str
    competences: frozenset[str] = frozenset()
    hours: WorkingTime | None = None
    absences: tuple[Interval, ...] = ()
    is_active: bool = True
    may_treat: bool = True
    may_decide: bool = True
    tenure: Interval | None = None
    open_flags: int = 0
    from_hub: bool = False

    @property
    def helps_until(self) -> datetime | None:
        """Return until when somebody of another clinic helps out here, None for the clinic's own people."""
        return self.tenure.end if self.from_hub and self.tenure else None

    def can_treat(self, programme: str) -> bool:
        """Say whether the person may answer for a patient in the programme, presence apart."""
        return self.is_active and self.may_treat and programme in self.competences

    def belongs_at(self, at: datetime) -> bool:
        """Say whether the person belongs to the clinic at the moment."""
        return self.is_active and (self.tenure is None or self.tenure.holds(at))

    def belongs(self, start: datetime, end: datetime) -> list[Range]:
        """Return when in [start, end) the person belongs to the clinic: one range, or none."""
        if not self.is_active:
            return []
        return union([(start, end) if self.tenure is None else self.tenure.clip(start, end)])


@dataclass(frozen=True)
class People:
    """A clinic's clinicians by code, with the codes of its lead and deputy."""

    members: Mapping[str, Clinician]
    lead: str | None = None
    deputy: str | None = None

    def get(self, code: str | None) -> Clinician | None:
        """Return the person whose account is open, else None."""
        person = None if code is None else self.members.get(code)
        return person if person is not None and person.is_active else None

    def owning(self, open_flags: Mapping[str, int]) -> People:
        """Return the same people with how many open flags each owns, by code."""
        owners = {code: replace(each, open_flags=open_flags.get(code, 0)) for code, each in self.members.items()}
        return replace(self, members=owners)


@dataclass(frozen=True)
class StandIn:
    """A person named for one dated absence of the therapist."""

    code: str
    during: Interval


@dataclass(frozen=True)
class Assignment:
    """Who is named for a patient: the facts of one care assignment."""

    programme: str
    therapist: str | None
    substitute: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    stand_ins: tuple[StandIn, ...] = ()

    def within(self, start: datetime, end: datetime) -> Assignment:
        """Return what is asked of it between the moments: the same for all that name the same people throughout."""
        first = start if self.start is None else max(self.start, start)
        return replace(self, start=first, end=end if self.end is None else min(self.end, end))

    def named_substitutes(self, at: datetime) -> list[str]:
        """Return the codes to ask after the therapist, stand-ins of the moment first."""
        codes = [each.code for each in self.stand_ins if each.during.holds(at)]
        if self.substitute is not None:
            codes.append(self.substitute)
        return [code for code in dict.fromkeys(codes) if code != self.therapist]


def name_key(name: str) -> str:
    """Return a key that sorts Swedish names: no case, a ring, a dots and o dots last, other accents ignored."""
    letters = unicodedata.normalize("NFC", name).casefold()
    marked = "".join(LAST_LETTERS.get(letter, letter) for letter in letters)
    return "".join(letter for letter in unicodedata.normalize("NFD", marked) if not unicodedata.combining(letter))
