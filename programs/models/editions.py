"""What happens to an edition after it was published: words laid over a page, and a patient moved to another edition."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from clinics.models import User
from programs.models.content import Revision
from programs.models.treatment import Treatment


class CorrectionSet(models.QuerySet["Correction"]):
    def over(self, revision_id: int, module: str, page: str) -> list[Correction]:
        """Return what stands over one page now: of each place the newest words, if any. One query."""
        places = self.filter(revision=revision_id, module__in=["", module], page__in=["", page])
        return [each for each in places.newest() if each.text]

    def newest(self) -> Self:
        """Of each place the newest words; where they are empty, nothing stands there any more."""
        return self.order_by("revision", "module", "page", "-written_at", "-pk").distinct("revision", "module", "page")


class Correction(models.Model):
    """A notice laid over pages of an edition, which itself stays as it is. Never changed: newer words take its place.

    An empty `module` means every module of the edition, an empty `page` every page; an empty `text` takes it away.
    """

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="corrections")
    module = models.SlugField(max_length=60, blank=True)
    page = models.SlugField(max_length=60, blank=True)
    text = models.TextField(blank=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = CorrectionSet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["revision", "module", "page"], name="correction_by_place")]
        constraints: ClassVar = [
            models.CheckConstraint(name="correction_page_in_module", condition=Q(page="") | ~Q(module="")),
        ]

    class Privacy:
        plain: ClassVar = {"id", "revision", "module", "page", "text", "written_at", "written_by"}

    def __str__(self) -> str:
        return f"correction {self.pk}"

    @property
    def place(self) -> str:
        """Return "" for the edition, "module/" or "module/page"."""
        return f"{self.module}/{self.page}" if self.module else ""


class Move(models.Model):
    """A running treatment was moved to another edition of its programme, by a therapist. Never changed."""

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="moves")
    origin = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    target = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()
    moved_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-moved_at"]
        constraints: ClassVar = [
            models.CheckConstraint(name="move_goes_somewhere", condition=~Q(origin=F("target"))),
        ]

    class Privacy:
        plain: ClassVar = {"id", "code", "treatment", "origin", "target", "moved_at", "moved_by"}

    def __str__(self) -> str:
        return f"move {self.code}"
