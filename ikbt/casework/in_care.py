"""Whom a therapist knows, and the treatments that the work list is made of, with what waits in each. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from clinics.models import Patient, User
from messaging.models import Message
from programs.models import Step, Submission, Treatment
from programs.treatment.aftercare import followed_up_by, unread_measures
from riskmonitor.models import Flag


@dataclass(frozen=True)
class Known:
    """Patients by their ids: whose words the user may read now, and who is in treatment where the user works."""

    readable: list[int]
    at_clinic: list[int]


def known_to(user: User, now: datetime) -> Known:
    """Return the patients known to the user, without the user. One query.

    It is asked apart from the treatments: joined into their query, who may see whom would be put together three times.
    """
    patients = Patient.objects.visible_to(user).exclude(user=user)
    running = Treatment.objects.running().filter(patient=OuterRef("pk"))
    cared_for = Patient.objects.in_care_of(user, now).filter(pk=OuterRef("pk"))
    known = patients.annotate(is_readable=Exists(cared_for), runs=Exists(running))
    found = known.filter(Q(is_readable=True) | Q(runs=True))
    rows = list(found.values_list("pk", "is_readable", "runs"))
    return Known([pk for pk, is_readable, _ in rows if is_readable], [pk for pk, _, runs in rows if runs])


def in_care(known: Known) -> QuerySet[Treatment]:
    """Treatments whose words the user may read now: own, covered to the minute, or by a dated grant.

    They are planned or run; or they are their patient's last one, and a flag is open or a follow-up was answered that
    nobody has looked at: both are answered also after the end.
    """
    same = Treatment.objects.filter(patient=OuterRef("patient"))
    latest = same.order_by(F("started_at").desc(nulls_last=True), "-pk").values("pk")[:1]
    waits = Exists(Flag.objects.open().filter(patient=OuterRef("patient"))) | Exists(unread_measures())
    over = Treatment.objects.filter(waits, ~Exists(same.current()), pk=Subquery(latest))
    return (Treatment.objects.current() | over).filter(patient__in=known.readable)


def at_clinic(known: Known) -> QuerySet[Treatment]:
    """Running treatments at the clinics where the user works."""
    return Treatment.objects.running().filter(patient__in=known.at_clinic)


def is_own(user: User, now: datetime) -> Q:
    """Return the condition that the treatment is the user's own, or was handed to them for its follow-ups."""
    return Q(assignment__therapist=user) | Q(followed_up_by(user, now), ended_at__isnull=False)


def with_people(treatments: QuerySet[Treatment]) -> QuerySet[Treatment]:
    """Join the people; the revision comes once, not with its facts in every row."""
    return treatments.select_related("patient__user", "assignment__therapist").prefetch_related("revision")


def with_waiting(treatments: QuerySet[Treatment]) -> QuerySet[Treatment]:
    """Add what waits for the therapist and when the patient was last active."""
    here = {"treatment": OuterRef("pk")}
    unread = Message.objects.unread_by_staff().filter(**here).order_by().values("treatment")
    sent = Step.objects.filter(**here, sent_at__isnull=False, answered_at=None).order_by().values("treatment")
    written = Message.objects.filter(**here, from_patient=True).order_by("-sent_at").values("sent_at")[:1]
    seen_at = Coalesce(OuterRef("seen_by_therapist_at"), OuterRef("planned_at"))
    stuck = Submission.objects.stuck().filter(**here, sent_at__gt=seen_at)
    safety = Step.objects.filter(**here, safety_at__gt=seen_at).order_by("-safety_at").values("safety_at")[:1]
    answered = Submission.objects.filter(**here).order_by("-sent_at").values("sent_at")[:1]
    return with_people(treatments).annotate(
        unread=Subquery(unread.annotate(found=Count("pk")).values("found")),
        oldest_unread_at=Subquery(unread.annotate(found=Min("sent_at")).values("found")),
        handed_in=Subquery(sent.annotate(found=Count("pk")).values("found")),
        oldest_handed_in_at=Subquery(sent.annotate(found=Min("sent_at")).values("found")),
        safety_at=Subquery(safety),
        answered_at=Subquery(unread_measures().values("sent_at")[:1]),
        stuck_at=Subquery(stuck.order_by("-sent_at").values("sent_at")[:1]),
        last_active_at=Greatest(Subquery(written), Subquery(answered), F("started_at")),
    )
