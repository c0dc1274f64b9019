"""A flag goes on: to a colleague who confirms, open again after it was closed, and as notes for the record system."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinics.access import Permission, requires, signed_in
from clinics.models import User
from riskmonitor import actions
from riskmonitor.access import open_flag, say_read
from riskmonitor.flags.clocks import who_could_take
from riskmonitor.flags.flag_forms import PassOnForm, ReopenForm
from riskmonitor.flags.reading import read_flag
from riskmonitor.flags.record_notes import record_notes
from riskmonitor.models import Flag
from riskmonitor.rules import Kind
from riskmonitor.views.kind_words import answers_kindly, closed_words, taken_words


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ANSWER_FLAG)
@answers_kindly
def pass_on(request: HttpRequest, code: UUID) -> HttpResponse:
    """Hand the flag to a colleague who is there. It stays open, and the clock runs until the colleague confirms."""
    now, user = timezone.now(), signed_in(request)
    found = open_flag(request, code, now=now)
    if found.kind == Kind.UNCOVERED or (found.closed_at and request.method != "POST"):
        return redirect("flag", code=code)
    people = [each for each in who_could_take(found, now) if each.code != str(user.code)]
    form = PassOnForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid() and _passed_on(request, found, form, now):
        return redirect("flag", code=code)
    say_read(request, found, now)
    return render(request, "riskmonitor/flag_pass_on.html", {"flag": found, "form": form, "people": people})


def _passed_on(request: HttpRequest, found: Flag, form: PassOnForm, now: datetime) -> bool:
    """Hand it over and say so; when something has come between, say that, and leave what was written in the form."""
    to = User.objects.get(code=form.cleaned_data["to"])
    try:
        actions.pass_on(flag=found, to=to, by=signed_in(request), note=form.cleaned_data["note"], now=now)
    except actions.NotYours:
        form.add_error("to", _("That person is not there now. Choose somebody else."))
    except actions.AlreadyTaken as taken:
        form.add_error(None, taken_words(taken.flag, now))
    except actions.AlreadyClosed as closed:
        form.add_error(None, closed_words(closed.flag, now))
    if form.errors:
        return False
    told = _("%(name)s has been told. The flag stays open, and the clock runs until %(name)s has taken it.")
    messages.success(request, told % {"name": to.full_name})
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ANSWER_FLAG)
@answers_kindly
def reopen(request: HttpRequest, code: UUID) -> HttpResponse:
    """Open a closed flag again, with a reason."""
    now = timezone.now()
    found = open_flag(request, code, now=now)
    if request.method != "POST" and found.closed_at is None:
        return redirect("flag", code=code)
    form = ReopenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.reopen(flag=found, by=signed_in(request), reason=form.cleaned_data["reason"], now=now)
        except actions.ReopenRefused as refused:
            form.add_error(None, _refusal(refused.because))
        else:
            messages.success(request, _("The flag is open again, and the clock has started anew."))
            return redirect("flag", code=code)
    say_read(request, found, now)
    return render(request, "riskmonitor/flag_reopen.html", {"flag": found, "form": form})


def _refusal(because: str) -> str:
    return {
        "open": _("The flag is open already. Go back to it and write there."),
        "newer": _("A newer flag of the same kind is open for the patient. Write there instead."),
        "system": _("This flag is opened and closed by the system when somebody stands behind the patient or not."),
        "reason": _("Write why the flag is opened again."),
    }[because]


@require_safe
@requires(Permission.ANSWER_FLAG)
@answers_kindly
def notes(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show what was found and done as plain text, to copy into the record system or to print."""
    found = open_flag(request, code, now=timezone.now())
    text = record_notes(found, read_flag(found))
    return render(request, "riskmonitor/flag_notes.html", {"flag": found, "text": text})
