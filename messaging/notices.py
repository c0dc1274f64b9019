"""One function per message to people outside the pages. No name, no score, no reason ever leaves (invariant I11)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _

from messaging.models import Channel, Notice

if TYPE_CHECKING:
    from clinics.models import User


def flag_waits(*, to: User, key: str, path: str, now: datetime, ways: Collection[str] = tuple(Channel)) -> None:
    """Say that a flag waits, not about whom. The key makes a second row for the same climb impossible.

    `ways` are the channels to take first, as the clinic's plan says; the others are taken when one of them fails.
    """
    _write(key, to, Notice.Kind.FLAG_WAITS, path, now, ways)


def try_again(*, to: User, key: str, path: str, now: datetime) -> None:
    """Say that it is time for the next try that was planned with a flag, not about whom. It leaves once."""
    _write(key, to, Notice.Kind.TRY_AGAIN, path, now)


def cover_starts(*, to: User, key: str, path: str, now: datetime) -> None:
    """Say that the person stands in for a colleague."""
    _write(key, to, Notice.Kind.COVER_STARTS, path, now)


def trial(*, to: User, path: str, now: datetime) -> None:
    """Let a person see that notices arrive. At most one a minute: the key holds the minute."""
    _write(f"trial:{to.pk}:{now:%Y%m%d%H%M}", to, Notice.Kind.TRIAL, path, now)


def void(*, about: str, now: datetime) -> None:
    """Drop all notices whose key begins with `about`, sent or not: somebody has answered, or there is nothing left."""
    Notice.objects.standing().filter(key__startswith=about).update(dropped_at=now)


def _write(
    key: str, to: User, kind: Notice.Kind, path: str, now: datetime, ways: Collection[str] = tuple(Channel)
) -> None:
    notice = Notice(key=key, recipient=to, kind=kind, path=path, created_at=now, ways=sorted(ways))
    Notice.objects.bulk_create([notice], ignore_conflicts=True)  # the key is the only thing that can conflict


def words(notice: Notice) -> tuple[str, str]:
    """Return subject and body in the recipient's language."""
    with translation.override(notice.recipient.language):
        if notice.kind == Notice.Kind.FLAG_WAITS:
            return _("Something waits for you"), _("A flag waits for you to look at. Sign in as usual to see it.")
        if notice.kind == Notice.Kind.TRY_AGAIN:
            planned = _("It is time for the next try that was planned with a flag. Sign in as usual to see it.")
            return _("Time for the next try"), planned
        if notice.kind == Notice.Kind.COVER_STARTS:
            return _("You stand in for a colleague"), _("You stand in for a colleague. Sign in as usual to see more.")
        if notice.kind == Notice.Kind.TRIAL:
            return _("A trial"), _("This is a trial that you asked for. Notices reach you this way.")
        return _("Something new"), _("There is something new to read. Sign in as usual.")
