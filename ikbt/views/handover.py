"""Handing over: a sheet for each patient, and the list of those whom an absent therapist hands over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinics.access import Permission, clinics_of, open_patient, requires, signed_in
from clinics.audit import Did, audit, audit_list
from clinics.cover.away import span_words
from clinics.models import Patient, Role
from ikbt.casework.course import read_course
from ikbt.casework.handover import handover_sheet
from ikbt.casework.handover_list import HandedOver, handed_over
from programs.actions import NotTheTherapist, note_draft, write_handover_note
from programs.drafts import kept_draft
from programs.fields import LONG_MAX
from programs.views.unsent import gives_back
from riskmonitor.access import known_absence


class NoteForm(forms.Form):
    """The therapist's own words to whoever stands in."""

    use_required_attribute = False

    text = forms.CharField(
        label=gettext_lazy("Your own note"),
        help_text=gettext_lazy("What a colleague must know that does not stand above. The patient can ask to read it."),
        max_length=LONG_MAX,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": gettext_lazy("Write something before you save."),
            "max_length": gettext_lazy("The note is too long. Write at most 10,000 characters."),
        },
    )


@require_safe
@requires(Permission.READ_RECORD)
def sheet(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show the sheet to those who may read the patient now: the therapist, and who stands in while it lasts."""
    now = timezone.now()
    return _show(request, open_patient(request, code, now=now), now)


@require_POST
@requires(Permission.WRITE_MESSAGE)
@gives_back
def note(request: HttpRequest, code: UUID) -> HttpResponse:
    """Keep the note of the patient's own therapist."""
    now, user = timezone.now(), signed_in(request)
    person = open_patient(request, code, now=now)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _show(request, person, now, form)
    course = read_course(person, user)
    if course is None:
        raise Http404
    try:
        write_handover_note(treatment=course.treatment, text=form.cleaned_data["text"], by=user, now=now)
    except NotTheTherapist as refused:
        raise PermissionDenied from refused
    messages.success(request, _("The note is saved. Whoever stands in reads it with the rest."))
    return redirect("patient-handover", code=code)


@require_safe
@requires(Permission.PLAN_OWN_ABSENCE)
def handovers(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show whom the absent person hands over and to whom: to that person, to those who stand in, and to who leads.

    The sheet itself opens only to those who may read the patient now.
    """
    now, user = timezone.now(), signed_in(request)
    absence = known_absence(request, code)
    led = clinics_of(user, Role.LEAD, Role.DEPUTY)
    found = handed_over(absence, user, now)
    rows = [row for row in found if absence.user_id == user.pk or _is_concerned(row, user.code, row.clinic in led)]
    if not rows and absence.user_id != user.pk and not led:
        raise PermissionDenied
    audit_list(by=user, patients=[row.treatment.patient for row in rows], what="handover", now=now)
    context = {
        "absence": absence, "rows": rows, "span": span_words(absence.starts_at, absence.ends_at),
        "is_own": absence.user_id == user.pk,
    }  # fmt: skip
    return render(request, "handover/list.html", context)


def _is_concerned(row: HandedOver, code: UUID, leads: bool) -> bool:
    """Tell who reads the row: also whoever may open its sheet now, as who stands in does on a day when all is closed.

    So does a colleague who was handed a flag of that patient: the row says less than what is open to them already.
    """
    return leads or row.opens or any(person.code == str(code) for person in row.answering)


def _show(request: HttpRequest, person: Patient, now: datetime, form: NoteForm | None = None) -> HttpResponse:
    if request.method == "POST":  # the door has audited the reading of a GET only
        audit(by=signed_in(request), did=Did.READ, what=f"patient:{person.code}", patient=person, now=now)
    user = signed_in(request)
    course = read_course(person, user)
    context = {"patient": person, "age": person.age(now), "now": now, "sheet": None}
    if course:
        found = handover_sheet(course, get_language() or "sv")
        context |= {"sheet": found, "treatment": course.treatment, "week": course.treatment.week(now)}
        if course.treatment.assignment.therapist_id == user.pk:
            draft = kept_draft(user, note_draft(course.treatment))
            begun = draft.first("text") or (found.note.text if found.note else "")
            context |= {
                "form": form or NoteForm(initial={"text": begun}), "draft": draft,
                "draft_key": note_draft(course.treatment),
            }  # fmt: skip
    return render(request, "handover/sheet.html", context)
