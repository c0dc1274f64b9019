"""What every form of ours posts beside its fields: the key that makes sending it twice harmless, and its version."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest


def key_in(request: HttpRequest) -> UUID | None:
    """Return the idempotency key that was posted, None when there is none that can be read."""
    try:
        return UUID(request.POST.get("idempotency_key", ""))
    except ValueError:
        return None


def version_in(request: HttpRequest) -> int:
    """Return the draft's version that the page knew when it was shown, 0 for none."""
    version = request.POST.get("version", "")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
