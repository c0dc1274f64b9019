"""Care after the end, for the follow-ups only: whose it is, until when, and where nobody holds it. Reads only.

It is a dated care relation (`AccessGrant`), written when a treatment ends; programs.actions.aftercare hands it on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from clinics.models import Absence, AccessGrant, Clinic, Membership, Role, User
from programs.doors import READABLE_AFTER_END
from programs.measures.asking import plan_for
from programs.measures.schedule import last_day
from programs.models import Submission, Treatment

TIME_TO_READ = timedelta(days=14)  # the last follow-up may be answered on its last day, and is read after it


@dataclass(frozen=True)
class Unheld:
    """A treatment whose follow-up answers have no present reader. `holder`: who has it and is away, None for nobody."""

    treatment: Treatment
    holder: User | None
    unread: int


def cared_for_until(treatment: Treatment) -> datetime:
    """Return when the follow-up care of an ended treatment ends.

    Twelve months, as long as the patient can read; longer where the last follow-up is asked later than that.
    """
    if treatment.ended_at is None:
        raise ValueError("a treatment that has not ended has its own people")
    last = last_day(plan_for(treatment), treatment.ended_at)
    return max(treatment.ended_at + READABLE_AFTER_END, last + TIME_TO_READ)


def source_of(treatment: Treatment) -> str:
    """Return what names the treatment in the grant."""
    return f"follow-up:{treatment.code}"


def holder_of(treatment: Treatment, now: datetime) -> User | None:
    """Return who follows up after the end, None where nobody does. One query."""
    held = AccessGrant.objects.open_at(now).filter(patient=treatment.patient_id, source=source_of(treatment))
    found = held.select_related("user").order_by("-starts_at", "-pk").first()
    return found.user if found else None


def unread_measures() -> QuerySet[Submission]:
    """Return the questionnaires of an outer treatment that does not run, sent since somebody looked, the newest first.

    After an end only what came after it: what was sent before belongs to the treatment.
    """
    since = Greatest(
        Coalesce(OuterRef("seen_by_therapist_at"), OuterRef("planned_at")),
        Coalesce(OuterRef("ended_at"), OuterRef("planned_at")),
    )
    return Submission.objects.measures().filter(treatment=OuterRef("pk"), sent_at__gt=since).order_by("-sent_at")


def without_reader(clinics: Iterable[Clinic], now: datetime) -> list[Unheld]:
    """Return the ended treatments at the clinics whose follow-ups nobody present reads. Two queries at most.

    Nobody holds them, the holder has left, or the holder is away while answers wait.
    """
    current = Treatment.objects.current().filter(patient=OuterRef("patient"))
    count = unread_measures().order_by().values("treatment").annotate(found=Count("pk")).values("found")
    ended = (
        Treatment.objects.filter(patient__clinic__in=clinics, started_at__isnull=False, ended_at__isnull=False)
        .exclude(Exists(current))
        .select_related("patient__user", "patient__clinic", "revision__programme")
        .annotate(unread=Subquery(count))
        .order_by("patient__user__sort_name", "-ended_at")
    )
    asked = [treatment for treatment in ended if now < cared_for_until(treatment)]
    holders = _holders(asked, now)
    found = []
    for treatment in asked:
        held, unread = holders.get(source_of(treatment)), vars(treatment)["unread"] or 0
        if held is None or not held.works_here or (held.is_away and unread):
            found.append(Unheld(treatment, held.user if held else None, unread))
    return found


@dataclass(frozen=True)
class _Holder:
    """Who follows up, whether still as a therapist of the patient's clinic, and whether away now."""

    user: User
    works_here: bool
    is_away: bool


def _holders(treatments: list[Treatment], now: datetime) -> dict[str, _Holder]:
    """Return who holds each treatment's follow-up, by the source of the grant."""
    sources = [source_of(treatment) for treatment in treatments]
    here = Membership.objects.current().filter(
        user=OuterRef("user"), clinic=OuterRef("patient__clinic"), role=Role.THERAPIST
    )
    away = Absence.objects.ongoing(now).filter(user=OuterRef("user"))
    held = AccessGrant.objects.open_at(now).filter(source__in=sources).select_related("user")
    held = held.annotate(works_here=Exists(here), is_away=Exists(away)).order_by("starts_at", "pk")
    return {
        grant.source: _Holder(grant.user, works_here=vars(grant)["works_here"], is_away=vars(grant)["is_away"])
        for grant in held
    }


def who_could_follow_up(treatment: Treatment, now: datetime) -> list[User]:
    """Return the therapists at the patient's clinic who are not away and may treat with the programme, by name."""
    treating = Membership.objects.current().filter(
        clinic=treatment.patient.clinic_id, role=Role.THERAPIST,
        competences__programme=treatment.revision.programme.slug,
    )  # fmt: skip
    may = [membership.user_id for membership in treating if membership.may_treat]
    away = Absence.objects.ongoing(now).values("user")
    return list(User.objects.filter(pk__in=may).exclude(pk__in=away).order_by("sort_name", "pk"))
