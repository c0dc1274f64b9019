"""Filters for the pages of all apps."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone

from ikbt.moments import in_words

register = template.Library()


@register.filter
def moment(at: datetime | None) -> str:
    """Return when something happened or is due, as people say it; nothing for no time."""
    return in_words(at, timezone.now()) if at else ""
