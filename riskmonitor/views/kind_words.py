"""When somebody came first: a sentence that says who and when, instead of an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import get_resolver
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinics.access import has_care_relation, signed_in
from riskmonitor.actions import AlreadyClosed, AlreadyTaken, SomethingNew
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
            messages.info(request, taken_words(taken.flag, now))
            return redirect("flag", code=taken.flag.code)
        except SomethingNew as new:
            messages.warning(request, new_words())
            return redirect("flag", code=new.flag.code)
        except PermissionDenied as refused:
            forbidden: View = get_resolver().resolve_error_handler(403)
            return forbidden(request, exception=refused)
        except AlreadyClosed as closed:
            messages.info(request, closed_words(closed.flag, now))
            if has_care_relation(signed_in(request), closed.flag.patient, now):
                return redirect("flag", code=closed.flag.code)
            return redirect("home")

    return kindly


def new_words() -> str:
    return _(
        "Something new has come since you opened the page. Read it first: nothing is saved in the flag yet, and what"
        " you wrote is still in the form."
    )


def closed_words(flag: Flag, now: datetime) -> str:
    """Return "Already handled by Berit at 14.05." Without a person the system closed it."""
    if flag.closed_by is None or flag.closed_at is None:
        return _("The flag is already closed.")
    facts = {"name": flag.closed_by.get_short_name(), "when": _when(flag.closed_at, now)}
    return _("Already handled by %(name)s %(when)s.") % facts


def taken_words(flag: Flag, now: datetime) -> str:
    """Return "Berit has taken the flag at 14.05, and answers for it until 15.05."."""
    if flag.acknowledged_by is None or flag.acknowledged_at is None:
        return _("A colleague has taken the flag.")
    return _("%(name)s took the flag %(when)s and answers for it until %(until)s.") % {
        "name": flag.acknowledged_by.get_short_name(),
        "when": _when(flag.acknowledged_at, now),
        "until": _when(flag.next_step_at, now),
    }


def _when(at: datetime, now: datetime) -> str:
    local = timezone.localtime(at)
    clock = date_format(local, "TIME_FORMAT")
    if local.date() == timezone.localdate(now):
        return _("at %(clock)s") % {"clock": clock}
    return _("on %(day)s at %(clock)s") % {"day": date_format(local, "MONTH_DAY_FORMAT"), "clock": clock}
