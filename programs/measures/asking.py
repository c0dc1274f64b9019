"""What a treatment's patient should answer now, read from the rows. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import F, Max, Value

from clinics.models import Patient
from programs.measures.schedule import Asking, Plan, Way, asked_now, asking, last_day, plan_of
from programs.measures.wordings import showable
from programs.models import Step, Submission, Treatment
from programs.shipped import instruments

_WITH_PEOPLE = Treatment.objects.select_related("assignment__therapist", "assignment__substitute")
_CURRENT = _WITH_PEOPLE.current()  # put together once: of each visit only the patient is new


def plan_for(treatment: Treatment) -> Plan:
    """Return the schedule of the treatment's revision, with its own main measure."""
    items = {name: len(each.items) for name, each in instruments().items()}
    return plan_of(treatment.revision.facts.get("instruments", {}), treatment.primary_measure, items)


def way_of(treatment: Treatment, plan: Plan, sent: Iterable[tuple[str, datetime | None]]) -> Way:
    """Return how far the treatment is; `sent` holds each module's slug and when it was sent."""
    by_slug = dict(sent)
    listed = treatment.revision.facts.get("modules") or list(by_slug)  # a draft may lack some of its modules
    times = [at for at in map(by_slug.get, listed) if at]
    return Way(
        planned_at=treatment.planned_at,
        started_at=treatment.started_at,
        mid_at=by_slug.get(plan.mid_after),
        done_at=max(times) if times and len(times) == len(listed) else None,
        ended_at=treatment.ended_at,
    )


def asking_of(
    treatment: Treatment,
    now: datetime,
    language: str,
    *,
    modules: Iterable[tuple[str, datetime | None]] | None = None,
    sent: Mapping[str, datetime] | None = None,
) -> Asking:
    """Return what waits for the patient.

    One query, none when the caller has loaded what was sent; one more when a gated instrument is asked for now.
    """
    plan = plan_for(treatment)
    if modules is None or sent is None:
        modules, sent = _sent(treatment)
    way = way_of(treatment, plan, modules)
    shown = showable(treatment.patient.clinic, language, asked_now(plan, way, now))
    return asking(plan, way, shown, sent, now)


def _sent(treatment: Treatment) -> tuple[list[tuple[str, datetime | None]], dict[str, datetime]]:
    """Return each module with when it was sent, and each instrument with when it last was. One query."""
    measures = Submission.objects.measures().filter(treatment=treatment).order_by()
    steps = Step.objects.filter(treatment=treatment).order_by()
    last = (
        measures.annotate(what=Value("measure"), name=F("form")).values_list("what", "name").annotate(at=Max("sent_at"))
    )
    modules = steps.annotate(what=Value("module"), name=F("module__slug"), at=F("sent_at"))
    rows = list(last.union(modules.values_list("what", "name", "at"), all=True))
    return (
        [(name, at) for what, name, at in rows if what == "module"],
        {name: at for what, name, at in rows if what == "measure"},
    )


def answerable(patient: Patient, now: datetime) -> Treatment | None:
    """Return the treatment whose questionnaires can be answered: one that runs or is planned, else one followed up.

    It carries the patient that was given, and both people of the assignment; not the revision, which sending does not
    need: `asking_of` fetches it.
    """
    for current in _CURRENT.filter(patient=patient):  # there is one at most
        current.patient = patient
        return current
    followed = _WITH_PEOPLE.filter(patient=patient, ended_at__isnull=False, started_at__isnull=False)
    ended = followed.order_by("-ended_at").first()
    if ended is None or not takes_measures(ended, now):
        return None
    ended.patient = patient
    return ended


def takes_measures(treatment: Treatment, now: datetime) -> bool:
    """Say whether answers to questionnaires are taken: planned, while it runs, and until the last follow-up.

    A plan that was taken back takes none: there is nothing to follow up.
    """
    if treatment.ended_at is None:
        return True
    return treatment.started_at is not None and now < last_day(plan_for(treatment), treatment.ended_at)
