"""One treatment as a list needs it, with what waits in it. Reads only.

Plain values, no models: a list of fifty would build two hundred and fifty of them to say a name and a number each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, FloatField, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Greatest

from clinics.models.patients import age_on
from messaging.models import Message
from programs.models import Step, Submission, Treatment
from programs.treatment.aftercare import unread_measures
from programs.treatment.weeks import treatment_week

RUNNING = (Treatment.State.ACTIVE, Treatment.State.PAUSED)
CURRENT = (Treatment.State.PLANNED, *RUNNING)


class Listed(NamedTuple):
    """The fields from `unread_at` on are those of `listed_with_waiting`, and else empty."""

    pk: int
    patient: int
    code: UUID  # the patient's
    first_name: str
    last_name: str
    sort_name: str
    born: date
    therapist: int
    therapist_first_name: str
    therapist_last_name: str
    revision: int
    state: str
    primary_measure: str
    started_at: datetime | None
    ended_at: datetime | None
    next_contact_on: date | None
    unread_at: Sequence[datetime] = ()  # when the messages were sent that nobody has read
    handed_in_at: Sequence[datetime] = ()  # when the modules were sent that wait for an answer
    totals: Sequence[float] = ()  # of the weekly measure, oldest first
    safety_at: datetime | None = None
    answered_at: datetime | None = None
    stuck_at: datetime | None = None
    last_active_at: datetime | None = None

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def therapist_name(self) -> str:
        return f"{self.therapist_first_name} {self.therapist_last_name}"

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    def age(self, today: date) -> int:
        return age_on(today, self.born)

    def week(self, now: datetime) -> int:
        return treatment_week(self.started_at, now)


PERSON_AND_STATE = (
    "pk", "patient", "patient__code", "patient__user__first_name", "patient__user__last_name",
    "patient__user__sort_name", "patient__born", "assignment__therapist", "assignment__therapist__first_name",
    "assignment__therapist__last_name", "revision", "state", "primary_measure", "started_at", "ended_at",
    "next_contact_on",
)  # fmt: skip


def _waiting() -> list[Combinable]:
    """Return what waits for the therapist and when the patient was last active, in the order of the fields."""
    here = {"treatment": OuterRef("pk")}
    seen_at = Coalesce(OuterRef("seen_by_therapist_at"), OuterRef("planned_at"))
    sent = Submission.objects.filter(**here).order_by("-sent_at")
    letters = Message.objects.filter(**here, from_patient=True).order_by("-sent_at")
    handed_in = Step.objects.filter(**here).unanswered().order_by("sent_at")
    safety = Step.objects.filter(**here, safety_at__gt=seen_at).order_by("-safety_at")
    measured = Submission.objects.measures().filter(**here, form=OuterRef("primary_measure"), total__isnull=False)
    totals = measured.order_by("sent_at", "pk").values_list(Cast("total", FloatField()))
    return [
        ArraySubquery(letters.unread_by_staff().order_by("sent_at").values("sent_at")),
        ArraySubquery(handed_in.values("sent_at")),
        ArraySubquery(totals),
        Subquery(safety.values("safety_at")[:1]),
        Subquery(unread_measures().values("sent_at")[:1]),
        Subquery(sent.stuck().filter(sent_at__gt=seen_at).values("sent_at")[:1]),
        Greatest(Subquery(letters.values("sent_at")[:1]), Subquery(sent.values("sent_at")[:1]), F("started_at")),
    ]


# Put together once, since they ask the same at each time: only whose treatments is said anew.
LISTED = Treatment.objects.values_list(*PERSON_AND_STATE)
LISTED_WITH_WAITING = Treatment.objects.values_list(*PERSON_AND_STATE, *_waiting())


def listed(whose: Q) -> list[Listed]:
    """Return the treatments without what waits. One query."""
    return [Listed(*row) for row in LISTED.filter(whose)]


def listed_with_waiting(whose: Q) -> list[Listed]:
    """Return the treatments with what waits. One query."""
    return [Listed(*row) for row in LISTED_WITH_WAITING.filter(whose)]
