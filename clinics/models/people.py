"""Who works: accounts, and memberships with profession, competence and weekly hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.cover.coverage import name_key
from clinics.models.opening import Weekday
from clinics.models.organisation import Clinic, Region


class Accounts(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")
        CONTRAST = "contrast", _("High contrast")

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    email = models.EmailField(unique=True)
    first_name = models.CharField(max_length=60)
    last_name = models.CharField(max_length=60)
    sort_name = models.CharField(max_length=160, editable=False, help_text=_("Swedish alphabetical order."))
    language = models.CharField(max_length=5, default="sv")
    theme = models.CharField(max_length=10, choices=Theme, default=Theme.SYSTEM)
    text_size = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = Accounts()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["first_name", "last_name"]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(text_size__in=[100, 115, 130]), name="user_text_size_known"),
        ]

    class Privacy:
        identifying: ClassVar = {"email", "first_name", "last_name", "sort_name"}
        secret: ClassVar = {"password"}
        plain: ClassVar = {"id", "code", "language", "theme", "text_size", "is_active", "joined_at", "last_login"}

    def __str__(self) -> str:
        return f"user {self.code}"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def get_short_name(self) -> str:
        return self.first_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_name = name_key(f"{self.last_name} {self.first_name}")
        super().save(*args, **kwargs)


class Role(models.TextChoices):
    THERAPIST = "therapist", _("Therapist")
    LEAD = "lead", _("Lead")
    DEPUTY = "deputy", _("Deputy lead")
    REGION = "region", _("Regional lead")
    AUTHOR = "author", _("Content author")
    ADMINISTRATOR = "administrator", _("Administrator")


class Profession(models.TextChoices):
    """Who may assess, co-sign and treat follows from these (architecture §5, regional guideline v4.0)."""

    PHYSICIAN = "physician", _("licensed physician")
    PSYCHOLOGIST = "psychologist", _("licensed psychologist")
    PTP_PSYCHOLOGIST = "ptp_psychologist", _("psychologist in supervised practice")
    PSYCHOTHERAPIST = "psychotherapist", _("licensed psychotherapist")
    SOCIAL_WORKER = "social_worker", _("social worker")
    OTHER_LICENSED = "other_licensed", _("other licensed profession")


MAY_ASSESS = {
    Profession.PHYSICIAN,
    Profession.PSYCHOLOGIST,
    Profession.PTP_PSYCHOLOGIST,
    Profession.PSYCHOTHERAPIST,
}
MAY_COSIGN = MAY_ASSESS - {Profession.PTP_PSYCHOLOGIST}
MAY_TREAT = {Profession.PSYCHOLOGIST, Profession.PTP_PSYCHOLOGIST, Profession.PSYCHOTHERAPIST}
MAY_TREAT_WITH_TRAINING = {Profession.SOCIAL_WORKER, Profession.OTHER_LICENSED, Profession.PHYSICIAN}


class MembershipSet(models.QuerySet["Membership"]):
    def current(self) -> Self:
        return self.filter(ended_at=None, user__is_active=True)

    def due_to_end(self, now: datetime) -> Self:
        return self.filter(ended_at=None, ends_at__lte=now)


class Membership(models.Model):
    """A person's place at a clinic or in a region. Someone who leads and treats has two.

    `ends_at` is when the person leaves, if that is known; `lent_from` is the clinic that lends the person until then.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, blank=True, related_name="memberships")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    profession = models.CharField(max_length=20, choices=Profession, blank=True)
    psychotherapy_training = models.BooleanField(default=False, help_text=_("Basic training in the method."))
    started_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True, help_text=_("Planned end; a sweep ends it then."))
    ended_at = models.DateTimeField(null=True, blank=True)
    lent_from = models.ForeignKey(Clinic, models.PROTECT, null=True, blank=True, related_name="+")

    objects = MembershipSet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["ends_at"], name="membership_due_to_end", condition=Q(ended_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="membership_in_clinic_or_region",
                condition=Q(clinic=None, region__isnull=False) | Q(clinic__isnull=False, region=None),
            ),
            models.UniqueConstraint(
                fields=["user", "clinic", "region", "role"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="membership_once_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["clinic", "role"],
                condition=Q(ended_at=None, role__in=["lead", "deputy"]),
                name="one_lead_and_one_deputy",
            ),
            models.CheckConstraint(name="therapist_has_profession", condition=~Q(role="therapist") | ~Q(profession="")),
            models.CheckConstraint(
                name="membership_forward", condition=Q(ends_at=None) | Q(ends_at__gt=F("started_at"))
            ),
            models.CheckConstraint(
                name="lent_with_an_end",
                condition=Q(lent_from=None) | (Q(ends_at__isnull=False) & ~Q(lent_from=F("clinic"))),
            ),
        ]

    class Privacy:
        plain: ClassVar = {
            "id", "user", "clinic", "region", "role", "profession", "psychotherapy_training",
            "started_at", "ends_at", "ended_at", "lent_from",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user} {self.role}"

    @property
    def last_day(self) -> date | None:
        """Return the last local day at the clinic, None without a planned end."""
        return timezone.localdate(self.ends_at - timedelta(microseconds=1)) if self.ends_at else None

    @property
    def is_clinical(self) -> bool:
        return bool(self.profession)

    @property
    def may_treat(self) -> bool:
        trained = self.profession in MAY_TREAT_WITH_TRAINING and self.psychotherapy_training
        return self.profession in MAY_TREAT or trained


class Competence(models.Model):
    """The person may treat with this programme."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="competences")
    programme = models.SlugField(max_length=60)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["membership", "programme"], name="competence_once"),
        ]

    class Privacy:
        plain: ClassVar = {"id", "membership", "programme"}

    def __str__(self) -> str:
        return self.programme


class WorkingHours(models.Model):
    """The person's own weekly schedule, where it is narrower than the clinic's opening hours."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        ordering: ClassVar = ["weekday", "starts"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["membership", "weekday", "starts"], name="working_hours_once"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="working_hours_forward"),
        ]

    class Privacy:
        plain: ClassVar = {"id", "membership", "weekday", "starts", "ends"}

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H.%M}-{self.ends:%H.%M}"
