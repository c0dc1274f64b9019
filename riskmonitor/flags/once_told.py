"""Who was told of a flag and reads about the patient no longer: what they may still see, and still write. Reads only.

Who helps out from another clinic reads no more from the second in which a colleague takes the flag on or closes it, or
in which the agreement ends, and may be writing about it just then, with the patient on the telephone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from clinics.access import has_care_relation
from clinics.models import User
from programs.models import Draft
from riskmonitor.actions.granting import grants_of
from riskmonitor.flags.kept_words import draft_keys
from riskmonitor.models import Flag

SHOWN = timedelta(hours=24)  # so long after the access ended it is said whose the flag is
BEGUN = timedelta(hours=1)  # so long what was being typed just then, and was not saved yet, may still be kept


@dataclass(frozen=True)
class OnceTold:
    """Until when the flag opens the patient, None without an end, and whether unsent words lie there."""

    ends_at: datetime | None
    has_draft: bool

    def sees_whose(self, now: datetime) -> bool:
        """Tell whether the person is still told who has the flag."""
        return self.ends_at is None or now < self.ends_at + SHOWN

    def ended_at(self, now: datetime) -> datetime | None:
        """Return when the access ended, None while the flag itself has not ended it."""
        return self.ends_at if self.ends_at and self.ends_at <= now else None

    def may_write(self, now: datetime) -> bool:
        """Tell whether what the person types is kept: what was begun goes on, nothing is begun later than `BEGUN`."""
        return self.has_draft or self.ends_at is None or now < self.ends_at + BEGUN


def once_told(user: User, flag: Flag) -> OnceTold | None:
    """Return what is left to somebody to whom the flag opens the patient, or did; None to all others."""
    latest = (
        grants_of(flag).filter(user=user).order_by(F("ends_at").desc(nulls_first=True)).values_list("ends_at").first()
    )
    if latest is None:
        return None
    return OnceTold(latest[0], Draft.objects.filter(owner=user, form_key__in=draft_keys(flag)).exists())


def may_write_about(user: User, flag: Flag, now: datetime) -> bool:
    """Tell whether what the person types about the flag is kept unsent: who may read the patient, or was told of it."""
    told = once_told(user, flag)
    if told is not None and told.may_write(now):
        return True
    is_known = Flag.objects.visible_to(user).filter(pk=flag.pk).exists()
    return is_known and has_care_relation(user, flag.patient, now)


def keeps_what_is_sent(user: User, flag: Flag, now: datetime) -> bool:
    """Tell whether what the person sends about the flag is kept unsent, whether or not the door still opens.

    Also of somebody of the clinic who was never told of it, such as a stand-in whose day has just ended: no page would
    show them what they sent.
    """
    return once_told(user, flag) is None or may_write_about(user, flag, now)
