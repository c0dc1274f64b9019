"""Say aloud who did what with whose data. One call, one table, reads included."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import structlog
from django.db import connection

from clinics.models import Clinic, Patient, User

# Plain SQL: nearly every page writes one row, and building a model to save it takes longer than the insert.
ROW = """
INSERT INTO clinics_auditevent (at, actor, job, did, what, why, request, patient, clinic)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
LISTED = """
INSERT INTO clinics_auditevent (at, actor, job, did, what, why, request, patient)
SELECT %s, %s, '', %s, %s, '', %s, unnest(%s::uuid[])
"""


class Did(StrEnum):
    READ = "read"
    LISTED = "listed"
    SENT = "sent"
    SAVED = "saved"
    CHANGED = "changed"
    OPENED = "opened"
    CLOSED = "closed"
    MADE = "made"
    SIGNED_IN = "signed_in"


class Coded(Protocol):
    """Whoever is audited by a code: a patient, or a patient's row on a list."""

    @property
    def code(self) -> UUID: ...


class AnonymousAudit(Exception):
    """Neither a person nor a named job of the system was given."""


def audit(
    *,
    did: Did,
    what: str,
    now: datetime,
    by: User | None = None,
    job: str = "",
    patient: Patient | None = None,
    clinic: Clinic | None = None,
    why: str = "",
) -> None:
    """Write one row in the caller's transaction. `what` is a kind and a code, never a name or a text."""
    if (by is None) == (job == ""):
        raise AnonymousAudit(what)
    actor, whose, where = (each.code if each else None for each in (by, patient, clinic))
    with connection.cursor() as cursor:
        cursor.execute(ROW, [now, actor, job, did, what, why, _request(), whose, where])


def audit_list(*, by: User, patients: Iterable[Coded], what: str, now: datetime) -> None:
    """Write one row for each patient on a list, in one insert.

    The rows differ in the patient only: what they have in common is sent once.
    """
    if codes := [patient.code for patient in patients]:
        with connection.cursor() as cursor:
            cursor.execute(LISTED, [now, by.code, Did.LISTED, what, _request(), codes])


def _request() -> str:
    """Return the correlation id of what is being answered, nothing outside a request."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))[:40]
