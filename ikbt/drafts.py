"""Which forms may be saved unsent, by whom, and for which treatment. Reads only."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinics.access import Permission, has_care_relation, patient_of, permissions_of
from clinics.models import Patient, User
from messaging.models import Message
from programs.measures.asking import answerable
from programs.measures.wordings import showable
from programs.models import Step, Submission, Treatment
from programs.plans.plans_for_crisis import takes_plans, treatment_for_plan
from programs.shipped import interviews
from programs.tools import tools
from riskmonitor.flags.once_told import may_write_about
from riskmonitor.follow_up import treatment_to_tell
from riskmonitor.models import Flag, Interview

FORM_KEY = re.compile(
    r"(?P<kind>measure|phone|page|tool|message|stuck|call_me|reply|handover|flag|crisisplan)(?::(?P<rest>[-a-z0-9_:]{1,110}))?"
)


@dataclass(frozen=True)
class Place:
    """Where a draft belongs. `instrument` is its id when the form is a questionnaire."""

    treatment: Treatment | None
    instrument: str = ""


def place_of(user: User, form_key: str, now: datetime) -> Place | None:
    """Return where the form's draft belongs, None for a form that is unknown, closed or somebody else's."""
    found = FORM_KEY.fullmatch(form_key)
    if found is None:
        return None
    return PLACES[found["kind"]](user, found["rest"] or "", now)


def was_sent(user: User, key: UUID) -> bool:
    """Say whether the person has sent a form with this key."""
    sent = (
        Submission.objects.filter(key=key, entered_by=user),
        Message.objects.filter(key=key, author=user),
        Interview.objects.filter(key=key, event__by=user),
    )
    return any(rows.exists() for rows in sent)


def _measure(user: User, rest: str, now: datetime) -> Place | None:
    patient = patient_of(user) if Permission.DO_TREATMENT in permissions_of(user) else None
    treatment = answerable(patient, now) if patient else None
    return _form_of(treatment, rest)


def _phone(user: User, rest: str, now: datetime) -> Place | None:
    """Return the place of a questionnaire that staff fill in for a patient on the telephone."""
    code, _colon, instrument = rest.partition(":")
    wanted = _uuid(code)
    if wanted is None or Permission.WRITE_MESSAGE not in permissions_of(user):
        return None
    treatment = Treatment.objects.visible_to(user).filter(code=wanted).select_related("patient__clinic").first()
    return _form_of(treatment, instrument) if treatment and _in_care(user, treatment, now) else None


def _form_of(treatment: Treatment | None, instrument: str) -> Place | None:
    """Return the place of a questionnaire that the clinic can show."""
    if treatment is None or instrument not in showable(treatment.patient.clinic, "sv", [instrument]):
        return None
    return Place(treatment, instrument=instrument)


def _tool(user: User, rest: str, now: datetime) -> Place | None:
    """Return the place of a new entry, of one kind or the only one, or of an own entry that is being edited."""
    tool, _colon, which = rest.partition(":")
    treatment, schema = _own_treatment(user), tools().get(tool)
    if treatment is None or schema is None:
        return None
    if not which or schema.kind(which):
        return Place(treatment)
    mine = Submission.objects.filter(treatment=treatment, kind=Submission.Kind.TOOL, form=tool)
    code = _uuid(which)
    return Place(treatment) if code and mine.filter(code=code).exists() else None


def _message(user: User, rest: str, now: datetime) -> Place | None:
    """Return the place of a form that each treatment has once: a message, or what is slow going."""
    treatment = _own_treatment(user)
    return Place(treatment) if treatment and not rest else None


def _page(user: User, rest: str, now: datetime) -> Place | None:
    """Return the place of a page of a module that is open to the patient."""
    code, _colon, page = rest.partition(":")
    treatment, wanted = _own_treatment(user), _uuid(code)
    if treatment is None or wanted is None:
        return None
    steps = Step.objects.open().filter(treatment=treatment, code=wanted, module__pages__slug=page)
    return Place(treatment) if steps.exists() else None


def _reply(user: User, rest: str, now: datetime) -> Place | None:
    wanted = _uuid(rest)
    if wanted is None or Permission.WRITE_MESSAGE not in permissions_of(user):
        return None
    treatment = Treatment.objects.visible_to(user).filter(code=wanted).select_related("patient").first()
    return Place(treatment) if treatment and _in_care(user, treatment, now) else None


def _handover(user: User, rest: str, now: datetime) -> Place | None:
    """Return the place of the note that only the patient's therapist writes."""
    place = _reply(user, rest, now)
    own = place and place.treatment and place.treatment.assignment.therapist_id == user.pk
    return place if own else None


def _flag(user: User, rest: str, now: datetime) -> Place | None:
    """Return the place of what is written about a flag, or of an interview that is asked from it.

    Also of somebody who was told of the flag and has the form open when that access ends.
    """
    code, colon, interview = rest.partition(":")
    wanted = _uuid(code)
    if colon and interview not in interviews():
        return None
    if wanted is None or Permission.ANSWER_FLAG not in permissions_of(user):
        return None
    flag = Flag.objects.filter(code=wanted).exclude(patient__user=user).select_related("treatment", "patient").first()
    if flag is None or flag.treatment is None:
        return None
    return Place(flag.treatment) if may_write_about(user, flag, now) else None


def _crisis_plan(user: User, rest: str, now: datetime) -> Place | None:
    """Return the place of the patient's own plan, or of one that is filled in together with the patient."""
    if not rest:
        own = patient_of(user) if Permission.DO_TREATMENT in permissions_of(user) else None
        treatment = treatment_for_plan(own, now) if own else None
        return Place(treatment) if treatment and takes_plans(treatment) else None
    wanted = _uuid(rest)
    if wanted is None or Permission.WRITE_MESSAGE not in permissions_of(user):
        return None
    patient = Patient.objects.visible_to(user).filter(code=wanted).first()
    treatment = treatment_for_plan(patient, now) if patient else None
    return Place(treatment) if treatment and takes_plans(treatment) and _in_care(user, treatment, now) else None


def _call_me(user: User, rest: str, now: datetime) -> Place | None:
    """Return the place of asking to be called, which is also open before and after a treatment that runs."""
    patient = patient_of(user) if Permission.DO_TREATMENT in permissions_of(user) else None
    treatment = treatment_to_tell(patient) if patient and not rest else None
    return Place(treatment) if treatment else None


PLACES: dict[str, Callable[[User, str, datetime], Place | None]] = {
    "measure": _measure,
    "phone": _phone,
    "page": _page,
    "tool": _tool,
    "message": _message,
    "stuck": _message,
    "call_me": _call_me,
    "reply": _reply,
    "handover": _handover,
    "flag": _flag,
    "crisisplan": _crisis_plan,
}


def _own_treatment(user: User) -> Treatment | None:
    if Permission.DO_TREATMENT not in permissions_of(user):
        return None
    patient = patient_of(user)
    return patient.treatments.running().select_related("patient").first() if patient else None


def _in_care(user: User, treatment: Treatment, now: datetime) -> bool:
    return treatment.patient.user_id != user.pk and has_care_relation(user, treatment.patient, now)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
