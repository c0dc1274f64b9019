"""How a staff member can be reached outside the pages, and what the person has chosen."""

from __future__ import annotations

from hashlib import sha256
from typing import ClassVar, Self
from urllib.parse import urlsplit
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import User


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    PUSH = "push", _("Browser")
    SMS = "sms", _("SMS")


class NoticeChoiceSet(models.QuerySet["NoticeChoice"]):
    def visible_to(self, user: User) -> Self:
        """One's own, nobody else's."""
        return self.filter(user=user)


class NoticeChoice(models.Model):
    """What one person has chosen. Without a row: e-mail about everything, no SMS. E-mail about flags is always on."""

    user = models.OneToOneField(User, models.CASCADE, related_name="notice_choice")
    email_about_cover = models.BooleanField(default=True)
    sms_about_flags = models.BooleanField(default=False)
    sms_number = models.CharField(max_length=16, blank=True, help_text="International form, +46701234567.")

    objects = NoticeChoiceSet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="sms_only_with_number", condition=Q(sms_about_flags=False) | Q(sms_number__startswith="+")
            ),
        ]

    class Privacy:
        identifying: ClassVar = {"sms_number"}
        plain: ClassVar = {"id", "user", "email_about_cover", "sms_about_flags"}

    def __str__(self) -> str:
        return f"notice choice of {self.user}"


class PushSubscriptionSet(models.QuerySet["PushSubscription"]):
    def visible_to(self, user: User) -> Self:
        """One's own browsers, nobody else's."""
        return self.filter(user=user)


class PushSubscription(models.Model):
    """A browser that shows notices (RFC 8030). The address is given by the browser; whoever knows it can only knock.

    A browser belongs to the person who switched it on last. The row is deleted when the push service says that the
    browser is gone.
    """

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="push_subscriptions")
    endpoint = models.CharField(max_length=500, unique=True)
    p256dh = models.CharField(max_length=100, help_text="The browser's public key (RFC 8291), base64url.")
    auth = models.CharField(max_length=40, help_text="The browser's shared secret (RFC 8291), base64url.")
    created_at = models.DateTimeField()

    objects = PushSubscriptionSet.as_manager()

    class Meta:
        ordering: ClassVar = ["created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(name="push_keys_there", condition=~Q(endpoint="") & ~Q(p256dh="") & ~Q(auth="")),
        ]

    class Privacy:
        secret: ClassVar = {"endpoint", "p256dh", "auth"}
        plain: ClassVar = {"id", "code", "user", "created_at"}

    def __str__(self) -> str:
        return f"browser {self.code}"

    @property
    def fingerprint(self) -> str:
        """What a browser can compare itself with, without the page telling the address (SHA-256, hexadecimal)."""
        return sha256(self.endpoint.encode()).hexdigest()

    @property
    def service(self) -> str:
        """The host of the push service, the only thing about the browser that is known."""
        return urlsplit(self.endpoint).hostname or ""
