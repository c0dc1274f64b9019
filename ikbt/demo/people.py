"""Clinics, staff and patients of the demo region."""

from __future__ import annotations

import functools
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password

from clinics.models import Clinic, Competence, Membership, OpeningHours, Patient, Profession, Region, Role, User

TEXTS = Path(__file__).parent
PASSWORD = "demo"  # noqa: S105 - shown on the sign-in page of a demo; a demo database holds nobody real
PROGRAMME = "depression-kom-igang"
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DOMAIN = "demo.example"
LONG_AGO = timedelta(days=400)
PROFESSIONS = {
    "berit": Profession.PSYCHOLOGIST,
    "cecilia": Profession.PSYCHOTHERAPIST,
    "david": Profession.SOCIAL_WORKER,
}
LENT = [("cecilia", "linden")]  # David works alone: Cecilia is lent to Linden as his substitute
LEADING_TWO = [("lena", Role.LEAD, "linden"), ("hassan", Role.DEPUTY, "linden")]


def texts() -> dict[str, Any]:
    """Return the whole story: who there is, and every patient, whichever file tells of them."""
    loaded: dict[str, Any] = {"patients": [], "ended": []}
    for path in sorted(TEXTS.glob("texts_*.yaml")):
        told = yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)  # noqa: S506 - the safe loader, in C
        for name, value in told.items():
            loaded[name] = loaded[name] + value if isinstance(loaded.get(name), list) else value
    return loaded


def email_of(key: str) -> str:
    return f"{key}@{DOMAIN}"


def make_user(entry: dict[str, Any], now: datetime) -> User:
    return User.objects.create(
        email=email_of(entry["key"]),
        password=hashed_password(),
        first_name=entry["first_name"],
        last_name=entry["last_name"],
        language=entry.get("language", "sv"),
        joined_at=now - LONG_AGO,
    )


@functools.cache
def hashed_password() -> str:
    """Return the one password of the demo as it is kept. Made once: a good hash is slow on purpose."""
    return make_password(PASSWORD)


def make_clinics(story: dict[str, Any]) -> tuple[Region, dict[str, Clinic]]:
    """Two clinics with the hours of most Swedish health centres."""
    region = Region.objects.create(name=story["region"]["name"])
    clinics = {}
    for number, entry in enumerate(story["clinics"]):
        clinic = Clinic.objects.create(
            region=region, name=entry["name"], phone=f"08-465 004 {number:02d}", listed_patients=9_800 - 4_600 * number
        )
        OpeningHours.objects.bulk_create(
            OpeningHours(clinic=clinic, weekday=weekday, opens=time(8), closes=time(17)) for weekday in range(5)
        )
        clinics[entry["key"]] = clinic
    return region, clinics


def make_staff(story: dict[str, Any], region: Region, clinics: dict[str, Clinic], now: datetime) -> dict[str, User]:
    staff = {entry["key"]: make_user(entry, now) for entry in story["staff"]}
    for entry in story["staff"]:
        for role in entry["roles"]:
            clinic = clinics.get(entry.get("clinic", ""))
            if role == Role.ADMINISTRATOR:
                clinic = clinics["eken"]
            _join(staff[entry["key"]], role, clinic, region, entry, now)
    told = {entry["key"]: entry for entry in story["staff"]}
    for key, where in LENT:
        _join(staff[key], Role.THERAPIST, clinics[where], region, told[key], now)
    for key, role, where in LEADING_TWO:
        _join(staff[key], role, clinics[where], region, told[key], now)
    return staff


def _join(user: User, role: str, clinic: Clinic | None, region: Region, entry: dict[str, Any], now: datetime) -> None:
    treats = role == Role.THERAPIST
    membership = Membership.objects.create(
        user=user,
        role=role,
        clinic=clinic,
        region=None if clinic else region,
        profession=PROFESSIONS.get(entry["key"], Profession.PSYCHOLOGIST) if treats else "",
        psychotherapy_training=treats,
        started_at=now - LONG_AGO,
    )
    for programme in entry["programmes"] if treats else ():
        Competence.objects.create(membership=membership, programme=programme)


def add_competence(users: Collection[User], programme: str) -> Clinic:
    """Let them give a programme wherever they treat. Return the clinic of the first of their posts."""
    posts = list(Membership.objects.current().filter(user__in=users, role=Role.THERAPIST).order_by("pk"))
    for post in posts:
        Competence.objects.get_or_create(membership=post, programme=programme)
    return next(post.clinic for post in posts if post.clinic and not post.lent_from_id)


def make_patient(entry: dict[str, Any], number: int, clinic: Clinic, now: datetime) -> Patient:
    """An invented patient. The identity number ends as no real one does; the telephone is one PTS keeps for fiction."""
    born = date(now.year - entry["age"], 1 + number % 12, 1 + number % 28) - timedelta(days=330)
    return Patient.objects.create(
        user=make_user(entry, now),
        clinic=clinic,
        personnummer=f"{born:%Y%m%d}{number:02d}00",
        born=born,
        phone=f"070-174 06 {5 + number:02d}",
        created_at=now - LONG_AGO,
    )
