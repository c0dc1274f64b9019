"""Move a patient to another edition of the programme: what differs, why it may not be done, and the act itself."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinics.access import Permission, open_patient, requires, signed_in
from ikbt.views.patient import running_treatment
from programs.actions import MoveRefused, move_treatment
from programs.actions.moving import move_refusals
from programs.editions import difference_between, editions_to_move_to


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WRITE_MESSAGE)
def edition(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show which text the patient has and what another edition changes; a POST moves the treatment there."""
    now, user = timezone.now(), signed_in(request)
    person = open_patient(request, code, now=now)
    treatment = running_treatment(user, person)
    others = editions_to_move_to(treatment, demo=settings.DEMO)
    asked = (request.POST or request.GET).get("to", "")
    target = next((each for each in others if each.version == asked), None)
    if request.method == "POST" and target:
        try:
            move_treatment(treatment=treatment, target=target, by=user, now=now, demo=settings.DEMO)
        except MoveRefused as refused:
            messages.error(request, " ".join([_("The patient was not moved."), *_in_words(refused.reasons)]))
        else:
            messages.success(request, _("The patient now has edition %(number)s.") % {"number": target.edition})
            return redirect("patient", code=code)
    if request.method == "POST":
        return redirect(f"{request.path}?to={target.version if target else ''}")
    context = {
        "patient": person, "treatment": treatment, "others": others, "target": target,
        "difference": difference_between(treatment.revision, target) if target else None,
        "refusals": _in_words(move_refusals(treatment, target, demo=settings.DEMO)) if target else [],
    }  # fmt: skip
    return render(request, "patient_view/edition.html", context)


def _in_words(reasons: list[tuple[str, str]]) -> list[str]:
    """Return as sentences why a treatment may not be moved."""
    words = {
        "ended": _("The treatment has ended."),
        "other programme": _("That edition belongs to another programme."),
        "same edition": _("The patient already has that edition."),
        "not published": _("That edition cannot be started any more."),
        "language": _("That edition does not exist in the language that the patient reads."),
        "begun": _("The patient has begun to write in “%(place)s” and has not sent it. Wait until it is sent."),
        "opened": _("“%(place)s” is open for the patient and is not in that edition."),
        "planned": _("“%(place)s” has a change in the patient's plan and is not in that edition."),
        "answered": _("The patient has answered “%(place)s”, and that edition has no such question."),
    }
    return [words[reason] % {"place": place} for reason, place in reasons]
