"""What a form posts beside its fields: the key that makes sending it twice harmless, and what it knows of its draft."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, QueryDict


def key_in(request: HttpRequest) -> UUID | None:
    """Return the idempotency key that was posted, None when there is none that can be read."""
    try:
        return UUID(request.POST.get("idempotency_key", ""))
    except ValueError:
        return None


def version_in(request: HttpRequest) -> int:
    """Return the draft's version that the page last knew, 0 for none or one that cannot be read."""
    version = request.POST.get("version", "")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0


def unanswered_in(request: HttpRequest) -> QueryDict:
    """Return what the page posted to be saved last and had no answer to when its form was sent: on a slow net."""
    return QueryDict(request.POST.get("unanswered", ""))
