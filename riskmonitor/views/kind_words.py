"""When somebody came first: a sentence that says who and when, instead of an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import get_resolver
from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.access import has_care_relation, signed_in
from clinics.audit import Did, audit
from clinics.cover import coverage, roster
from riskmonitor.access import AccessEnded
from riskmonitor.actions import AlreadyClosed, AlreadyTaken, SomethingNew, call_at_once, note_unsaved
from riskmonitor.flags.kept_words import kept_words, sent_words
from riskmonitor.flags.moment_words import at_words
from riskmonitor.flags.once_told import once_told
from riskmonitor.flags.whose import Whose, whose
from riskmonitor.models import Flag

View = Callable[..., HttpResponse]


def answers_kindly(view: View) -> View:
    """Turn what happened meanwhile into a sentence, on the flag's page for those who may still read it.

    A refusal is answered here with its usual page: raised on, it would undo the draft that was kept before the door.
    """

    @wraps(view)
    def kindly(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        try:
            return view(request, *args, **kwargs)
        except AlreadyTaken as taken:
            return _say(request, taken.flag, taken_words(taken.flag, now), now)
        except AlreadyClosed as closed:
            return _say(request, closed.flag, closed_words(closed.flag, now), now)
        except AccessEnded as ended:
            return _elsewhere(request, ended.flag, now)
        except SomethingNew as new:
            messages.warning(request, new_words())
            return redirect("flag", code=new.flag.code)
        except PermissionDenied as refused:
            forbidden: View = get_resolver().resolve_error_handler(403)
            return forbidden(request, exception=refused)

    return kindly


def _say(request: HttpRequest, flag: Flag, words: str, now: datetime) -> HttpResponse:
    """Say it on the flag's page, or without that page to those for whom it has just been closed."""
    user = signed_in(request)
    if has_care_relation(user, flag.patient, now):
        messages.info(request, words)
        return redirect("flag", code=flag.code)
    if once_told(user, flag) is not None:
        return _elsewhere(request, flag, now)
    messages.info(request, words)
    return redirect("home")


def _elsewhere(request: HttpRequest, flag: Flag, now: datetime) -> HttpResponse:
    """Say who has the flag, and show what the person wrote and sent: nothing about the patient is read any more.

    A flag that nobody has is looked at by the next sweep, and the history says that there are words outside it.
    """
    user, told = signed_in(request), once_told(signed_in(request), flag)
    found = whose(flag, user, now) if told and told.sees_whose(now) else None
    if found == Whose.NOBODY:
        call_at_once(flag=flag, now=now)
    kept = kept_words(flag, user)
    interview = request.resolver_match.kwargs.get("instrument", "") if request.resolver_match else ""
    sent = sent_words(request.POST, interview).without(kept)
    if kept.drafts:
        what = f"draft:{','.join(map(str, kept.drafts))}"
        audit(by=user, did=Did.READ, what=what, patient=flag.patient, now=now)
    if told and (kept.is_said or sent.is_said):
        note_unsaved(flag=flag, by=user, since=told.ended_at(now), now=now)
    hours = roster.working_time(flag.clinic)
    context = {
        "whose": found,
        "told": whose_words(flag, found, now) if found else "",
        "is_sent": request.method == "POST",
        "clinic": flag.clinic,
        "opens_at": coverage.moment(now, hours),
        "closes_at": hours.open_until(now),
        "now": now,
        "kept": kept,
        "sent": sent,
    }
    return render(request, "riskmonitor/flag_elsewhere.html", context, status=403)


def new_words() -> str:
    return _(
        "Something new has come since you opened the page. Read it first: nothing is saved in the flag yet, and what"
        " you wrote is still in the form."
    )


def closed_words(flag: Flag, now: datetime) -> str:
    """Return "Already handled by Berit at 14.05." Without a person the system closed it."""
    if flag.closed_by is None or flag.closed_at is None:
        return _("The flag is already closed.")
    facts = {"name": flag.closed_by.get_short_name(), "when": at_words(flag.closed_at, now)}
    return _("Already handled by %(name)s %(when)s.") % facts


def whose_words(flag: Flag, found: Whose, now: datetime) -> str:
    """Return who has closed the flag or answers for it; for one that nobody has taken on, where it lies."""
    if found == Whose.CLOSED:
        return closed_words(flag, now)
    if found == Whose.TAKEN:
        return taken_words(flag, now)
    if found == Whose.WAITS:
        return _("It lies with other colleagues, and the clock is running.")
    return _("Nobody who is there can read about the patient. The platform asks others now, until somebody answers.")


def taken_words(flag: Flag, now: datetime) -> str:
    """Return "Berit has taken the flag at 14.05, and answers for it until 15.05."."""
    if flag.acknowledged_by is None or flag.acknowledged_at is None:
        return _("A colleague has taken the flag.")
    return _("%(name)s took the flag %(when)s and answers for it until %(until)s.") % {
        "name": flag.acknowledged_by.get_short_name(),
        "when": at_words(flag.acknowledged_at, now),
        "until": at_words(flag.next_step_at, now),
    }
