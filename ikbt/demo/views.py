"""One click to be someone of the demo region's cast. Exists only when IKBT_DEMO=1."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
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
    role: str | Promise
    text: str | Promise

    @property
    def url(self) -> str:
        return reverse("demo-sign-in", args=[self.key])


CAST = [
    CastCard("anna", "Anna", _("patient"), _("In week 3. The next step waits.")),
    CastCard("erik", "Erik", _("patient"), _("Has an open flag.")),
    CastCard("roland", "Roland", _("patient"), _("Sleep, week 5: keeps a sleep window.")),
    CastCard("lennart", "Lennart", _("patient"), _("Worry, week 7: has written a story and read it aloud.")),
    CastCard("priya", "Priya", _("patient"), _("Her treatment is in English.")),
    CastCard("hedvig", "Hedvig", _("patient"), _("Her treatment is planned. Some questions wait.")),
    CastCard("cecilia", "Cecilia", _("therapist"), _("Stands in for Berit. Erik's flag is first in her list.")),
    CastCard("berit", "Berit", _("therapist"), _("Away today. Her patients are covered.")),
    CastCard("david", "David", _("therapist"), _("Works alone at Linden.")),
    CastCard("lena", "Lena", _("lead"), _("Flags and clocks, cover and follow-up at Eken.")),
    CastCard("hassan", "Hassan", _("deputy and therapist"), _("Stands in for Lena.")),
    CastCard("omar", "Omar", _("regional lead"), _("Has no pages of his own yet.")),
    CastCard("frida", "Frida", _("author"), _("Writes in files; has no pages of her own yet.")),
    CastCard("greta", "Greta", _("administrator"), _("No clinical access.")),
]


@require_POST
@public("signing in is what it is for; only a demo has this page, and a demo holds nobody real")
def sign_in_as(request: HttpRequest, who: str) -> HttpResponse:
    user = User.objects.filter(email=email_of(who), is_active=True).first() if who in {c.key for c in CAST} else None
    if user is None:
        raise Http404
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("home")
