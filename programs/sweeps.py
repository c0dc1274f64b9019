"""Due rows of the programmes: drafts that were left."""

from __future__ import annotations

from datetime import datetime, timedelta

from programs.models import Draft

KEPT = timedelta(days=30)  # architecture §4: unsent words are kept so long, and then forgotten


def delete_old_drafts(now: datetime) -> int:
    """Forget drafts that have lain untouched for thirty days. Return how many. Safe to run twice at once."""
    deleted, _by_model = Draft.objects.filter(updated_at__lt=now - KEPT).delete()
    return deleted
