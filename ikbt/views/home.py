"""The first page, which shows each person the way."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from clinics.access import PATIENT, Permission, permissions_of, requires, roles_of, signed_in

FIRST_PAGES = [
    (Permission.READ_RECORD, "worklist"),
    (Permission.SEE_CLINIC_FIGURES, "dashboard"),
    (Permission.EDIT_PROGRAM, "programmes"),
]


@require_safe
@requires(Permission.OWN_ACCOUNT)
def front(request: HttpRequest) -> HttpResponse:
    """Lead each role to its own first page."""
    user = signed_in(request)
    if PATIENT in roles_of(user):
        return redirect("patient-home")
    rights = permissions_of(user)
    return redirect(next((name for right, name in FIRST_PAGES if right in rights), "account"))
