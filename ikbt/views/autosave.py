"""Where what is being written is kept (static/js/autosave.js has the contract). It answers in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinics.access import Permission, requires, signed_in
from ikbt.drafts import Place, place_of, was_sent
from programs.actions import DraftConflict, hold_form, save_draft
from programs.drafts import clock
from programs.views.forms import key_in, version_in
from riskmonitor.rules import draft_is_risky

NOT_KEPT = {
    "csrfmiddlewaretoken",
    "idempotency_key",
    "seen_at",
    "version",
    "unanswered",
}  # of one page, not of the words
LONGEST = 2_000_000  # characters of one form


@require_POST
@requires(Permission.OWN_ACCOUNT)
def autosave(request: HttpRequest, form_key: str) -> HttpResponse:
    """Keep the form's fields: 200 kept, 204 nothing new, 413 too long, 404 no such form.

    409: saved elsewhere since, or sent already. A save on a slow net may come after its form was sent (the page's key
    says so), and must not stand there anew; a page that is still there goes on without the key.
    """
    now = timezone.now()
    place = place_of(signed_in(request), form_key, now)
    if place is None:
        raise Http404
    data = {name: _one_or_all(values) for name, values in request.POST.lists() if name not in NOT_KEPT}
    if sum(len(text) for values in request.POST.lists() for text in values[1]) > LONGEST:
        too_long = _("The text is too long to be saved. Please divide it into two. It still stands on the page.")
        return JsonResponse({"error": too_long}, status=413)
    owner, key = signed_in(request), key_in(request)
    hold_form(owner=owner, form_key=form_key)
    if key and was_sent(owner, key):
        return JsonResponse({"sent": True}, status=409)
    return _keep(request, place, form_key, data, now)


def _keep(request: HttpRequest, place: Place, form_key: str, data: dict[str, Any], now: datetime) -> HttpResponse:
    try:
        draft, changed = save_draft(
            owner=signed_in(request),
            treatment=place.treatment,
            form_key=form_key,
            data=data,
            version=version_in(request),
            now=now,
            is_measure=bool(place.instrument),
        )
    except DraftConflict as conflict:
        stands = conflict.draft
        told = {"version": stands.version, "data": stands.data, "saved_at": clock(stands.updated_at)}
        return JsonResponse(told, status=409)
    if not changed:
        return HttpResponse(status=204)
    risky = bool(place.instrument) and draft_is_risky(place.instrument, _marked(data))
    return JsonResponse({"version": draft.version, "saved_at": clock(draft.updated_at), "help": risky})


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _marked(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is marked, numbers as numbers; what cannot be read stays as it is and counts as risky."""
    return {name: _number(value) for name, value in data.items() if value not in ("", [])}


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value
