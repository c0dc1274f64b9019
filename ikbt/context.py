"""What every page knows: the menu, the red bar, the demo banner, the person's theme and text size."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from clinics.access import PATIENT, Permission, permissions_of, roles_of
from clinics.models import User
from riskmonitor.watch.chain import warnings

MENU = [
    ("worklist", _("Work list"), Permission.READ_RECORD),
    ("absence", _("Absence"), Permission.PLAN_OWN_ABSENCE),
    ("clinic-flags", _("Flags and clocks"), Permission.ASSIGN_FLAG),
    ("flag-plans", _("Plan for flags"), Permission.EDIT_PLAN),
    ("rules", _("Rules"), Permission.ACTIVATE_RULES),
    ("hours", _("Opening hours"), Permission.SET_HOURS),
    ("cover-calendar", _("Cover"), Permission.SEE_COVER),
    ("dashboard", _("Follow-up"), Permission.SEE_CLINIC_FIGURES),
    ("programmes", _("Programmes"), Permission.PREVIEW_PROGRAM),
    ("clinic-people", _("Staff"), Permission.MANAGE_PEOPLE),
    ("wordings", _("Questionnaires"), Permission.LOAD_WORDING),
    ("deliveries", _("Delivery log"), Permission.SEE_DELIVERIES),
]


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the context of every template. The red bar asks the database only when a template shows it."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"demo": settings.DEMO, "menu": [], "chain_late": False, "theme": "", "text_size": "", "cast": _cast()}
    rights = permissions_of(user)
    kind = "patient" if PATIENT in roles_of(user) else "staff"
    return {
        "demo": settings.DEMO,
        "menu": menu_of(request, [(name, label) for name, label, right in MENU if right in rights and _exists(name)]),
        "chain_late": SimpleLazyObject(warnings) if Permission.SEE_CHAIN in rights else False,
        "theme": "" if user.theme == User.Theme.SYSTEM else user.theme,
        "text_size": "" if user.text_size == 100 else str(user.text_size),
        "session_minutes": int(settings.SESSION_LIMITS[kind][0].total_seconds() // 60),
    }


def menu_of(request: HttpRequest, pages: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Return the entries. At most one is current: the longest address that this page lies under."""
    urls = [reverse(name) for name, _label in pages]
    current = max((url for url in urls if request.path.startswith(url)), key=len, default="")
    return [
        {"label": label, "url": url, "current": url == current} for url, (_name, label) in zip(urls, pages, strict=True)
    ]


def _cast() -> list[Any]:
    """Return whom a visitor may be with one click: nobody, except in a demo."""
    if not settings.DEMO:
        return []
    from ikbt.demo.views import CAST

    return CAST


def _exists(name: str) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True
