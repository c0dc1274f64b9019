"""The flag: read what was marked or written, note what was done, and close it with what the outcome requires."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinics.access import Permission, requires, signed_in
from programs.actions import delete_draft, plan_contact, save_draft
from programs.models import Draft
from riskmonitor import actions
from riskmonitor.access import open_flag, open_flag_to_change
from riskmonitor.flag_forms import FlagForm
from riskmonitor.models import Flag
from riskmonitor.reading import own_words, read_flag
from riskmonitor.views.kind_words import answers_kindly, taken_words

CONTACT = ("outcome", "contact_at", "contact_with", "next_contact_on")


@require_safe
@requires(Permission.ANSWER_FLAG)
@answers_kindly
def flag(request: HttpRequest, code: UUID) -> HttpResponse:
    now = timezone.now()
    return _page(request, open_flag(request, code, now=now), now)


@require_POST
@requires(Permission.ANSWER_FLAG)
@answers_kindly
def acknowledge(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take the flag on."""
    now = timezone.now()
    taken = actions.acknowledge(flag=open_flag_to_change(request, code, now=now), by=signed_in(request), now=now)
    messages.success(request, _("You answer for the flag now."))
    return redirect("flag", code=taken.code)


@require_POST
@requires(Permission.ANSWER_FLAG)
@answers_kindly
def document(request: HttpRequest, code: UUID) -> HttpResponse:
    """Save the assessment and keep the flag open. What belongs to closing stays in the draft."""
    now, user = timezone.now(), signed_in(request)
    found = open_flag_to_change(request, code, now=now)
    typed = _keep_draft(request, found, now)
    form = FlagForm(request.POST, flag=found, now=now)
    if not form.demand_for_document():
        return _page(request, found, now, form)
    said = form.cleaned_data
    actions.document(flag=found, by=user, assessment=said["assessment"], action=said["action"], now=now)
    _plan_contact(form, found, request, now)
    _save(request, found, {name: typed.get(name, "") for name in CONTACT}, now)
    messages.success(request, _("Saved. The flag stays open, and you answer for it."))
    return redirect("flag", code=code)


@require_POST
@requires(Permission.ANSWER_FLAG)
@answers_kindly
def not_reached(request: HttpRequest, code: UUID) -> HttpResponse:
    """Note a try that did not reach the patient. Everything else that was typed stays."""
    now = timezone.now()
    found = open_flag_to_change(request, code, now=now)
    typed = _keep_draft(request, found, now)
    form = FlagForm(request.POST, flag=found, now=now)
    if not form.is_valid():
        return _page(request, found, now, form)
    actions.not_reached(flag=found, by=signed_in(request), note=form.cleaned_data["tried"], now=now)
    _save(request, found, typed | {"tried": ""}, now)
    messages.success(request, _("Noted that you did not reach the patient. The clock keeps running."))
    return redirect("flag", code=code)


@require_POST
@requires(Permission.ANSWER_FLAG)
@answers_kindly
def close(request: HttpRequest, code: UUID) -> HttpResponse:
    """Close in steps: what is missing, an interruption if nobody was contacted, a page to check, and then the act."""
    now = timezone.now()
    found = open_flag_to_change(request, code, now=now)
    _keep_draft(request, found, now)
    form = FlagForm(request.POST, flag=found, now=now)
    if not form.demand_for_close():
        return _page(request, found, now, form)
    sure, checked = "sure" in request.POST, "checked" in request.POST
    if form.is_without_contact and not sure:
        return render(request, "riskmonitor/flag_no_contact.html", {"flag": found, "form": form})
    if not checked:
        return render(request, "riskmonitor/flag_check.html", {"flag": found, "form": form, "sure": sure})
    return _close(request, found, form, now)


def _close(request: HttpRequest, found: Flag, form: FlagForm, now: datetime) -> HttpResponse:
    said, user = form.cleaned_data, signed_in(request)
    try:
        actions.close_flag(
            flag=found,
            by=user,
            outcome=said["outcome"],
            assessment=said["assessment"],
            action=said["action"],
            contact_at=said["contact_at"],
            contact_with=said["contact_with"],
            now=now,
        )
    except actions.OutcomeRefused as refused:  # a finding was added while the form was being written
        form.say_faults(refused.faults)
        return _page(request, found, now, form)
    _plan_contact(form, found, request, now)
    delete_draft(owner=user, form_key=_draft_key(found))
    messages.success(request, _("The flag is closed."))
    return redirect("home")


def _page(request: HttpRequest, found: Flag, now: datetime, form: FlagForm | None = None) -> HttpResponse:
    user, read = signed_in(request), read_flag(found)
    draft = Draft.objects.filter(owner=user, form_key=_draft_key(found)).first()
    if form is None:
        initial = own_words(found, read.events, user) | (draft.data if draft else {})
        form = FlagForm(initial=initial, flag=found, now=now)
    outcomes = form.fields["outcome"].choices  # type: ignore[attr-defined]  # stubs: Field
    taken_by_other = found.acknowledged_by_id is not None and found.acknowledged_by_id != user.pk
    context = {
        "flag": found,
        "read": read,
        "form": form.show(),
        "draft": draft,
        "can_be_answered": not found.closed_at and bool(outcomes),
        "is_mine": found.acknowledged_by_id == user.pk,
        "taken": taken_words(found, now) if taken_by_other else "",
        "is_late": not found.closed_at and found.due_at < now,
    }
    return render(request, "riskmonitor/flag.html", context)


def _plan_contact(form: FlagForm, found: Flag, request: HttpRequest, now: datetime) -> None:
    if found.treatment and form.cleaned_data["next_contact_on"]:
        on = form.cleaned_data["next_contact_on"]
        plan_contact(treatment=found.treatment, on=on, by=signed_in(request), now=now)


def _keep_draft(request: HttpRequest, found: Flag, now: datetime) -> dict[str, str]:
    """Keep what was posted, whatever comes of it: what a person sends is newer than what the tab saved."""
    typed = _typed(request)
    _save(request, found, typed, now)
    return typed


def _save(request: HttpRequest, found: Flag, data: dict[str, str], now: datetime) -> None:
    key, owner = _draft_key(found), signed_in(request)
    known = Draft.objects.filter(owner=owner, form_key=key).values_list("version", flat=True).first() or 0
    save_draft(owner=owner, treatment=found.treatment, form_key=key, data=data, version=known, now=now)


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST[name] for name in FlagForm.base_fields if name in request.POST}


def _draft_key(found: Flag) -> str:
    return f"flag:{found.code}"
