"""The floor: a signed-in page with the same middleware and base template as ours, whose view asks the database nothing.

What a base template asks by itself (the red bar of staff pages) belongs to the floor, since it stands on every page.
"""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.backends.django import Template
from django.views.decorators.http import require_safe

from clinics.access import Permission, requires

PAGE = "{%% extends '%s' %%}{%% block title %%}-{%% endblock %%}{%% block main %%}<h1>-</h1>{%% endblock %%}"


@require_safe
@requires(Permission.OWN_ACCOUNT)
def patient_floor(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_template("patient_base.html").render({}, request))


@require_safe
@requires(Permission.OWN_ACCOUNT)
def staff_floor(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_template("staff_base.html").render({}, request))


@cache
def _template(base: str) -> Template:
    return engines["django"].from_string(PAGE % base)
