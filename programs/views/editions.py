"""Programmes for those who write and those who treat: editions, what differs, what the checker says, a preview."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinics.access import Permission, permissions_of, requires, signed_in
from clinics.audit import audit_list
from programs.actions import NotAnEdition, PublishRefused, correct, publish, withdraw
from programs.actions.editions import publishing_refusals
from programs.editions import (
    all_revisions,
    difference_between,
    findings_of,
    modules_with_pages,
    on_withdrawn,
    revision_at,
)
from programs.forms.editions import CorrectionForm, WithdrawForm
from programs.models import Module, Revision
from programs.pages.preview import ModulePreview


@require_safe
@requires(Permission.PREVIEW_PROGRAM)
def programmes(request: HttpRequest) -> HttpResponse:
    """List the programmes with their revisions, and the user's patients whose edition was withdrawn."""
    user, now = signed_in(request), timezone.now()
    stranded = on_withdrawn(user, now) if Permission.READ_RECORD in permissions_of(user) else []
    audit_list(by=user, patients=[each.patient for each in stranded], what="programmes:withdrawn", now=now)
    found = groupby(all_revisions(), key=lambda revision: revision.programme)
    listed = [(programme, list(revisions)) for programme, revisions in found]
    return render(request, "programs/editions/programmes.html", {"programmes": listed, "stranded": stranded})


@require_safe
@requires(Permission.PREVIEW_PROGRAM)
def revision(request: HttpRequest, programme: str, version: str) -> HttpResponse:
    """Show one revision: its modules, its standing, and what differs from another (?against=version)."""
    return _show(request, revision_at(programme, version))


@require_safe
@requires(Permission.PREVIEW_PROGRAM)
def preview(request: HttpRequest, programme: str, version: str, module: str) -> HttpResponse:
    """Show all pages of a module as a patient sees them. Nothing can be saved, and no patient is shown."""
    found = revision_at(programme, version)
    modules = modules_with_pages(found, request.GET.get("language", ""))
    chosen = next((each for each in modules if each.slug == module), None)
    if chosen is None:
        raise Http404
    reading = ModulePreview(chosen, timezone.now())
    context = {
        "revision": found, "module": chosen, "modules": modules, "pages": reading.shown(), "short": reading.short,
        "notes": reading.notes(), "corrections": _corrections(found, modules),
    }  # fmt: skip
    return render(request, "programs/editions/preview.html", context)


@require_POST
@requires(Permission.EDIT_PROGRAM)
def publish_revision(request: HttpRequest, programme: str, version: str) -> HttpResponse:
    """Make the revision an edition. What is missing stands on its page."""
    found = revision_at(programme, version)
    try:
        publish(revision=found, by=signed_in(request), now=timezone.now())
    except PublishRefused:
        messages.error(request, _("It was not published. What is missing stands below."))
    else:
        messages.success(request, _("Edition %(number)s is published.") % {"number": found.edition})
    return redirect("revision", programme, version)


@require_POST
@requires(Permission.EDIT_PROGRAM)
def withdraw_revision(request: HttpRequest, programme: str, version: str) -> HttpResponse:
    """Stop new treatments with the edition; a reason is needed."""
    found, form = revision_at(programme, version), WithdrawForm(request.POST)
    if not form.is_valid():
        return _show(request, found, withdrawing=form)
    try:
        withdraw(revision=found, because=form.cleaned_data["because"], by=signed_in(request), now=timezone.now())
    except NotAnEdition:
        messages.error(request, _("Only a published edition can be withdrawn."))
    else:
        messages.success(request, _("The edition is withdrawn. Its therapists see why, in their list of programmes."))
    return redirect("revision", programme, version)


@require_POST
@requires(Permission.EDIT_PROGRAM)
def correct_revision(request: HttpRequest, programme: str, version: str) -> HttpResponse:
    """Lay a notice over pages of the edition, or take it away."""
    found = revision_at(programme, version)
    form = CorrectionForm(request.POST, revision=found, modules=modules_with_pages(found))
    if not form.is_valid():
        return _show(request, found, correcting=form)
    module, _slash, page = form.cleaned_data["place"].partition("/")
    text, user, now = form.cleaned_data["text"], signed_in(request), timezone.now()
    try:
        correct(revision=found, module=module, page=page, text=text, by=user, now=now)
    except NotAnEdition:
        messages.error(request, _("Only a published edition can have a notice. Change the draft instead."))
    else:
        messages.success(request, _("The notice is shown.") if text else _("The notice is taken away."))
    return redirect("revision", programme, version)


def _show(
    request: HttpRequest,
    shown: Revision,
    *,
    withdrawing: WithdrawForm | None = None,
    correcting: CorrectionForm | None = None,
) -> HttpResponse:
    modules = modules_with_pages(shown)
    others = [each for each in all_revisions(shown.programme.slug) if each.pk != shown.pk]
    against = next((each for each in others if each.version == request.GET.get("against")), None)
    context: dict[str, Any] = {
        "revision": shown, "modules": modules, "others": others, "against": against,
        "difference": difference_between(against, shown) if against else None,
        "corrections": _corrections(shown, modules), "is_author": False,
        "languages": shown.facts.get("languages") or [shown.facts["source_language"]],
    }  # fmt: skip
    if Permission.EDIT_PROGRAM in permissions_of(signed_in(request)):
        context |= {
            "is_author": True,
            "findings": findings_of(shown),
            "missing": publishing_refusals(shown, timezone.now()) if shown.is_draft and not against else [],
            "running": shown.treatments.running().count(),
            "withdrawing": withdrawing or WithdrawForm(),
            "correcting": correcting or CorrectionForm(revision=shown, modules=modules),
        }
    return render(request, "programs/editions/revision.html", context)


def _corrections(revision: Revision, modules: list[Module]) -> list[tuple[str, str]]:
    """Return the notices that lie over the edition now, as (where, words)."""
    titles = {"": _("The whole edition")}
    for module in modules:
        titles[f"{module.slug}/"] = f"{module.number}. {module.title}"
        titles |= {f"{module.slug}/{page.slug}": f"{module.number}. {page.title}" for page in module.pages.all()}
    newest = revision.corrections.newest()
    return [(titles.get(each.place, each.place), each.text) for each in newest if each.text]
