"""The patient's own doors to treatment, module and tool: what is not one's own, or not open yet, is not found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from clinics.access import has_care_relation, open_patient, own_patient, signed_in
from clinics.audit import Did, audit
from clinics.models import Patient
from programs.models import GateCheck, PlanChange, Step, Treatment
from programs.tools import ToolSchema, tools
from programs.treatment.gates import Gates
from programs.treatment.planning import may_assess

_HERE = OuterRef("pk")
_ADDED = PlanChange.objects.filter(treatment=_HERE, kind=PlanChange.Kind.TOOL_ADDED).order_by("at").values("about")
_TICKED = GateCheck.objects.holding().filter(treatment=_HERE).values(check=JSONObject(gate="gate", items="items"))
READABLE_AFTER_END = timedelta(days=365)  # twelve months (architecture §5)


def treatments_of(patient: Patient, now: datetime) -> QuerySet[Treatment]:
    """Return the patient's treatments that can be read: running ones first, then those ended in the last year."""
    return _WITH_WAY.filter(can_be_read(now), patient=patient)


def can_be_read(now: datetime) -> Q:
    """Return the condition that a treatment has started, and has not ended longer ago than it can be read."""
    return Q(started_at__isnull=False) & (Q(ended_at=None) | Q(ended_at__gte=now - READABLE_AFTER_END))


def running_first(treatments: QuerySet[Treatment]) -> QuerySet[Treatment]:
    """Return them with running ones first, each with its revision and its therapist."""
    latest = (F("ended_at").desc(nulls_first=True), "-started_at")
    return treatments.select_related("revision", "assignment__therapist").order_by(*latest)


def carrying_the_way(treatments: QuerySet[Treatment]) -> QuerySet[Treatment]:
    """Carry along what pages ask of each treatment, without a query of its own.

    `added_tools`: ids, the first added first; `ticked`: the gate and items of each checklist that holds.
    """
    return treatments.annotate(added_tools=ArraySubquery(_ADDED), ticked=ArraySubquery(_TICKED))


# Put together once: of each visit only the patient and the time are new.
_WITH_WAY = running_first(carrying_the_way(Treatment.objects.select_related("assignment__substitute")))


def is_over(patient: Patient) -> bool:
    """Say whether the patient has been in treatment; asked where nothing can be read any more."""
    ended = Treatment.objects.visible_to(patient.user).filter(started_at__isnull=False, ended_at__isnull=False)
    return ended.filter(patient=patient).exists()


def own_treatment(request: HttpRequest, *, what: str, now: datetime) -> Treatment:
    """Return the signed-in patient's treatment, and say in the audit log what was read; 404 without one.

    It carries the patient with what is loaded of it: user and clinic are not fetched again.
    """
    patient = own_patient(request, what=what, now=now)
    for treatment in treatments_of(patient, now)[:1]:
        treatment.patient = patient
        return treatment
    raise Http404


def own_step(request: HttpRequest, code: UUID, now: datetime) -> Step:
    """Return an open module of the signed-in patient; 404 for others' and for one that is not open yet.

    A module that was taken out is not found either, unless something is posted to it: then nothing typed may be lost,
    and the page says what happened (programs.treatment.standing).
    """
    patient = own_patient(request, what=f"step:{code}", now=now)
    steps = (
        Step.objects.open().filter(treatment__patient=patient).exclude(treatment__ended_at__lt=now - READABLE_AFTER_END)
    )
    if request.method in {"GET", "HEAD"}:
        steps = steps.shown()
    related = (
        "module__revision", "treatment__revision", "treatment__patient__user", "treatment__patient__clinic",
        "treatment__assignment__therapist", "treatment__assignment__substitute",
    )  # fmt: skip
    return get_object_or_404(steps.select_related(*related), code=code)


def patient_to_plan_for(request: HttpRequest, code: UUID, *, now: datetime) -> Patient:
    """The door of planning: that of `open_patient`, and one more for a patient whom nobody has in care yet.

    Somebody has to be the first. Who may assess at the clinic may come, nothing of the patient's words is shown, and
    the visit leaves the same audit row.
    """
    user = signed_in(request)
    known = (
        Patient.objects.visible_to(user).exclude(user=user).select_related("user", "clinic").filter(code=code).first()
    )
    in_care = known is not None and (has_care_relation(user, known, now) or known.treatments.current().exists())
    if known is None or in_care or not may_assess(user, known):
        return open_patient(request, code, now=now)
    if request.method in {"GET", "HEAD"}:
        audit(by=user, did=Did.READ, what=f"patient:{known.code}", patient=known, now=now)
    return known


def may_write(treatment: Treatment) -> bool:
    """Say whether the treatment takes answers: an ended one can only be read."""
    return treatment.is_running


def unlocked_tools(treatment: Treatment) -> list[ToolSchema]:
    """Return the tools that can be used now: of the modules that are open, then those added. Three queries at most."""
    return behind_open_gates(tools_on_way(treatment), Gates(treatment))


def tools_on_way(treatment: Treatment, *, also_hidden: bool = False) -> list[ToolSchema]:
    """Return the tools that have come so far, in that order, also those whose gate is closed now. Two queries.

    also_hidden: those, too, that left again with a module that was taken out.
    """
    opened = treatment.steps.open() if also_hidden else treatment.steps.open().shown()
    listed = opened.values_list("module__facts__tools", flat=True)
    added = vars(treatment).get("added_tools")
    if added is None:
        changes = treatment.plan_changes.filter(kind=PlanChange.Kind.TOOL_ADDED).order_by("at")
        added = changes.values_list("about", flat=True)
    return tools_in([*listed, list(added)])


def tools_in(listed: Iterable[Iterable[str] | None]) -> list[ToolSchema]:
    """Return the tools that are built, each once; `listed` holds the tool ids of each open module."""
    ids = dict.fromkeys(tool for each in listed for tool in each or ())
    return [tools()[tool] for tool in ids if tool in tools() and tools()[tool].built]


def behind_open_gates(schemas: Iterable[ToolSchema], gates: Gates) -> list[ToolSchema]:
    return [schema for schema in schemas if not gates.closed_before_tool(schema.id)]
