"""Who may do what. Rights are an enum, roles are one table, and the view shows what it asks (house rule: closed)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone

from clinics.audit import Did, audit
from clinics.models import Absence, AccessGrant, CareAssignment, Clinic, Membership, Patient, Role, User
from clinics.models.patients import KNOWING_ROLES

View = Callable[..., HttpResponseBase]


class Permission(StrEnum):
    OWN_ACCOUNT = "own_account"  # every signed-in person
    DO_TREATMENT = "do_treatment"
    READ_RECORD = "read_record"
    WRITE_MESSAGE = "write_message"
    ANSWER_FLAG = "answer_flag"
    SEE_FLAG_CLOCKS = "see_flag_clocks"
    ASSIGN_FLAG = "assign_flag"
    ACTIVATE_RULES = "activate_rules"  # the second pair of eyes is another person with the same right
    EDIT_PLAN = "edit_plan"  # the escalation plan of a clinic
    SET_HOURS = "set_hours"  # when a clinic is open
    PLAN_OWN_ABSENCE = "plan_own_absence"
    PLAN_ABSENCE = "plan_absence"
    SEE_COVER = "see_cover"
    MANAGE_PEOPLE = "manage_people"
    SEE_CLINIC_FIGURES = "see_clinic_figures"
    SEE_CHAIN = "see_chain"
    PREVIEW_PROGRAM = "preview_program"
    EDIT_PROGRAM = "edit_program"
    LOAD_WORDING = "load_wording"
    CHOOSE_NOTICES = "choose_notices"  # those who are told of flags and of cover
    SEE_DELIVERIES = "see_deliveries"


PATIENT = "patient"
_OWN = Permission.OWN_ACCOUNT
_LEADING = {
    _OWN,
    Permission.SEE_FLAG_CLOCKS,
    Permission.ASSIGN_FLAG,
    Permission.ACTIVATE_RULES,
    Permission.EDIT_PLAN,
    Permission.SET_HOURS,
    Permission.PLAN_OWN_ABSENCE,  # those who lead are away too, and never both
    Permission.PLAN_ABSENCE,
    Permission.SEE_COVER,
    Permission.MANAGE_PEOPLE,
    Permission.SEE_CLINIC_FIGURES,
    Permission.SEE_CHAIN,
    Permission.PREVIEW_PROGRAM,
    Permission.LOAD_WORDING,
    Permission.CHOOSE_NOTICES,
}
HANDED_A_FLAG = {Permission.READ_RECORD, Permission.ANSWER_FLAG}
ROLE_PERMISSIONS: dict[str, set[Permission]] = {
    PATIENT: {_OWN, Permission.DO_TREATMENT},
    Role.THERAPIST: {
        _OWN,
        Permission.READ_RECORD,
        Permission.WRITE_MESSAGE,
        Permission.ANSWER_FLAG,
        Permission.SEE_FLAG_CLOCKS,
        Permission.PLAN_OWN_ABSENCE,
        Permission.SEE_COVER,
        Permission.SEE_CHAIN,
        Permission.PREVIEW_PROGRAM,
        Permission.CHOOSE_NOTICES,
    },
    Role.LEAD: _LEADING,
    Role.DEPUTY: _LEADING,
    Role.REGION: {_OWN, Permission.SEE_CHAIN, Permission.ACTIVATE_RULES},
    Role.AUTHOR: {_OWN, Permission.PREVIEW_PROGRAM, Permission.EDIT_PROGRAM},
    Role.ADMINISTRATOR: {
        _OWN,
        Permission.MANAGE_PEOPLE,
        Permission.SEE_CHAIN,
        Permission.LOAD_WORDING,
        Permission.EDIT_PLAN,
        Permission.SET_HOURS,
        Permission.SEE_DELIVERIES,
    },
}


def memberships_of(user: User) -> list[Membership]:
    """Return the person's current memberships, fetched once per request's user object."""
    if not hasattr(user, "_current_memberships"):
        silent = Exists(Absence.objects.filter(user=user, ends_at=None))  # silence alone has no end
        found = Membership.objects.current().filter(user=user).select_related("clinic").order_by("pk")
        user._current_memberships = list(found.annotate(is_silent=silent))  # type: ignore[attr-defined]  # one query per request, kept on the user
    kept: list[Membership] = user._current_memberships  # type: ignore[attr-defined]
    return kept


def is_taken_as_away(user: User) -> bool:
    """Tell whether the person works somewhere and counts as away because of silence. Fetched with the memberships."""
    return any(vars(membership)["is_silent"] for membership in memberships_of(user))


def roles_of(user: User) -> set[str]:
    """Return the roles held now. A person without a membership who has a patient row is a patient."""
    roles: set[str] = {m.role for m in memberships_of(user)}
    if not roles and patient_of(user):
        roles.add(PATIENT)
    return roles


def patient_of(user: User) -> Patient | None:
    """Return the user's own patient row, if any, fetched once per request's user object."""
    if not hasattr(user, "_own_patient"):
        found = Patient.objects.filter(user=user).select_related("clinic").first()
        if found:
            found.user = user  # known already
        user._own_patient = found  # type: ignore[attr-defined]  # as above
    own: Patient | None = user._own_patient  # type: ignore[attr-defined]
    return own


def permissions_of(user: User) -> set[Permission]:
    """Return what the roles allow, and what being handed a flag allows someone with a clinical profession."""
    allowed = set().union(*(ROLE_PERMISSIONS[role] for role in roles_of(user)))
    return allowed if allowed >= HANDED_A_FLAG or not _was_handed_a_flag(user) else allowed | HANDED_A_FLAG


def _was_handed_a_flag(user: User) -> bool:
    """Tell whether a lead or deputy with a clinical profession holds an open grant (the care relation of a flag).

    Which patient it opens is asked by `open_patient`. Fetched once per request's user object.
    """
    if not any(m.is_clinical and m.role in (Role.LEAD, Role.DEPUTY) for m in memberships_of(user)):
        return False
    if not hasattr(user, "_was_handed_a_flag"):
        grants = AccessGrant.objects.open_at(timezone.now()).filter(user=user, why=AccessGrant.Why.FLAG)
        user._was_handed_a_flag = grants.exists()  # type: ignore[attr-defined]  # as the memberships
    handed: bool = user._was_handed_a_flag  # type: ignore[attr-defined]
    return handed


def clinics_of(user: User, *roles: str) -> list[Clinic]:
    """Return the clinics where the person holds one of the roles now, each once."""
    held = [m.clinic for m in memberships_of(user) if m.clinic and m.role in roles]
    return list(dict.fromkeys(held))


def requires(permission: Permission) -> Callable[[View], View]:
    """Let the view answer only those who hold the right; the guard test reads `requires` from the view."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if permission not in permissions_of(signed_in(request)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.requires = permission  # type: ignore[attr-defined]  # read by tests/guards
        return guarded

    return decorate


def public(reason: str) -> Callable[[View], View]:
    """Let everybody see the view, signed in or not. The reason is shown by the guard test."""

    def decorate(view: View) -> View:
        view.public_because = reason  # type: ignore[attr-defined]  # read by tests/guards
        opened: View = login_not_required(view)
        return opened

    return decorate


def signed_in(request: HttpRequest) -> User:
    """Return the signed-in user. LoginRequiredMiddleware has already turned everybody else away."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def knows_of(user: User, patient: Patient) -> bool:
    """Say what `PatientSet.visible_to` says, of one's own clinic from the memberships. One query for another's."""
    is_here = patient.clinic_id in {clinic.pk for clinic in clinics_of(user, *KNOWING_ROLES)}
    return is_here or Patient.objects.visible_to(user).filter(pk=patient.pk).exists()


def has_care_relation(user: User, patient: Patient, now: datetime) -> bool:
    return Patient.objects.in_care_of(user, now).filter(pk=patient.pk).exists()


def open_patient(request: HttpRequest, code: UUID, *, now: datetime | None = None) -> Patient:
    """The one door to another person's data: 404 outside the clinic, 403 without a care relation, one audit row.

    A GET leaves a row that says the patient was read; a change leaves the row of its verb instead.
    """
    user, now = signed_in(request), now or timezone.now()
    treated = Exists(CareAssignment.objects.treated_by(user, now).filter(patient=OuterRef("pk")))
    patients = Patient.objects.select_related("user", "clinic").annotate(is_treated=treated)
    patient = get_object_or_404(patients, code=code)
    enter(request, patient, is_treated=vars(patient)["is_treated"], now=now)
    return patient


def enter(request: HttpRequest, patient: Patient, *, is_treated: bool, now: datetime) -> None:
    """The same door, to a patient who is loaded; `is_treated` by the user, as `treated_by` says.

    Nearly everybody who comes is the therapist: only of the others it is asked whether they stand in, or were let in.
    """
    user = signed_in(request)
    if not knows_of(user, patient):
        raise Http404
    if patient.user_id == user.pk or not (is_treated or has_care_relation(user, patient, now)):
        raise PermissionDenied
    if request.method in {"GET", "HEAD"}:
        audit(by=user, did=Did.READ, what=f"patient:{patient.code}", patient=patient, now=now)


def own_patient(request: HttpRequest, *, what: str = "", now: datetime | None = None) -> Patient:
    """The patient's own door. A GET that shows own data leaves a row that says what was read."""
    user = signed_in(request)
    patient = patient_of(user)
    if patient is None:
        raise PermissionDenied
    if what and request.method in {"GET", "HEAD"}:
        audit(by=user, did=Did.READ, what=what, patient=patient, now=now or timezone.now())
    return patient
