"""What a page says of an ongoing crisis: its name, and the facts that are not overdue."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from programs.library_format.crisis import facts_that_hold
from programs.models import Revision
from programs.shipped import LIBRARY


def crisis_lines(revision: Revision, address: str, language: str, now: datetime) -> tuple[str, ...]:
    """Return the lines that stand where a module recalls crisis.name or crisis.facts; none when nothing holds.

    One query, and only in an edition that leaves room for a crisis.
    """
    declared = revision.facts.get("crisis")
    newest = revision.programme.crisis_values.first() if declared else None
    if newest is None:
        return ()
    if address == "name":
        name = newest.values["name"].get(language) or newest.values["name"].get("sv", "")
        since = date.fromisoformat(newest.values["since"])
        return (_("%(name)s, since %(day)s") % {"name": name, "day": date_format(since, "j F Y")},)
    today = timezone.localdate(now)
    held = facts_that_hold(newest.values, declared["review_every_days"], today, language, LIBRARY)
    return tuple(
        _("%(fact)s (%(authority)s, %(day)s)")
        % {"fact": fact.text, "authority": fact.authority, "day": date_format(fact.said_on, "j F Y")}
        for fact in held
    )
