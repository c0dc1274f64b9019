"""A word that something waits, the ways that it takes, and each attempt on them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Membership, Role, User
from messaging.models.channels import Channel


def every_channel() -> list[str]:
    return list(Channel.values)


class NoticeSet(models.QuerySet["Notice"]):
    def standing(self) -> Self:
        """Those that are still of use."""
        return self.filter(dropped_at=None)

    def unspread(self) -> Self:
        return self.standing().filter(spread_at=None).order_by("created_at")


class Notice(models.Model):
    """A word that something waits, written with the change that caused it and sent afterwards, at least once.

    It carries no patient data: no name, no score, no reason (invariant I11). In-app is the truth.
    """

    class Kind(models.TextChoices):
        FLAG_WAITS = "flag_waits", _("A flag waits")
        TRY_AGAIN = "try_again", _("The next try has come")
        COVER_STARTS = "cover_starts", _("You stand in for a colleague")
        NEWS = "news", _("Something new to read")
        TRIAL = "trial", _("Trial")

    key = models.CharField(max_length=120, unique=True)
    recipient = models.ForeignKey(User, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind)
    path = models.CharField(max_length=120, help_text="Where the page is, without anything about whom.")
    ways = ArrayField(
        models.CharField(max_length=10, choices=Channel), default=every_channel,
        help_text="Channels to take first; the others are taken when one of them fails.",
    )  # fmt: skip
    created_at = models.DateTimeField()
    spread_at = models.DateTimeField(null=True, blank=True, help_text="When it got its deliveries.")
    dropped_at = models.DateTimeField(
        null=True, blank=True, help_text="No longer of use: answered, or a newer one says the same."
    )

    objects = NoticeSet.as_manager()

    class Meta:
        indexes: ClassVar = [  # for messaging.sweeps
            models.Index(fields=["created_at"], name="notice_unspread", condition=Q(spread_at=None, dropped_at=None)),
        ]

        constraints: ClassVar = [
            models.CheckConstraint(name="notice_takes_some_way", condition=Q(ways__len__gt=0)),
        ]

    class Privacy:
        plain: ClassVar = {"id", "key", "recipient", "kind", "path", "ways", "created_at", "spread_at", "dropped_at"}

    def __str__(self) -> str:
        return f"notice {self.pk}"

    @property
    def is_about_a_flag(self) -> bool:
        return self.kind == self.Kind.FLAG_WAITS

    @property
    def about(self) -> str:
        """What the keys of all notices about the same thing begin with: `flag:12:` of `flag:12:3:7`."""
        return ":".join(self.key.split(":")[:2]) + ":"


class DeliverySet(models.QuerySet["Delivery"]):
    def due(self, now: datetime) -> Self:
        return self.filter(next_attempt_at__lte=now).order_by("next_attempt_at")

    def unsent(self) -> Self:
        """Those that no server has accepted yet and that are still of use."""
        return self.filter(sent_at=None, next_attempt_at__isnull=False, notice__dropped_at=None)


class Delivery(models.Model):
    """One notice on one channel to one place. `next_attempt_at` empty = nothing more to do.

    `sent_at` says that a server accepted it, which is not that a person has seen it: see ADR 0026.
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel)
    browser = models.UUIDField(null=True, blank=True, help_text="The code of the push subscription, also when gone.")
    due_at = models.DateTimeField(help_text="When it should leave at first.")
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    leased_at = models.DateTimeField(null=True, blank=True, help_text="Being tried, since then.")
    attempts = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    copies = models.PositiveIntegerField(default=0, help_text="How often a server accepted it.")
    last_error = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = DeliverySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            # for messaging.sweeps
            models.Index(
                fields=["channel", "next_attempt_at"], name="delivery_due", condition=Q(next_attempt_at__isnull=False)
            ),
            # for the auditor and the figures
            models.Index(
                fields=["due_at"], name="delivery_unsent", condition=Q(sent_at=None, next_attempt_at__isnull=False)
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["notice", "channel", "browser"], nulls_distinct=False, name="delivery_once_to_a_place"
            ),
            models.CheckConstraint(
                name="delivery_browser_only_for_push",
                condition=Q(channel="push", browser__isnull=False) | (~Q(channel="push") & Q(browser=None)),
            ),
            models.CheckConstraint(
                name="delivery_sent_is_counted",
                condition=Q(sent_at=None, copies=0) | Q(sent_at__isnull=False, copies__gt=0),
            ),
        ]

    class Privacy:
        plain: ClassVar = {
            "id", "notice", "channel", "browser", "due_at", "next_attempt_at", "leased_at", "attempts", "failures",
            "copies", "last_error", "sent_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"delivery {self.pk}"

    @property
    def key(self) -> str:
        """The same for each copy, so that whoever gets two knows them as one (Message-ID, Idempotency-Key, Topic).

        With the second it was written: after a restore the numbers begin again where the backup ended, and a new word
        must not be taken for a copy of an old one. At most 32 letters, as a Topic (RFC 8030).
        """
        return f"notice-{self.notice_id}-{int(self.notice.created_at.timestamp())}"


def looked_after_by(user: User) -> models.QuerySet[User]:
    """Return the people who work, or worked, at a clinic where the user administers, or in its region as a whole."""
    own = Membership.objects.current().filter(user=user, role=Role.ADMINISTRATOR)
    here = Q(clinic__in=own.values("clinic")) | Q(clinic__region__in=own.values("region"))
    return User.objects.filter(pk__in=Membership.objects.filter(here).values("user"))


class AttemptSet(models.QuerySet["Attempt"]):
    def visible_to(self, user: User) -> Self:
        """Attempts to reach those whom the administrator looks after."""
        return self.filter(delivery__notice__recipient__in=looked_after_by(user))


class Attempt(models.Model):
    """The delivery log: one attempt and how it ended. Never changed, never deleted."""

    class Result(models.TextChoices):
        SENT = "sent", _("accepted by the server")
        FAILED = "failed", _("failed, is tried again")
        REFUSED = "refused", _("refused: the address or the settings are wrong")
        GONE = "gone", _("gone, or switched off: not tried again")
        UNKNOWN = "unknown", _("broken off in the middle, is tried again")

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="log")
    channel = models.CharField(max_length=10, choices=Channel)
    at = models.DateTimeField()
    number = models.PositiveIntegerField(help_text="The first attempt is 1.")
    result = models.CharField(max_length=10, choices=Result)
    reason = models.CharField(max_length=200, blank=True)

    objects = AttemptSet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(F("at").desc(), name="attempt_by_time")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delivery", "number"], name="attempt_logged_once"),
        ]

    class Privacy:
        plain: ClassVar = {"id", "delivery", "channel", "at", "number", "result", "reason"}

    def __str__(self) -> str:
        return f"attempt {self.pk}"
