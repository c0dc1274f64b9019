"""How the pages look for one person."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from clinics.audit import Did, audit
from clinics.models import User


@transaction.atomic
def choose_display(*, user: User, language: str, theme: str, text_size: int, now: datetime) -> None:
    """Keep the person's language, light and text size."""
    user.language, user.theme, user.text_size = language, theme, text_size
    user.save(update_fields=["language", "theme", "text_size"])
    audit(by=user, did=Did.CHANGED, what=f"user:{user.code}", now=now)
