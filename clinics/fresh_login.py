"""Views that are answered only to who has shown within minutes who they are."""

from __future__ import annotations

from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from clinics.access import View, signed_in
from clinics.models import User


def fresh_login(view: View) -> View:
    """Let the view answer only who has shown within minutes, by allauth's re-authentication, that it still is they.

    A form that was sent waits meanwhile and is taken up again. Whoever has nothing to show here, since another service
    signs them in, is refused: allauth itself would let them pass.
    """
    asked = reauthentication_required(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not can_show_again(signed_in(request)):
            raise PermissionDenied
        answer: HttpResponseBase = asked(request, *args, **kwargs)
        return answer

    return guarded


def can_show_again(user: User) -> bool:
    """Tell whether the person has something here, as a password, to show again for a `fresh_login`."""
    return bool(get_adapter().get_reauthentication_methods(user))
