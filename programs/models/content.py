"""Programme text as it was loaded. Rows are never changed: another text is another revision (triggers refuse it)."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programs.library_format.blocks import Question


class Programme(models.Model):
    slug = models.SlugField(max_length=60, unique=True)

    class Privacy:
        plain: ClassVar = {"id", "slug"}

    def __str__(self) -> str:
        return self.slug


class RevisionSet(models.QuerySet["Revision"]):
    def startable(self, *, demo: bool) -> Self:
        """Revisions that a new treatment may point at: published ones, and in a demo also drafts."""
        statuses = [Revision.Status.PUBLISHED]
        if demo:
            statuses += [Revision.Status.DRAFT, Revision.Status.REVIEW]
        return self.filter(status__in=statuses)


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
        ]

    class Privacy:
        plain: ClassVar = {
            "id", "programme", "edition", "content_hash", "status", "loaded_at", "published_at",
            "title", "patient_title", "facts",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.programme} {self.edition} {self.content_hash[:8]}"

    @property
    def is_draft(self) -> bool:
        return self.published_at is None


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
