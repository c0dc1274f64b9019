"""Take a programme's files into the database: a new text is a new revision, and publishing makes it an edition."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from clinics.audit import Did, audit
from clinics.models import User
from programs.library_format.structure import ModuleFile, ProgrammeFile
from programs.models import Module, Page, Programme, Revision


class EditionChanged(Exception):
    """The edition is published, and its text is not the one in the files: raise the edition number."""


class PublishRefused(Exception):
    """The revision lacks what an edition needs; `reasons` are keys."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


@transaction.atomic
def load_programme(*, programme: ProgrammeFile, content_hash: str, now: datetime) -> tuple[Revision, bool]:
    """Store the files as a revision. Return it, and whether it is new; the same hash again changes nothing."""
    row, _created = Programme.objects.select_for_update().get_or_create(slug=programme.slug)
    same = row.revisions.filter(content_hash=content_hash).first()
    if same:
        return same, False
    if row.revisions.filter(edition=programme.edition, published_at__isnull=False).exists():
        raise EditionChanged(f"{programme.slug} {programme.edition}")
    revision = Revision.objects.create(
        programme=row,
        edition=programme.edition,
        content_hash=content_hash,
        status=programme.status if programme.status in {"draft", "review"} else Revision.Status.REVIEW,
        loaded_at=now,
        title=dict(programme.title),
        patient_title=dict(programme.patient_title),
        facts=dict(programme.facts),
    )
    for language, modules in programme.texts.items():
        for module in modules:
            _store_module(revision, language, module)
    return revision, True


@transaction.atomic
def publish(*, revision: Revision, by: User, now: datetime) -> None:
    """Make the revision an edition. It must name a clinical and a language reviewer, other than its authors."""
    reviewers = revision.facts.get("reviewers") or []
    authors = {author.get("name") for author in revision.facts.get("authors") or []}
    others = [reviewer for reviewer in reviewers if reviewer.get("date") and reviewer.get("name") not in authors]
    scopes = {scope for reviewer in others for scope in _scopes(reviewer)}
    reasons = [f"no {scope} reviewer" for scope in ("clinical", "language") if scope not in scopes]
    if revision.status not in {Revision.Status.DRAFT, Revision.Status.REVIEW}:
        reasons.append("already published or withdrawn")
    if reasons:
        raise PublishRefused(reasons)
    revision.status, revision.published_at = Revision.Status.PUBLISHED, now
    revision.save(update_fields=["status", "published_at"])
    audit(by=by, did=Did.CHANGED, what=f"revision:{revision.pk}", now=now)


def _scopes(reviewer: dict[str, object]) -> list[str]:
    scope = reviewer.get("scope", "")
    return [str(each) for each in scope] if isinstance(scope, list) else [str(scope)]


def _store_module(revision: Revision, language: str, module: ModuleFile) -> None:
    row = Module.objects.create(
        revision=revision,
        language=language,
        number=module.number,
        slug=module.id,
        title=module.title,
        aim=module.aim,
        facts={
            "week": module.week, "minutes": dict(module.minutes), "core": module.core, "opens": dict(module.opens),
            "feedback": module.feedback, "uses": list(module.uses), "tools": list(module.tools),
            "gates": list(module.gates),
        },
        short=module.short.to_json() if module.short else None,
        notes=[note.to_json() for note in module.notes],
    )  # fmt: skip
    Page.objects.bulk_create(
        Page(module=row, number=number, slug=page.id, title=page.title, blocks=page.to_json()["blocks"])
        for number, page in enumerate(module.pages, start=1)
    )
