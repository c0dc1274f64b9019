"""Pages for what went wrong. They show where to get help, and ask nothing of the database."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import gettext as _

from ikbt.middleware import wants_json
from ikbt.views.help import without_database


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say what is wrong with what was sent. A text that is too long still stands in the browser, and is told so."""
    if isinstance(exception, RequestDataTooBig):
        if wants_json(request):
            return JsonResponse({"error": _("The text is too long to be saved.")}, status=413)
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer without context: whatever broke must not break this page too. Who asked for help gets help."""
    if request.path_info == reverse("help"):
        return without_database(request)
    return HttpResponse(get_template("500.html").render(), status=500)
