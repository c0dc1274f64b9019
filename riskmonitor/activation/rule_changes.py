"""What the pages about rules show: which set is in force, what a dry run of another would change. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from clinics.access import clinics_of, memberships_of
from clinics.models import Clinic, Patient, Role, User
from programs.models import Treatment
from riskmonitor.actions import dry_run_to_rest_on, open_proposal, spoilt_dry_run
from riskmonitor.models import DryRun, DryRunDifference, RuleActivation, RuleProposal
from riskmonitor.models.flag import KINDS
from riskmonitor.rules import RULES_VERSION, Change, rule_set_hash
from riskmonitor.rules.self_test import failed_trials

LISTED = 100  # differences on one page; the figures count all
RUNS, ACTIVATIONS = 5, 20
DANGER_FIRST = list(Change)


@dataclass(frozen=True)
class Standing:
    """Where a change of rules has come to. `dry_run` is what a proposal may rest on today.

    `spoilt`: where there is none, the run that would do, had other rules screened nothing since.
    """

    hash: str
    version: str
    in_force: RuleActivation | None
    is_broken: bool
    proposal: RuleProposal | None
    dry_run: DryRun | None
    spoilt: DryRun | None
    runs: Sequence[DryRun]
    history: Sequence[RuleActivation]

    @property
    def is_in_force(self) -> bool:
        return self.in_force is not None and self.in_force.hash == self.hash


@dataclass(frozen=True)
class DifferenceShown:
    """One line of the list. It names nobody; `url` leads through the patient's door, "" for those without a key."""

    at: datetime
    clinic: str
    what: str
    kind: str
    held: str
    found: str
    change: str
    url: str
    patient: Patient


def standing_now(now: datetime) -> Standing:
    activations = RuleActivation.objects.newest_first().select_related("proposed_by", "activated_by")
    history = list(activations[:ACTIVATIONS])
    in_force = history[0] if history else None
    is_decided = in_force is not None and in_force.hash == rule_set_hash()
    dry_run = None if is_decided else dry_run_to_rest_on(now, in_force)
    return Standing(
        hash=rule_set_hash(),
        version=RULES_VERSION,
        in_force=in_force,
        is_broken=bool(failed_trials()),
        proposal=open_proposal(now, in_force) if dry_run else None,
        dry_run=dry_run,
        spoilt=None if dry_run or is_decided else spoilt_dry_run(now, in_force),
        runs=list(DryRun.objects.order_by("-asked_at").select_related("asked_by")[:RUNS]),
        history=history,
    )


def counts_by_kind(dry_run: DryRun) -> list[list[object]]:
    """Return for each kind that differs how many go, come later, come, and come sooner. One query."""
    names = dict(KINDS)
    return _table(dry_run.differences.values_list("kind", "change"), {kind: str(names[kind]) for kind in names})


def counts_by_clinic(dry_run: DryRun, user: User) -> list[list[object]]:
    """The same by clinic: those that the person leads, or that lie in the region, and all others together."""
    known = {clinic.pk: clinic.name for clinic in _known_to(user)}
    return _table(dry_run.differences.values_list("clinic", "change"), known)


def listed_to(user: User, dry_run: DryRun, now: datetime) -> list[DifferenceShown]:
    """Return the first differences at the clinics that the person leads, the dangerous ones first. Three queries."""
    led = clinics_of(user, Role.LEAD, Role.DEPUTY)
    if not led:
        return []
    order = Case(
        *(When(change=change, then=Value(place)) for place, change in enumerate(DANGER_FIRST)),
        output_field=IntegerField(),
    )
    rows = dry_run.differences.filter(clinic__in=led).select_related(
        "clinic", "submission__treatment__patient__user", "message__treatment__patient__user",
        "treatment__patient__user",
    )  # fmt: skip
    in_care = set(Patient.objects.in_care_of(user, now).values_list("pk", flat=True))
    return [_shown(each, in_care) for each in rows.order_by(order, "-at", "pk")[:LISTED]]


def _shown(each: DryRunDifference, in_care: set[int]) -> DifferenceShown:
    what, treatment, url = _where(each)
    patient = treatment.patient
    no_flag = _("no flag")
    return DifferenceShown(
        at=each.at, clinic=each.clinic.name, what=what, kind=each.get_kind_display(),
        held=each.get_held_display() if each.held else no_flag,
        found=each.get_found_display() if each.found else no_flag,
        change=each.get_change_display(), url=url if patient.pk in in_care else "", patient=patient,
    )  # fmt: skip


def _where(each: DryRunDifference) -> tuple[str, Treatment, str]:
    """Return what the difference is of, in whose treatment, and the page where that is read."""
    if row := each.submission:
        url = reverse("submission", args=[row.treatment.patient.code, row.code])
        return row.get_kind_display(), row.treatment, url
    if each.message:
        what, treatment = _("Message"), each.message.treatment
    elif each.treatment:
        what, treatment = _("What is missing"), each.treatment
    else:
        raise LookupError("a difference is of one row")
    return what, treatment, reverse("patient", args=[treatment.patient.code])


def _known_to(user: User) -> list[Clinic]:
    regions = [each.region_id for each in memberships_of(user) if each.role == Role.REGION]
    return [*clinics_of(user, Role.LEAD, Role.DEPUTY), *Clinic.objects.real().filter(region__in=regions)]


def _table(pairs: QuerySet[DryRunDifference, Any], names: Mapping[Any, str]) -> list[list[object]]:
    """Return the rows of a table of figures from pairs of key and change; what has no name stands last, together."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for key, change, count in pairs.annotate(count=Count("pk")).order_by():
        row = counts[names.get(key, "")]
        row[change] = row.get(change, 0) + count
    ordered = sorted(counts, key=lambda name: (not name, name))
    return [[name or _("Other clinics"), *(counts[name].get(each, 0) for each in DANGER_FIRST)] for name in ordered]
