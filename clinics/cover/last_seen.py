"""When somebody was last seen: signed in, or did anything that the audit log holds. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import OuterRef, Subquery

from clinics.models import AuditEvent, User


def seen_at(users: Iterable[User]) -> dict[int, datetime | None]:
    """Return when each was last seen by primary key, None for never. One query, by the log's index of actors."""
    acts = AuditEvent.objects.filter(actor=OuterRef("code")).order_by("-at").values("at")[:1]
    rows = User.objects.filter(pk__in=[user.pk for user in users]).annotate(acted_at=Subquery(acts))
    return {
        pk: max(filter(None, [signed_in_at, acted_at]), default=None)
        for pk, signed_in_at, acted_at in rows.values_list("pk", "last_login", "acted_at")
    }
