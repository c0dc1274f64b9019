"""What staff typed comes back word for word where it cannot be taken any more. The door stays closed all the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

View = Callable[..., HttpResponseBase]
OF_THE_PAGE = {"csrfmiddlewaretoken", "idempotency_key", "form_version", "version", "based_on", "seen", "send"}


def gives_back(view: View) -> View:
    """Show what was posted when the treatment ended, or the right to write did, while the form stood open.

    For forms whose answer to a closed door would else be a bare 403 or 404. Nothing is said about the patient.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (PermissionDenied, Http404) as closed:
            text = "\n".join(_typed(request))
            if request.method != "POST" or not text:
                raise
            return _page(request, text, 404 if isinstance(closed, Http404) else 403)

    return answered


def _page(request: HttpRequest, text: str, status: int) -> HttpResponse:
    context = {"heading": _("This was not saved"), "text": text, "is_kept": False}
    return render(request, "patient_view/unsent.html", context, status=status)


def _typed(request: HttpRequest) -> list[str]:
    """Return what was typed or marked; a number with the question it answers."""
    posted = ((name, str(text).strip()) for name, text in request.POST.items() if name not in OF_THE_PAGE)
    return [f"{name}: {text}" if text.isdecimal() else text for name, text in posted if text]
