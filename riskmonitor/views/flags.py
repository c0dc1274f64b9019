"""The flag: read what was marked or written, note what was done, and close it with what the outcome requires."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinics.access import Permission, requires, signed_in
from programs.actions import DraftConflict, delete_draft, save_draft
from programs.models import Draft
from programs.shipped import interviews
from riskmonitor import actions
from riskmonitor.access import flag_written_about, open_flag, open_flag_to_change, say_read
from riskmonitor.flags.flag_forms import TICKS, FlagForm
from riskmonitor.flags.flag_history import own_words
from riskmonitor.flags.kept_words import WRITTEN, draft_key
from riskmonitor.flags.moment_words import at_words
from riskmonitor.flags.once_told import keeps_what_is_sent
from riskmonitor.flags.reading import read_flag
from riskmonitor.flags.seen import Seen, drawn
from riskmonitor.models import Flag
from riskmonitor.rules import Kind
from riskmonitor.views.kind_words import answers_kindly, new_words, taken_words

CONTACT = ("outcome", "contact_at", "contact_with", "next_contact_on")
SPOKEN_WITH = ("outcome", "contact_at", "contact_with")  # of no use beside a patient who was not reached


@require_safe
@requires(Permission.ANSWER_FLAG)
@answers_kindly
def flag(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show the flag. That somebody who may answer it has read it is kept once, for the figures of the clinic."""
    now = timezone.now()
    found = open_flag(request, code, now=now)
    actions.note_read(flag=found, now=now)
    return _page(request, found, now)


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
    """Save the assessment and keep the flag open. What belongs to closing, or to a next try, stays in the draft."""
    now, user = timezone.now(), signed_in(request)
    found, typed = _door(request, code, now)
    form = FlagForm(request.POST, flag=found, now=now)
    if not form.demand_for_document():
        return _page(request, found, now, form)
    seen = _all_seen(request, found)
    said = form.cleaned_data
    actions.document(
        flag=found, by=user, assessment=said["assessment"], action=said["action"], done=form.done,
        next_contact_on=said["next_contact_on"], reached_at=form.reached_at, now=now, seen=seen,
    )  # fmt: skip
    _save(request, found, {name: typed.get(name, "") for name in (*CONTACT, *FlagForm.NEXT_TRY, *TICKS)}, now)
    messages.success(request, _("Saved. The flag stays open, and you answer for it."))
    return redirect("flag", code=code)


@require_POST
@requires(Permission.ANSWER_FLAG)
@answers_kindly
def not_reached(request: HttpRequest, code: UUID) -> HttpResponse:
    """Note a try that did not reach the patient, and the next one. What else was typed stays, but for a contact.

    A contact of before the try would be saved with the next assessment as one of after it.
    """
    now = timezone.now()
    found, typed = _door(request, code, now)
    form = FlagForm(request.POST, flag=found, now=now)
    if not form.demand_for_next_try():
        return _page(request, found, now, form)
    note, again = form.cleaned_data["tried"], form.cleaned_data["try_again_at"]
    try:
        actions.not_reached(flag=found, by=signed_in(request), note=note, try_again_at=again, now=now)
    except actions.TryRefused as refused:
        form.say_refused_try(refused)
        return _page(request, found, now, form)
    _save(request, found, typed | dict.fromkeys((*FlagForm.NEXT_TRY, *SPOKEN_WITH), ""), now)
    said = {"when": at_words(again, now)}
    messages.success(request, _("Noted. The next try is %(when)s. The clock keeps running.") % said)
    return redirect("flag", code=code)


@require_POST
@requires(Permission.ANSWER_FLAG)
@answers_kindly
def close(request: HttpRequest, code: UUID) -> HttpResponse:
    """Close in steps: what is missing, an interruption if nobody was contacted, a page to check, and then the act."""
    now = timezone.now()
    found, _typed_before = _door(request, code, now)
    form = FlagForm(request.POST, flag=found, now=now)
    if not form.demand_for_close():
        return _page(request, found, now, form)
    seen = _all_seen(request, found)
    context = {"flag": found, "form": form, "seen": seen, "sure": "sure" in request.POST}
    if form.is_without_contact and not context["sure"]:
        say_read(request, found, now)
        return render(request, "riskmonitor/flag_no_contact.html", context)
    if "checked" not in request.POST:
        say_read(request, found, now)
        return render(request, "riskmonitor/flag_check.html", context)
    return _close(request, found, form, seen, now)


def _close(request: HttpRequest, found: Flag, form: FlagForm, seen: Seen, now: datetime) -> HttpResponse:
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
            done=form.done,
            next_contact_on=said["next_contact_on"],
            now=now,
            seen=seen,
        )
    except actions.OutcomeRefused as refused:
        form.say_faults(refused.faults)
        return _page(request, found, now, form)
    delete_draft(owner=user, form_key=draft_key(found))
    messages.success(request, _("The flag is closed."))
    return redirect("home")


def _page(request: HttpRequest, found: Flag, now: datetime, form: FlagForm | None = None) -> HttpResponse:
    user, read = signed_in(request), read_flag(found)
    say_read(request, found, now)
    if request.method == "POST" and drawn(found).is_later_than(_seen(request)):
        messages.warning(request, new_words())
    draft = Draft.objects.filter(owner=user, form_key=draft_key(found)).first()
    if form is None:
        unticked = dict.fromkeys(TICKS, "")  # a draft holds no boxes but those that are ticked
        initial = own_words(found, read.events, user) | (unticked | draft.data if draft else {})
        form = FlagForm(initial=initial, flag=found, now=now)
    outcomes = form.fields["outcome"].choices  # type: ignore[attr-defined]  # stubs: Field
    can_be_answered = not found.closed_at and bool(outcomes)
    is_held, is_mine = actions.is_held(found, now), found.acknowledged_by_id == user.pk
    context = {
        "flag": found,
        "read": read,
        "form": form.show(),
        "draft": draft,
        "kept": [draft.data[name] for name in WRITTEN if draft.data.get(name)] if draft else [],
        "can_be_answered": can_be_answered,
        "is_mine": is_held and is_mine,
        "taken": taken_words(found, now) if is_held and not is_mine else "",
        "seen": drawn(found),
        "is_late": not found.closed_at and found.due_at < now,
        "may_be_reopened": bool(found.closed_at) and found.kind != Kind.UNCOVERED,
        "interviews": [(each.id, each.name) for each in interviews().values()] if can_be_answered else [],
        "was_handed_me": bool(read.handed_on and read.handed_on.to == user and not read.handed_on.confirmed_at),
    }
    return render(request, "riskmonitor/flag.html", context)


def _door(request: HttpRequest, code: UUID, now: datetime) -> tuple[Flag, dict[str, str]]:
    """Return the open flag and what was typed, which is kept first, whether or not the door still opens.

    What a person sends is newer than what the tab saved.
    """
    written_about, typed = flag_written_about(request, code, now=now), _typed(request)
    if keeps_what_is_sent(signed_in(request), written_about, now):
        _save(request, written_about, typed, now)
    return open_flag_to_change(request, code, now=now), typed


def _seen(request: HttpRequest) -> Seen:
    """Return what was on the page that was posted."""
    return Seen.parse(request.POST.get("seen", ""))


def _all_seen(request: HttpRequest, found: Flag) -> Seen:
    """Return what was on the page that was posted. Raise SomethingNew when more has come since."""
    seen = _seen(request)
    if drawn(found).is_later_than(seen):
        raise actions.SomethingNew(found)
    return seen


def _save(request: HttpRequest, found: Flag, data: dict[str, str], now: datetime) -> None:
    key, owner = draft_key(found), signed_in(request)
    known = Draft.objects.filter(owner=owner, form_key=key).values_list("version", flat=True).first() or 0
    kept = partial(save_draft, owner=owner, treatment=found.treatment, form_key=key, data=data, now=now)
    try:
        kept(version=known)
    except DraftConflict as conflict:  # another of the person's own tabs saved in this very moment
        kept(version=conflict.draft.version)
        if others := _only_in(conflict.draft.data, data):
            told = _("Another page of yours saved this at the same moment: %(text)s") % {"text": others}
            messages.warning(request, told)


def _only_in(other: dict[str, Any], data: dict[str, str]) -> str:
    """Return the other version's texts that do not stand in what is kept."""
    texts = {name: str(other.get(name, "")) for name in WRITTEN}
    return " / ".join(text for name, text in texts.items() if text not in data.get(name, ""))


def _typed(request: HttpRequest) -> dict[str, str]:
    typed = {name: request.POST[name] for name in FlagForm.base_fields if name in request.POST}
    ticked = {name for name in TICKS if request.POST.get(name, "False") not in ("", "False")}  # hidden boxes say False
    return typed | dict.fromkeys(ticked, "on")
