"""The rows that a patient's first page is made of: one query for the treatment with what it carries along.

What it carries is built once: of each visit only the patient and the time are new, and Django takes longer to put such
conditions together than the database to answer them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from clinics.models import Absence, Patient
from messaging.models import Message
from programs.doors import can_be_read, carrying_the_way, running_first
from programs.models import Draft, PlanChange, Submission, Treatment
from riskmonitor.models import FlagFinding
from riskmonitor.rules import Kind as FlagKind

_HERE = OuterRef("pk")
_LAST_DRAFT = Draft.objects.filter(treatment=_HERE).order_by("-updated_at").values("updated_at")[:1]
_RECEIVED = Message.objects.filter(treatment=_HERE, from_patient=False).order_by("-sent_at", "-pk")
_LETTER = JSONObject(text="text", author="author__first_name", sent_at="sent_at", read_at="read_at")
_MARKED = Q(value__gte=1, flag__kind=FlagKind.SUICIDE) & (  # after the follow-up questions were last answered
    Q(flag__asked_at=None) | Q(found_at__gt=F("flag__asked_at"))
)
_WAITING = FlagFinding.objects.filter(_MARKED, flag__closed_at=None) | FlagFinding.objects.unanswered()
_CARRIED = {
    "last_draft_at": Subquery(_LAST_DRAFT),
    "last_letter": Subquery(_RECEIVED.values(facts=_LETTER)[:1]),
    "waiting": ArraySubquery(_WAITING.filter(flag__patient=OuterRef("patient")).values("value")),  # None: left out
    "has_untold": Exists(PlanChange.objects.untold().filter(treatment=_HERE)),
}
_NOT_SHOWN = (  # of the therapist and of the programme's edition
    *(f"assignment__therapist__{name}" for name in ("password", "last_login", "email", "theme", "text_size")),
    *(f"revision__{name}" for name in ("content_hash", "findings", "loaded_at", "published_at", "withdrawn_because")),
)
_SHOWN = running_first(carrying_the_way(Treatment.objects.all())).annotate(**_CARRIED).defer(*_NOT_SHOWN)


@dataclass(frozen=True)
class Sent:
    """One thing that the patient sent: what form, when, and its total where it has one."""

    kind: str
    form: str
    at: datetime
    total: Decimal | None


@dataclass(frozen=True)
class Letter:
    """The newest message to the patient; `author` is a first name."""

    text: str
    author: str
    sent_at: datetime
    read_at: datetime | None


def treatment_of(patient: Patient, now: datetime) -> Treatment | None:
    """Return the treatment to show, which carries what `OwnWeek` asks of it; None while none has started. One query."""
    absences = Absence.objects.not_over(now).filter(user=OuterRef("assignment__therapist"))
    found = _SHOWN.filter(can_be_read(now), patient=patient)
    for treatment in found.annotate(therapist_has_absence=Exists(absences))[:1]:
        treatment.patient = patient  # with its user and clinic, which are not fetched again
        return treatment
    return None


def letter_of(treatment: Treatment) -> Letter | None:
    """Return the newest message to the patient, carried by the treatment."""
    if (row := vars(treatment)["last_letter"]) is None:
        return None
    read_at = row["read_at"] and datetime.fromisoformat(row["read_at"])
    return Letter(row["text"], row["author"], datetime.fromisoformat(row["sent_at"]), read_at)


def untold_of(treatment: Treatment) -> list[PlanChange]:
    """Return the changes to the plan that are not read yet, the newest first. No query where there are none."""
    if not vars(treatment)["has_untold"]:
        return []
    return list(treatment.plan_changes.untold().select_related("by", "step__module").order_by("-at", "-pk"))


def sent_of(treatment: Treatment, now: datetime) -> list[Sent]:
    """Return all answers to questionnaires, and everything from the last eight days, oldest first."""
    rows = treatment.submissions.filter(Q(kind=Submission.Kind.MEASURE) | Q(sent_at__gte=now - timedelta(days=8)))
    return [Sent(*row) for row in rows.order_by("sent_at", "pk").values_list("kind", "form", "sent_at", "total")]
