"""Programme text as it was loaded. Rows are never changed: another text is another revision (triggers refuse it)."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programs.library_format.blocks import Question

VERSION_LENGTH = 12  # hex digits of the hash


class Programme(models.Model):
    slug = models.SlugField(max_length=60, unique=True)

    class Privacy:
        plain: ClassVar = {"id", "slug"}

    def __str__(self) -> str:
        return self.slug


class CrisisValues(models.Model):
    """What an edition for a crisis leaves open: name and facts, as crisis.yaml said when loaded. The newest counts."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="crisis_values")
    values = models.JSONField(help_text="crisis.yaml as it was read, see programs.library_format.crisis.")
    loaded_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-loaded_at", "-pk"]
        verbose_name_plural = "crisis values"

    class Privacy:
        plain: ClassVar = {"id", "programme", "values", "loaded_at"}

    def __str__(self) -> str:
        return f"{self.programme} {self.loaded_at:%Y-%m-%d}"


class RevisionSet(models.QuerySet["Revision"]):
    def startable(self, *, demo: bool) -> Self:
        """Revisions that a new treatment may point at: published ones, and in a demo also drafts."""
        statuses = [Revision.Status.PUBLISHED]
        if demo:
            statuses += [Revision.Status.DRAFT, Revision.Status.REVIEW]
        return self.filter(status__in=statuses)

    def editions(self) -> Self:
        """Revisions that were published, also those withdrawn since; the newest edition first."""
        return self.exclude(published_at=None).order_by("-edition")


class Revision(models.Model):
    """One load of a programme's files. Publishing makes it an edition."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REVIEW = "review", _("In review")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="revisions")
    edition = models.PositiveSmallIntegerField()
    content_hash = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status)
    loaded_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    title = models.JSONField(help_text="Language to title, for staff.")
    patient_title = models.JSONField(help_text="Language to neutral title, for patients.")
    facts = models.JSONField(help_text="programme.yaml as it was read.")
    findings = models.JSONField(default=list, help_text="What the checker said of the files when they were loaded.")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.TextField(blank=True, help_text="For therapists: what is wrong with the edition.")

    objects = RevisionSet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "content_hash"], name="revision_once_per_hash"),
            models.UniqueConstraint(
                fields=["programme", "edition"],
                condition=Q(published_at__isnull=False),
                name="edition_published_once",
            ),
            models.CheckConstraint(
                name="published_has_time",
                condition=~Q(status="published") | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="withdrawn_has_time_and_reason",
                condition=Q(status="withdrawn", withdrawn_at__isnull=False) & ~Q(withdrawn_because="")
                | ~Q(status="withdrawn") & Q(withdrawn_at=None, withdrawn_because=""),
            ),
        ]

    class Privacy:
        plain: ClassVar = {
            "id", "programme", "edition", "content_hash", "status", "loaded_at", "published_at",
            "title", "patient_title", "facts", "findings", "withdrawn_at", "withdrawn_because",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.programme} {self.edition} {self.content_hash[:8]}"

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    @property
    def version(self) -> str:
        """Return the short name that stands in addresses and that no other text of the programme has."""
        return self.content_hash[:VERSION_LENGTH]


class Module(models.Model):
    """One week's text ("avsnitt"). `notes` and `short` are blocks in the form that programs.library_format states."""

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="modules")
    language = models.CharField(max_length=5, default="sv")
    number = models.PositiveSmallIntegerField()
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    aim = models.TextField()
    facts = models.JSONField(help_text="Front matter as it was read.")
    short = models.JSONField(null=True, help_text="The five-minute version, one block.")
    notes = models.JSONField(default=list, help_text="Staff only: therapist notes and phrases.")

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["revision", "language", "number"], name="module_number_once"),
            models.UniqueConstraint(fields=["revision", "language", "slug"], name="module_slug_once"),
        ]

    class Privacy:
        plain: ClassVar = {
            "id", "revision", "language", "number", "slug", "title", "aim", "facts", "short", "notes",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number} {self.slug}"

    def questions(self) -> list[Question]:
        """Return the module's questions in page order."""
        blocks = (block for page in self.pages.all() for block in page.blocks)
        return [Question.build(block) for block in blocks if block["type"] == Question.type]


class Page(models.Model):
    module = models.ForeignKey(Module, models.PROTECT, related_name="pages")
    number = models.PositiveSmallIntegerField()
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    blocks = models.JSONField(help_text="Blocks in the form that programs.library_format states.")

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["module", "number"], name="page_number_once"),
            models.UniqueConstraint(fields=["module", "slug"], name="page_slug_once"),
        ]

    class Privacy:
        plain: ClassVar = {"id", "module", "number", "slug", "title", "blocks"}

    def __str__(self) -> str:
        return f"{self.number} {self.slug}"
