"""One's own notices: which ways they take, which browsers show them, and a trial. For staff."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import Permission, requires, signed_in
from messaging.actions import TooManyBrowsers, add_browser, choose_notices, remove_browser, try_notices
from messaging.channel_forms import BrowserForm, ChoiceForm
from messaging.models import NoticeChoice, PushSubscription

# The plain name, not the one with a hash: a browser asks for it again for as long as notices are on.
WORKER = f"{settings.STATIC_URL}js/push_worker.js"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CHOOSE_NOTICES)
def choices(request: HttpRequest) -> HttpResponse:
    """Show how the person is reached, or keep another choice."""
    user = signed_in(request)
    choice = NoticeChoice.objects.visible_to(user).first() or NoticeChoice(user=user)
    form = ChoiceForm(request.POST if request.method == "POST" else None, choice=choice)
    if form.is_valid():
        choose_notices(by=user, chosen=form.cleaned_data, now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("notice-choices")
    context = {
        "form": form,
        "browsers": list(PushSubscription.objects.visible_to(user)),
        "public_key": settings.VAPID_PUBLIC_KEY,
        "worker": WORKER,
        "address": user.email,
        "has_gateway": bool(settings.SMS_URL),
    }
    return render(request, "messaging/notices.html", context)


@require_POST
@requires(Permission.CHOOSE_NOTICES)
def add(request: HttpRequest) -> HttpResponse:
    """Let the browser that the person sits at show notices."""
    form = BrowserForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This browser gave an address that cannot be used. Nothing was changed."))
        return redirect("notice-choices")
    try:
        add_browser(by=signed_in(request), **form.cleaned_data, now=timezone.now())
    except TooManyBrowsers:
        messages.error(request, _("There are ten browsers already. Remove one that you do not use, then try again."))
    else:
        messages.success(request, _("Notices are on in this browser. Send a trial to see one."))
    return redirect("notice-choices")


@require_POST
@requires(Permission.CHOOSE_NOTICES)
def remove(request: HttpRequest, browser: UUID) -> HttpResponse:
    """Let one of the person's browsers show nothing more."""
    user = signed_in(request)
    own = get_object_or_404(PushSubscription.objects.visible_to(user), code=browser)
    remove_browser(browser=own, by=user, now=timezone.now())
    messages.success(request, _("Removed. That browser shows no more notices."))
    return redirect("notice-choices")


@require_POST
@requires(Permission.CHOOSE_NOTICES)
def send_trial(request: HttpRequest) -> HttpResponse:
    """Send the person a notice on every way that is on."""
    try_notices(by=signed_in(request), now=timezone.now())
    messages.success(request, _("A trial is on its way by e-mail, and by everything else that you have switched on."))
    return redirect("notice-choices")
