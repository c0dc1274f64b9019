"""What a patient can take along: the workbook, empty and filled in, and all own data."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from clinics.access import Permission, own_patient, requires, signed_in
from followup.actions import order_report
from followup.forms import OrderForm
from followup.kinds import FOR_PATIENTS, KINDS
from followup.models import Report, ReportSet
from followup.views.reports import as_file, standing_of
from programs.doors import own_treatment, treatments_of

SHOWN = 10  # files ordered before


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def copies(request: HttpRequest) -> HttpResponse:
    """List what can be ordered and what was; a post orders one, and twice is one."""
    now = timezone.now()
    treatment = own_treatment(request, what="copies", now=now)
    form = OrderForm(request.POST, kinds=FOR_PATIENTS)
    if request.method == "POST" and form.is_valid():
        ordered = order_report(
            treatment=treatment, kind=form.cleaned_data["kind"], key=form.cleaned_data["idempotency_key"],
            language=get_language() or "sv", by=signed_in(request), now=now,
        )  # fmt: skip
        return redirect("copy", ordered.code)
    earlier = _own(request).defer("file").filter(treatment=treatment).order_by("-asked_at")[:SHOWN]
    context = {
        "kinds": [(kind.value, KINDS[kind], uuid4()) for kind in FOR_PATIENTS],
        "earlier": [(each, KINDS[each.kind]) for each in earlier],
    }
    return render(request, "followup/copies.html", context)


@require_safe
@requires(Permission.DO_TREATMENT)
def copy(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show how far a file has come."""
    return render(
        request, "followup/copy.html", _progress(_found(request, code, timezone.now(), what=f"report:{code}"))
    )


@require_safe
@requires(Permission.DO_TREATMENT)
def copy_progress(request: HttpRequest, code: UUID) -> HttpResponse:
    """Answer the waiting page: 204 while nothing has changed. It shows a stage and nothing else."""
    found = _found(request, code, timezone.now())
    if request.GET.get("seen") == found.stage and not found.failed_at:
        return HttpResponse(status=204)
    return render(request, "followup/report_progress.html", _progress(found))


@require_safe
@requires(Permission.DO_TREATMENT)
def copy_file(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give the file. Its name says nothing about whom."""
    found = _found(request, code, timezone.now(), what=f"report:{code}", with_file=True)
    return as_file(found) or redirect("copy", code)


def _own(request: HttpRequest) -> ReportSet:
    """The files that the signed-in patient has ordered."""
    user = signed_in(request)
    return Report.objects.visible_to(user).filter(treatment__patient__user=user, asked_by=user)


def _found(request: HttpRequest, code: UUID, now: datetime, *, what: str = "", with_file: bool = False) -> Report:
    patient = own_patient(request, what=what, now=now)
    reports = _own(request) if with_file else _own(request).defer("file")
    found: Report = get_object_or_404(reports.select_related("treatment"), code=code)
    if not treatments_of(patient, now).filter(pk=found.treatment_id).exists():
        raise Http404
    return found


def _progress(found: Report) -> dict[str, object]:
    look, ask, fetch = (reverse(name, args=[found.code]) for name in ("copy", "copy-progress", "copy-file"))
    return {"look": look, "ask": ask, "fetch": fetch, **standing_of(found)}
