"""Move a running treatment to another edition of its programme: a therapist's act, between modules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from clinics.audit import Did, audit
from clinics.models import User
from programs.actions.plan import tell_change
from programs.editions import modules_of
from programs.library_format.editions import without_a_home
from programs.models import Draft, Module, Move, PlanChange, Revision, Step, Submission, Treatment
from programs.treatment.languages import is_whole_in, language_of


class MoveRefused(Exception):
    """The treatment may not be moved; `reasons` are those of `move_refusals`, or "planned" (place = a module)."""

    def __init__(self, reasons: list[tuple[str, str]]) -> None:
        super().__init__(", ".join(f"{reason} {place}".strip() for reason, place in reasons))
        self.reasons = reasons


def move_refusals(treatment: Treatment, target: Revision, *, demo: bool) -> list[tuple[str, str]]:
    """Return why the treatment may not be moved there, as (reason, place); an empty list means that it may.

    Reasons: "ended", "other programme", "same edition", "not published", "begun" (place = the module's title),
    "language" (it lacks the language that the patient reads), "answered" (place = an answered address that means
    something else there, or nothing), "opened" (a module).
    """
    if treatment.state not in {Treatment.State.ACTIVE, Treatment.State.PAUSED}:
        return [("ended", "")]
    if target.programme_id != treatment.revision.programme_id:
        return [("other programme", "")]
    if target.pk == treatment.revision_id:
        return [("same edition", "")]
    if not Revision.objects.startable(demo=demo).filter(pk=target.pk).exists():
        return [("not published", "")]
    if not is_whole_in(target, language_of(treatment)):
        return [("language", "")]
    steps = list(treatment.steps.select_related("module"))
    begun = [("begun", step.module.title) for step in steps if _is_begun(step, treatment)]
    new = modules_of(target)
    known = {module.id for module in new}
    opened = [("opened", s.module.title) for s in steps if s.opened_at and s.module.slug not in known]
    lost = without_a_home(_answered(treatment), modules_of(treatment.revision), new)
    return begun + opened + [("answered", address) for address in lost]


@transaction.atomic
def move_treatment(*, treatment: Treatment, target: Revision, by: User, now: datetime, demo: bool = False) -> Move:
    """Let the treatment go on in another edition. What was sent stays with the text it answered.

    Raises MoveRefused. A change of plan tells the patient, the audit log who did it.
    """
    treatment = (
        Treatment.objects.select_for_update(of=("self",), no_key=True).select_related("revision").get(pk=treatment.pk)
    )
    if reasons := move_refusals(treatment, target, demo=demo):
        raise MoveRefused(reasons)
    origin = treatment.revision
    modules = {m.slug: m for m in target.modules.filter(language=language_of(treatment))}
    for step in treatment.steps.select_related("module"):
        _move_step(step, modules.pop(step.module.slug, None))
    Step.objects.bulk_create(Step(treatment=treatment, module=module) for module in modules.values())
    treatment.revision = target
    treatment.save(update_fields=["revision"])
    audit(by=by, did=Did.CHANGED, what=f"treatment:{treatment.code}", patient=treatment.patient, now=now)
    tell_change(treatment=treatment, kind=PlanChange.Kind.EDITION_MOVED, by=by, now=now)
    return Move.objects.create(treatment=treatment, origin=origin, target=target, moved_at=now, moved_by=by)


def _move_step(step: Step, module: Module | None) -> None:
    """Point the step at the new text; one that was never opened and has none there is not a step any more."""
    if module is None:
        try:
            step.delete()
        except ProtectedError as kept:  # something was noted about it in the patient's plan
            raise MoveRefused([("planned", step.module.title)]) from kept
        return
    step.module = module
    step.save(update_fields=["module"])


def _is_begun(step: Step, treatment: Treatment) -> bool:
    """Tell whether something lies written on the module's pages that was not sent."""
    return Draft.objects.filter(treatment=treatment, form_key__startswith=f"page:{step.code}:").exists()


def _answered(treatment: Treatment) -> Mapping[str, Mapping[str, object]]:
    """Return all that was ever sent from each module, by module and question."""
    answers: dict[str, dict[str, object]] = {}
    sent = Submission.objects.filter(treatment=treatment, kind=Submission.Kind.MODULE).order_by("sent_at", "pk")
    for slug, given in sent.values_list("form", "answers"):
        answers.setdefault(slug, {}).update(given)
    return answers
