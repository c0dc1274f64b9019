"""Due rows of the programmes: drafts that were left."""

from __future__ import annotations

from datetime import datetime

from programs.drafts import KEPT
from programs.models import Draft


def delete_old_drafts(now: datetime) -> int:
    """Forget drafts that have lain untouched for thirty days. Return how many. Safe to run twice at once."""
    deleted, _by_model = Draft.objects.filter(updated_at__lt=now - KEPT).delete()
    return deleted
