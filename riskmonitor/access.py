"""The doors to flags (to read and answer, or to hand out without reading), to absences, clinics and people's posts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from clinics.access import clinics_of, enter, knows_of, memberships_of, signed_in
from clinics.audit import Did, audit
from clinics.models import Absence, CareAssignment, Clinic, Membership, Role, User
from clinics.models.absence import AbsenceSet
from programs.models import Treatment
from riskmonitor.actions import AlreadyClosed
from riskmonitor.flags.alongside import ALONGSIDE
from riskmonitor.flags.once_told import once_told
from riskmonitor.flags.seen import NEWEST
from riskmonitor.models import Flag
from riskmonitor.models.flag import FlagSet

SETTING = (Role.LEAD, Role.DEPUTY, Role.ADMINISTRATOR)  # who sets a clinic's plans, hours and posts


class AccessEnded(Exception):
    """The person was told of the flag and may read about the patient no longer.

    For a day it is said who has the flag; after that the person's own words are all that is shown.
    """

    def __init__(self, flag: Flag) -> None:
        super().__init__(flag.pk)
        self.flag = flag


def open_flag(request: HttpRequest, code: UUID, *, now: datetime) -> Flag:
    """Return the flag to someone who may read the patient: 404 outside the clinic, 403 without a care relation.

    A GET leaves the audit row of `open_patient`. Raise AccessEnded to somebody who was told of the flag and comes after
    that access has ended: a colleague has taken it on or closed it, the agreement ran out, or the person left.
    """
    flag = flag_written_about(request, code, now=now)
    try:
        enter(request, flag.patient, is_treated=vars(flag)["is_treated"], now=now)
    except (Http404, PermissionDenied):
        if _has_page(request, flag, now):
            raise AccessEnded(flag) from None
        raise
    return flag


def open_flag_to_change(request: HttpRequest, code: UUID, *, now: datetime) -> Flag:
    """Return a flag that is still open, as `open_flag`. Raise AlreadyClosed."""
    flag = open_flag(request, code, now=now)
    if flag.closed_at:
        raise AlreadyClosed(flag)
    return flag


def led_flag(request: HttpRequest, code: UUID, *, now: datetime) -> Flag:
    """Return the flag to someone who leads its clinic, for its clock and owner: 404 outside the clinic, else 403."""
    flag = known_flag(request, code, now=now)
    if flag.clinic not in clinics_of(signed_in(request), Role.LEAD, Role.DEPUTY):
        raise PermissionDenied
    return flag


def known_flag(request: HttpRequest, code: UUID, *, now: datetime) -> Flag:
    """Return the flag to someone of its clinic, with what stands alongside: only to know which one is meant."""
    user = signed_in(request)
    flag = get_object_or_404(_alongside(Flag.objects.all(), user, now), code=code)
    if flag.patient.user_id == user.pk or not knows_of(user, flag.patient):
        raise Http404
    return flag


def flag_written_about(request: HttpRequest, code: UUID, *, now: datetime) -> Flag:
    """Return the flag as `known_flag`, or to whoever was told of it: to keep what was typed, and to say who has it."""
    try:
        return known_flag(request, code, now=now)
    except Http404:
        flag = _alongside(Flag.objects.all(), signed_in(request), now).filter(code=code).first()
        if flag is None or not _has_page(request, flag, now):
            raise
        return flag


def _has_page(request: HttpRequest, flag: Flag, now: datetime) -> bool:
    """Tell whether somebody who may not read the patient is shown the page without the patient's words.

    Within a day, as long as their own words are kept, and whenever they send something, which is never lost.
    """
    told = once_told(signed_in(request), flag)
    return told is not None and (request.method == "POST" or told.has_draft or told.sees_whose(now))


def _alongside(flags: FlagSet, user: User, now: datetime) -> FlagSet:
    """Add what the pages of a flag show beside it, and whether the user is the patient's therapist now."""
    treated = Exists(CareAssignment.objects.treated_by(user, now).filter(patient=OuterRef("patient")))
    related = flags.select_related(
        "patient__user", "clinic", "owner", "acknowledged_by", "closed_by",
        "treatment__assignment__therapist", "treatment__assignment__substitute",
    )  # fmt: skip
    return related.annotate(**NEWEST, **ALONGSIDE, is_treated=treated)


def say_read(request: HttpRequest, flag: Flag, now: datetime) -> None:
    """Leave the row that the patient was read, for a page that answers a POST; a GET has left it at the door."""
    if request.method == "POST":
        patient = flag.patient
        audit(by=signed_in(request), did=Did.READ, what=f"patient:{patient.code}", patient=patient, now=now)


def known_absence(request: HttpRequest, code: UUID) -> Absence:
    """Return the absence of somebody at a clinic where one works: 404 outside. That one is away is no secret there."""
    return get_object_or_404(_absences_around(request).kept(), code=code)


def _absences_around(request: HttpRequest) -> AbsenceSet:
    """Return the absences of those at clinics where one works, cancelled ones too."""
    worked_at = clinics_of(signed_in(request), Role.THERAPIST, Role.LEAD, Role.DEPUTY)
    return Absence.objects.of_members(worked_at).select_related("user")


def absence_to_change(request: HttpRequest, code: UUID) -> Absence:
    """Return one's own absence, or that of somebody at a clinic that one leads: 404 outside the clinic, else 403.

    Also a cancelled one: whoever presses twice is told that it is over.
    """
    user, absence = signed_in(request), get_object_or_404(_absences_around(request), code=code)
    led = clinics_of(user, Role.LEAD, Role.DEPUTY)
    if absence.user_id != user.pk and not Absence.objects.of_members(led).filter(pk=absence.pk).exists():
        raise PermissionDenied
    return absence


def led_treatment(request: HttpRequest, code: UUID) -> Treatment:
    """Return the running treatment of a patient to someone who leads the clinic, for who is named: 404, else 403."""
    user = signed_in(request)
    running = (
        Treatment.objects.running()
        .visible_to(user)
        .select_related("patient__user", "patient__clinic", "assignment__therapist", "assignment__substitute")
    )
    treatment = get_object_or_404(running, patient__code=code)
    if treatment.patient.clinic not in clinics_of(user, Role.LEAD, Role.DEPUTY):
        raise PermissionDenied
    treatment.assignment.patient = treatment.patient
    return treatment


def clinic_to_set(request: HttpRequest, code: UUID) -> Clinic:
    """Return the clinic to those who lead or administer it: 404 to those of another clinic, else 403."""
    user = signed_in(request)
    worked_at = {membership.clinic for membership in memberships_of(user) if membership.clinic}
    clinic = next((each for each in worked_at if each.code == code), None)
    if clinic is None:
        raise Http404
    if clinic not in clinics_of(user, *SETTING):
        raise PermissionDenied
    return clinic


def managed_memberships(request: HttpRequest, code: UUID) -> list[Membership]:
    """Return the person's memberships at the clinics that the reader leads or administers. 404 if there are none."""
    managed = clinics_of(signed_in(request), *SETTING)
    held = (
        Membership.objects.current()
        .filter(user__code=code, clinic__in=managed)
        .select_related("user", "clinic__region")
    )
    found = list(held.order_by("clinic__name", "pk"))
    if not found:
        raise Http404
    return found
