"""What every answer carries: private headers, session limits, the person's own language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers

from clinics.access import is_taken_as_away, memberships_of
from clinics.models import User
from riskmonitor.coming_back import welcome_back

Answer = Callable[[HttpRequest], HttpResponse]


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def asks_by_itself(request: HttpRequest) -> bool:
    """Tell whether the page asked, and not the person: a list that looks for news keeps nobody signed in."""
    return request.headers.get("HX-Request") == "true" and request.method == "GET"


class PrivateHeaders:
    """No page is kept by a cache or shared with another origin."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store, private"
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class SessionLimits:
    """End a session that has idled too long or lasted too long (architecture §5).

    The times stand in the session row, so that a lost cache changes nothing. The idle clock is written at most once a
    minute: a page costs no write of its own.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User):
            now = timezone.now()
            if self._is_over(request, request.user, now):
                logout(request)
        response = self.get_response(request)
        if response.status_code not in {302, 403} or not wants_json(request):
            return response
        if not request.user.is_authenticated:  # autosave keeps the text and says where to sign in, also without a token
            return JsonResponse({"login": reverse(settings.LOGIN_URL)}, status=401)
        return response

    def _is_over(self, request: HttpRequest, user: User, now: datetime) -> bool:
        idle, at_most = settings.SESSION_LIMITS["staff" if memberships_of(user) else "patient"]
        session, stamp = request.session, now.timestamp()
        began, seen = session.setdefault("began", stamp), session.get("seen", stamp)
        if "seen" not in session or (stamp - seen >= 60 and not asks_by_itself(request)):
            session["seen"] = stamp
        over: bool = (
            now - datetime.fromtimestamp(seen, UTC) > idle or now - datetime.fromtimestamp(began, UTC) > at_most
        )
        return over


class OwnLanguage:
    """The user's own setting wins, else the cookie, else Swedish. What the browser prefers is not asked."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        chosen = user.language if isinstance(user, User) else request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if chosen not in dict(settings.LANGUAGES):
            chosen = settings.LANGUAGE_CODE
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = self.get_response(request)
            response.setdefault("Content-Language", chosen)
            return response


class BackFromSilence:
    """Whoever was taken as away and asks for a page is back: a session may be older than the silence.

    Stands inside the messages, which say so. Costs no query of its own: who is away comes with the memberships.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User) and not asks_by_itself(request) and is_taken_as_away(request.user):
            welcome_back(request=request, user=request.user, now=timezone.now())
        return self.get_response(request)
