"""An edition's life: published, corrected by a notice, withdrawn. Its text never changes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from clinics.audit import Did, audit
from clinics.models import User
from programs.editions import findings_of, reused_ids
from programs.library_format.editions import publishing_faults
from programs.library_format.faults import Fault, fault
from programs.library_format.parse_programme import FILE
from programs.models import Correction, Programme, Revision


class PublishRefused(Exception):
    """The revision lacks what an edition needs; `faults` say what, in the authors' language."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class NotAnEdition(Exception):
    """Only what is published, and not withdrawn since, can be withdrawn; only a published text can be corrected."""


def publishing_refusals(revision: Revision, now: datetime) -> list[Fault]:
    """Return why the revision may not be published (E01, E02, E03); an empty list means that it may."""
    if revision.status not in {Revision.Status.DRAFT, Revision.Status.REVIEW}:
        return [fault("E02.standing", FILE, 1)]
    editions = revision.programme.revisions.editions().values_list("edition", flat=True)
    found, today = findings_of(revision), timezone.localdate(now)
    return publishing_faults(revision.facts, found, today=today, published=editions) + reused_ids(revision)


@transaction.atomic
def publish(*, revision: Revision, by: User, now: datetime) -> None:
    """Make the revision an edition that nothing can change. Running treatments keep theirs."""
    Programme.objects.select_for_update().get(pk=revision.programme_id)  # two at once: the second is told
    revision.refresh_from_db()
    if faults := publishing_refusals(revision, now):
        raise PublishRefused(faults)
    revision.status, revision.published_at = Revision.Status.PUBLISHED, now
    revision.save(update_fields=["status", "published_at"])
    audit(by=by, did=Did.OPENED, what=f"revision:{revision.pk}", now=now)


@transaction.atomic
def withdraw(*, revision: Revision, because: str, by: User, now: datetime) -> None:
    """Let no new treatment start with the edition. Those that run go on, and their therapists see the reason."""
    revision = Revision.objects.select_for_update().get(pk=revision.pk)
    if revision.status != Revision.Status.PUBLISHED or not because.strip():
        raise NotAnEdition(str(revision))
    revision.status, revision.withdrawn_at, revision.withdrawn_because = Revision.Status.WITHDRAWN, now, because.strip()
    revision.save(update_fields=["status", "withdrawn_at", "withdrawn_because"])
    audit(by=by, did=Did.CLOSED, what=f"revision:{revision.pk}", now=now)


@transaction.atomic
def correct(*, revision: Revision, module: str, page: str, text: str, by: User, now: datetime) -> Correction:
    """Lay a notice over a page, a module (no page) or all of an edition (no module); an empty text takes it away."""
    if revision.published_at is None:
        raise NotAnEdition(str(revision))
    correction = Correction.objects.create(
        revision=revision, module=module, page=page, text=text.strip(), written_at=now, written_by=by
    )
    audit(by=by, did=Did.CHANGED, what=f"revision:{revision.pk}", now=now)
    return correction
