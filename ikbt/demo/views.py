"""One click to be someone of the demo region's cast. Exists only when IKBT_DEMO=1."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from clinics.access import public
from clinics.models import User
from ikbt.demo.people import email_of


@dataclass(frozen=True)
class CastCard:
    """Someone to be, and what there is to see as that person."""

    key: str
    name: str
    sees: str | Promise


CAST = [
    CastCard("anna", "Anna", _("Patient in week 3. The next step waits.")),
    CastCard("erik", "Erik", _("Patient with an open flag.")),
    CastCard("cecilia", "Cecilia", _("Substitute while Berit is away. Erik's flag stands first in her list.")),
    CastCard("berit", "Berit", _("Therapist, away today. Her patients are covered.")),
    CastCard("david", "David", _("Therapist, alone at Linden.")),
    CastCard("lena", "Lena", _("Leads Eken: flags and clocks, cover, follow-up.")),
    CastCard("hassan", "Hassan", _("Deputy at Eken, and therapist.")),
    CastCard("omar", "Omar", _("Leads the region.")),
    CastCard("frida", "Frida", _("Writes content.")),
    CastCard("greta", "Greta", _("Administers.")),
]


@require_POST
@public("signing in is what it is for; only a demo has this page, and a demo holds nobody real")
def sign_in_as(request: HttpRequest, who: str) -> HttpResponse:
    user = User.objects.filter(email=email_of(who), is_active=True).first() if who in {c.key for c in CAST} else None
    if user is None:
        raise Http404
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("home")
