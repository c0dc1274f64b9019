"""The delivery log, for the administrator: which notices left, which did not, and why. Nothing about patients."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinics.access import Permission, requires, signed_in
from messaging.figures import day_of, late_for
from messaging.models import Attempt, Channel

SHOWN = 100


@require_safe
@requires(Permission.SEE_DELIVERIES)
def deliveries(request: HttpRequest) -> HttpResponse:
    """Show the newest attempts to reach those who work at the administrator's clinics, and a day's figures."""
    user, now = signed_in(request), timezone.now()
    log = Attempt.objects.visible_to(user)
    context = {
        "attempts": log.select_related("delivery__notice__recipient").order_by("-at", "-pk")[:SHOWN],
        "figures": day_of(log, now),
        "channels": Channel.labels,
        "late": late_for(user, now),
        "shown": SHOWN,
    }
    return render(request, "messaging/deliveries.html", context)
