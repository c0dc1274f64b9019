"""A structured interview, asked from a flag in the words that the clinic has loaded. It neither closes nor judges."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinics.access import Permission, permissions_of, requires, signed_in
from programs.actions import delete_draft, keep_posted
from programs.drafts import Kept, kept_draft
from programs.instruments import Instrument, text
from programs.measures.wordings import as_sent, interviews_loaded
from programs.shipped import interviews
from riskmonitor import actions
from riskmonitor.access import flag_written_about, open_flag_to_change, say_read
from riskmonitor.flags.answer_words import language
from riskmonitor.flags.interview_form import NAMES, InterviewForm
from riskmonitor.flags.kept_words import draft_key
from riskmonitor.flags.once_told import keeps_what_is_sent
from riskmonitor.models import Flag
from riskmonitor.rules import Kind
from riskmonitor.views.kind_words import answers_kindly


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ANSWER_FLAG)
@answers_kindly
def interview(request: HttpRequest, code: UUID, instrument: str) -> HttpResponse:
    """Show the questions, or say why they are not there; take the answers. An unsent interview goes on where it was."""
    now, structure = timezone.now(), interviews().get(instrument)
    if structure is None:
        raise Http404
    if request.method == "POST":
        _keep(request, flag_written_about(request, code, now=now), structure, now)
    found = _open(request, code, now)
    if found.kind == Kind.UNCOVERED:
        return redirect("flag", code=code)
    kept = kept_draft(signed_in(request), draft_key(found, structure.id))
    asked = _asked(found, structure, request.POST.get("form_version", "") or kept.first("form_version"))
    if asked is None:
        return _not_loaded(request, found, structure)
    form = _form(request, asked, kept, now)
    if form.is_bound and form.is_valid():
        return _note(request, found, form, now)
    say_read(request, found, now)
    context = {
        "flag": found, "name": asked.called(language()), "window": text(asked.window, language()),
        "window_lang": next(iter(asked.window)), "form": form, "kept": kept,
        "autosave_url": reverse("autosave", args=[draft_key(found, asked.id)]),
    }  # fmt: skip
    return render(request, "riskmonitor/flag_interview.html", context)


def _open(request: HttpRequest, code: UUID, now: datetime) -> Flag:
    """Return the open flag. When a colleague closed it meanwhile, say that what was marked is kept, and raise on."""
    try:
        return open_flag_to_change(request, code, now=now)
    except actions.AlreadyClosed:
        if request.method == "POST":
            messages.warning(
                request, _("What you marked is kept. If it must be known, open the flag again and save it.")
            )
        raise


def _asked(found: Flag, structure: Instrument, version: str) -> Instrument | None:
    """Return the interview in the words it was begun with, else in those that the clinic has loaded now."""
    return as_sent(structure.id, version) or interviews_loaded(found.clinic, language()).get(structure.id)


def _form(request: HttpRequest, asked: Instrument, kept: Kept, now: datetime) -> InterviewForm:
    if request.method == "POST":
        return InterviewForm(request.POST, asked=asked, language=language(), now=now)
    begun = {"held_at": timezone.localtime(now), "form_version": asked.version, "idempotency_key": uuid4()}
    initial = begun | {name: value for name, value in kept.data.items() if value and name != "form_version"}
    return InterviewForm(initial=initial, asked=asked, language=language(), now=now)


def _note(request: HttpRequest, found: Flag, form: InterviewForm, now: datetime) -> HttpResponse:
    user, said = signed_in(request), form.cleaned_data
    actions.note_interview(
        flag=found, asked=form.asked, answers=form.answers, held_at=said["held_at"],
        key=said["idempotency_key"] or uuid4(), by=user, now=now,
    )  # fmt: skip
    delete_draft(owner=user, form_key=draft_key(found, form.asked.id))
    told = _("The interview stands in the flag. It closes nothing and the clock keeps running: write your assessment.")
    messages.success(request, told)
    return redirect("flag", code=found.code)


def _not_loaded(request: HttpRequest, found: Flag, structure: Instrument) -> HttpResponse:
    say_read(request, found, timezone.now())
    context = {
        "flag": found, "name": structure.called(language()), "instrument": structure.id,
        "may_load": Permission.LOAD_WORDING in permissions_of(signed_in(request)),
    }  # fmt: skip
    return render(request, "riskmonitor/flag_interview_missing.html", context)


def _keep(request: HttpRequest, found: Flag, structure: Instrument, now: datetime) -> None:
    """Keep what was marked first, whether or not the door still opens and the answers can be taken."""
    if not keeps_what_is_sent(signed_in(request), found, now):
        return
    names = [*NAMES[1:], *(item.id for item in structure.items)]
    data = {name: request.POST[name] for name in names if request.POST.get(name)}
    key = draft_key(found, structure.id)
    keep_posted(owner=signed_in(request), treatment=found.treatment, form_key=key, data=data, now=now)
