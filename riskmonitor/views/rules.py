"""Rules are changed by two people: one tries and proposes them, another puts them in force."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from clinics.access import Permission, requires, signed_in
from clinics.audit import audit_list
from clinics.fresh_login import fresh_login
from riskmonitor.actions import ActivationRefused, Refusal, activate_rules, order_dry_run, propose_rules
from riskmonitor.activation.rule_changes import LISTED, counts_by_clinic, counts_by_kind, listed_to, standing_now
from riskmonitor.activation.rule_forms import ProposalForm, TryForm
from riskmonitor.models import DryRun
from riskmonitor.rules import rule_set_hash

REFUSALS = {
    Refusal.STRANGER: gettext_lazy("Only those who lead a clinic or the region may decide about the rules."),
    Refusal.BROKEN: gettext_lazy(
        "The rules of this release fail their own test. Nobody can use them: tell whoever runs the platform."
    ),
    Refusal.NO_REASON: gettext_lazy("Write what has changed and why the rules should be used."),
    Refusal.NOT_TRIED: gettext_lazy(
        "Try the rules on stored answers first, going back 14 days or more. The dry run may be at most a week old, and "
        "nothing may have been screened by other rules since."
    ),
    Refusal.IN_FORCE: gettext_lazy("These rules are in use already. Nothing was changed."),
    Refusal.NOT_PROPOSED: gettext_lazy(
        "There is no proposal to decide on: nobody has made one, or its dry run no longer shows everything. "
        "Try the rules, and propose them."
    ),
    Refusal.SAME_PERSON: gettext_lazy("You proposed these rules yourself. Another person must put them in use."),
}
HEADINGS = [
    (gettext_lazy("No longer flagged"), True), (gettext_lazy("Less urgent"), True),
    (gettext_lazy("Newly flagged"), True), (gettext_lazy("More urgent"), True),
]  # fmt: skip


@require_safe
@requires(Permission.ACTIVATE_RULES)
def rules(request: HttpRequest) -> HttpResponse:
    return _page(request, ProposalForm())


@require_POST
@requires(Permission.ACTIVATE_RULES)
def try_them(request: HttpRequest) -> HttpResponse:
    """Order a dry run; the worker makes it, and its page says how far it has come."""
    form = TryForm(request.POST)
    if not form.is_valid():
        return redirect("rules")
    chosen = form.cleaned_data
    made = order_dry_run(
        days=chosen["days"], key=chosen["idempotency_key"], by=signed_in(request), now=timezone.now()
    )  # fmt: skip
    return redirect("dry-run", code=made.code)


@require_POST
@requires(Permission.ACTIVATE_RULES)
def propose(request: HttpRequest) -> HttpResponseBase:
    form = ProposalForm(request.POST)
    return _propose(request, form) if form.is_valid() else _page(request, form)


@fresh_login
def _propose(request: HttpRequest, form: ProposalForm) -> HttpResponse:
    try:
        propose_rules(reason=form.cleaned_data["reason"], by=signed_in(request), now=timezone.now())
    except ActivationRefused as refused:
        form.add_error(None, str(REFUSALS[refused.refusal]))
        return _page(request, form)
    messages.success(request, _("The rules are proposed. Ask another person who may decide to look at this page."))
    return redirect("rules")


@require_POST
@requires(Permission.ACTIVATE_RULES)
def activate(request: HttpRequest) -> HttpResponseBase:
    """Put what the person saw in force; another release may have come since the page was opened."""
    if request.POST.get("hash") != rule_set_hash():
        messages.warning(request, _("The page showed other rules than those of this release. Look again, then decide."))
        return redirect("rules")
    return _activate(request)


@fresh_login
def _activate(request: HttpRequest) -> HttpResponse:
    try:
        activate_rules(by=signed_in(request), now=timezone.now())
    except ActivationRefused as refused:
        messages.warning(request, str(REFUSALS[refused.refusal]))
    else:
        messages.success(request, _("The rules are in use. What was not screened meanwhile is screened now."))
    return redirect("rules")


@require_safe
@requires(Permission.ACTIVATE_RULES)
def dry_run(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show how far the dry run has come, then what it would change: figures to all, lines to who leads the clinic."""
    found, user, now = _run(code), signed_in(request), timezone.now()
    context: dict[str, object] = {"run": found, "is_of_this_release": found.hash == rule_set_hash()}
    if found.ended_at:
        listed = listed_to(user, found, now)
        opened = dict.fromkeys(each.patient for each in listed if each.url)
        audit_list(by=user, patients=opened, what=f"dry-run:{found.code}", now=now)
        context |= {
            "by_kind": counts_by_kind(found), "kind_columns": [(_("What it is about"), False), *HEADINGS],
            "by_clinic": counts_by_clinic(found, user), "clinic_columns": [(_("Clinic"), False), *HEADINGS],
            "listed": listed, "is_cut": len(listed) == LISTED,
        }  # fmt: skip
    return render(request, "riskmonitor/dry_run.html", context)


@require_safe
@requires(Permission.ACTIVATE_RULES)
def dry_run_progress(request: HttpRequest, code: UUID) -> HttpResponse:
    """Answer the waiting page: 204 while nothing has changed, else the part that has."""
    found = _run(code)
    if request.GET.get("seen") == str(found.rows) and not (found.ended_at or found.failed_at):
        return HttpResponse(status=204)
    context = {"run": found, "is_of_this_release": found.hash == rule_set_hash()}
    return render(request, "riskmonitor/dry_run_progress.html", context)


def _run(code: UUID) -> DryRun:
    return get_object_or_404(DryRun.objects.select_related("asked_by"), code=code)


def _page(request: HttpRequest, form: ProposalForm) -> HttpResponse:
    context = {
        "standing": standing_now(timezone.now()), "form": form, "user": signed_in(request),
        "try_form": TryForm(initial={"idempotency_key": uuid4()}),
    }  # fmt: skip
    return render(request, "riskmonitor/rules.html", context)
