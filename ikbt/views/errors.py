"""Pages for what went wrong. They show where to get help, and ask nothing of the database."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.urls import reverse

from ikbt.views.help import without_database


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
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
