"""Next of kin with the patient's consent: the patient's own page, and the same filled in by staff with the patient."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import Permission, open_patient, own_patient, requires, signed_in
from clinics.actions.next_of_kin import name_next_of_kin, withdraw_next_of_kin
from clinics.audit import Did, audit
from clinics.models import Patient
from ikbt.own.next_of_kin_form import NextOfKinForm


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def own(request: HttpRequest) -> HttpResponse:
    """Show and change one's own. It stays open after the treatment: a consent can always be taken back."""
    now = timezone.now()
    patient = own_patient(request, what="next-of-kin", now=now)
    return _answer(request, patient, now, template="patient/next_of_kin.html", back=reverse("next-of-kin"))


@require_POST
@requires(Permission.DO_TREATMENT)
def withdraw_own(request: HttpRequest) -> HttpResponse:
    withdraw_next_of_kin(patient=own_patient(request), by=signed_in(request), now=timezone.now())
    messages.success(request, _("Taken back. Your clinic contacts nobody without asking you."))
    return redirect("next-of-kin")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WRITE_MESSAGE)
def together(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show and change it together with the patient."""
    now = timezone.now()
    back = reverse("patient-next-of-kin", args=[code])
    patient = open_patient(request, code, now=now)
    return _answer(request, patient, now, template="patient_view/next_of_kin.html", back=back, is_staff=True)


@require_POST
@requires(Permission.WRITE_MESSAGE)
def withdraw_together(request: HttpRequest, code: UUID) -> HttpResponse:
    now = timezone.now()
    withdraw_next_of_kin(patient=open_patient(request, code, now=now), by=signed_in(request), now=now)
    messages.success(request, _("The consent is taken back. Contact nobody without asking the patient."))
    return redirect("patient-next-of-kin", code=code)


def _answer(
    request: HttpRequest, patient: Patient, now: datetime, *, template: str, back: str, is_staff: bool = False
) -> HttpResponse:
    form = NextOfKinForm(request.POST or None, together=is_staff)
    if request.method == "POST" and form.is_valid():
        said, user = form.cleaned_data, signed_in(request)
        name_next_of_kin(
            patient=patient, name=said["name"], relation=said["relation"], phone=said["phone"], by=user, now=now
        )
        messages.success(request, _("Saved."))
        return redirect(back)
    if request.method == "POST":  # the door has audited the reading of a GET only
        what = f"patient:{patient.code}" if is_staff else "next-of-kin"
        audit(by=signed_in(request), did=Did.READ, what=what, patient=patient, now=now)
    kin = patient.next_of_kin.with_consent().select_related("given_by").first()
    context = {"patient": patient, "kin": kin, "form": form, "is_own": bool(kin and kin.given_by_id == patient.user_id)}
    return render(request, template, context)
