"""A patient's plan ahead for staff: as the patient has it, and as text for the record."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from clinics.access import Permission, open_patient, requires, signed_in
from programs.models import Treatment
from programs.plans.plan_ahead import PlanAhead


@require_safe
@requires(Permission.READ_RECORD)
def plan_ahead(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show the plan of the latest treatment."""
    person = open_patient(request, code, now=timezone.now())
    found = Treatment.objects.visible_to(signed_in(request)).filter(patient=person).order_by("-planned_at")
    treatment = found.select_related("patient").first()
    plan = PlanAhead(treatment, get_language() or "sv") if treatment else None
    return render(request, "plan_ahead/for_staff.html", {"patient": person, "plan": plan})
