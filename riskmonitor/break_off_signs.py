"""What is missing in each active treatment, read from the rows for the rule of breaking off. Reads only."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

import structlog
from django.db.models import F, Max, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Greatest
from django.utils import timezone

from messaging.models import Message
from programs.measures.asking import plan_for
from programs.measures.schedule import waits_since, weekly
from programs.models import Draft, Step, Submission, Treatment
from programs.shipped import instruments
from riskmonitor.models import FlagFinding
from riskmonitor.rules import FORMS, ITEM_RULES, Kind, Reason, Sign, Signs, Urgency, rose
from riskmonitor.rules.break_off import RULE, STANDS_AFTER

log = structlog.get_logger(__name__)
Since = dict[Sign, datetime]
Key = tuple[int, str]  # a revision and a main measure
Weekly = dict[Key, tuple[str, ...]]  # what an ordinary week asks
OLD = timedelta(days=STANDS_AFTER)
TOLD_BY_FORMS = (Submission.Kind.MEASURE, Submission.Kind.ASKED_AGAIN)


@dataclass
class Course:
    """What one treatment's questionnaires say: the totals by form, the oldest first, and the newest risk items."""

    totals: dict[str, list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    risk_items: tuple[object, ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Return what makes a sign more urgent. A risk item that was left out, or cannot be read, counts."""
        marked = any(not isinstance(value, int) or value > 0 for value in self.risk_items)
        has_risen = any(rose(form, totals) for form, totals in self.totals.items())
        return (Reason.RISK_ITEM,) * marked + (Reason.ROSE,) * has_risen


class Row(NamedTuple):
    """What is read of everybody, as plain columns: fifteen hundred times a model costs more than the database does."""

    pk: int
    revision_id: int
    primary_measure: str
    planned_at: datetime
    started_at: datetime | None
    resumed_at: datetime | None
    last_active_at: datetime
    unread_since: datetime | None


@dataclass(frozen=True)
class Flagged:
    """One finding about breaking off that was stored: its rule, days, urgency and time."""

    rule: str
    days: int
    urgency: str
    at: datetime


def last_active(treatments: QuerySet[Treatment]) -> QuerySet[Treatment]:
    """Add when the patient last sent, wrote or saved something; the start, or the end of a pause, counts as that."""
    here = {"treatment": OuterRef("pk")}
    sent = Submission.objects.filter(**here).order_by("-sent_at").values("sent_at")[:1]
    written = Message.objects.filter(**here, from_patient=True).order_by("-sent_at").values("sent_at")[:1]
    saved = Draft.objects.filter(owner=OuterRef("patient__user")).order_by().values("owner")
    return treatments.annotate(
        last_active_at=Greatest(
            F("started_at"), F("resumed_at"), Subquery(sent), Subquery(written),
            Subquery(saved.annotate(at=Max("updated_at")).values("at")),
        )
    )  # fmt: skip


def read_signs(now: datetime) -> list[tuple[Treatment, Signs | None]]:
    """Return each active treatment where something has been missing for a week, with its signs. Seven queries.

    A paused treatment misses nothing: a planned break is a pause. None: it could not be told. Nearly everybody is heard
    of each week: the people behind a treatment are read only where something is missing.
    """
    rows = [Row(*each) for each in long_enough(now).values_list(*Row._fields)]
    ids = [row.pk for row in rows]
    begun, measured, known = _begun(now), _last_measures(ids), _asked_weekly(rows)
    found = [(row.pk, _since(row, begun[row.pk], measured[row.pk], known)) for row in rows]
    missed = {pk: since for pk, since in found if since is None or min(since.values()) <= now - OLD}
    people = Treatment.objects.select_related("patient__clinic", "assignment__therapist").in_bulk(missed)
    courses, flagged = _courses(missed), _flagged(missed)
    return [(each, _signs(each, missed[pk], courses[pk], flagged[pk])) for pk, each in people.items()]


def long_enough(now: datetime) -> QuerySet[Treatment]:
    """Return the active treatments that have run for a week, with when each was last active and what is unread.

    Found by treatment_active_since; each part is looked up by submission_by_treatment, message_by_treatment,
    message_unread and draft_once_per_form.
    """
    unread = Message.objects.filter(treatment=OuterRef("pk"), from_patient=False, read_at=None).order_by("sent_at")
    return last_active(_running(now)).annotate(unread_since=Subquery(unread.values("sent_at")[:1]))


def _running(now: datetime) -> QuerySet[Treatment]:
    return Treatment.objects.active().filter(started_at__lte=now - OLD, patient__clinic__is_canary=False)


def _begun(now: datetime) -> dict[int, list[datetime]]:
    """Return from when each module that the patient opened and has not sent is missed: not before the day agreed on."""
    steps = Step.objects.waiting().shown().filter(treatment__in=_running(now)).exclude(last_page="").order_by()
    by_treatment: dict[int, list[datetime]] = defaultdict(list)
    for treatment, opened_at, due_on in steps.values_list("treatment", "opened_at", "due_on"):
        agreed = timezone.make_aware(datetime.combine(due_on + timedelta(days=1), time())) if due_on else None
        by_treatment[treatment].append(max(filter(None, [opened_at, agreed])))
    return by_treatment


def _last_measures(ids: Collection[int]) -> dict[int, dict[str, datetime]]:
    """Return when each treatment's questionnaires were last sent, by form."""
    rows = Submission.objects.measures().filter(treatment__in=ids).order_by().values("treatment", "form")
    by_treatment: dict[int, dict[str, datetime]] = defaultdict(dict)
    for treatment, form, at in rows.annotate(at=Max("sent_at")).values_list("treatment", "form", "at"):
        by_treatment[treatment][form] = at
    return by_treatment


def _since(row: Row, begun: list[datetime], measured: Mapping[str, datetime], known: Weekly) -> Since | None:
    """Return since when each thing is missing, None when that cannot be told. A pause takes nothing along."""
    try:
        starts = max(filter(None, [row.started_at, row.resumed_at]))
        since = {Sign.QUIET: row.last_active_at, Sign.MEASURE: _measure_since(row, measured, known)}
        since |= {Sign.UNSENT: min(begun)} if begun else {}
        since |= {Sign.UNREAD: row.unread_since} if row.unread_since else {}
        return {sign: max(at, starts) for sign, at in since.items()}
    except Exception:
        log.exception("break_off.not_read", treatment=row.pk)
        return None


def _measure_since(row: Row, measured: Mapping[str, datetime], known: Weekly) -> datetime:
    """Return since when the weekly questionnaire waits that has waited longest."""
    started_at = row.started_at or row.planned_at
    return min(waits_since(started_at, measured.get(name)) for name in known[row.revision_id, row.primary_measure])


def _asked_weekly(rows: Iterable[Row]) -> Weekly:
    """Return what each revision asks weekly with each main measure, by one of its treatments. One query.

    One that cannot be read is left out: then it cannot be told of its treatments whether a questionnaire waits.
    """
    one_of: dict[Key, int] = {(row.revision_id, row.primary_measure): row.pk for row in rows}
    known: Weekly = {}
    for treatment in Treatment.objects.filter(pk__in=one_of.values()).select_related("revision"):
        try:
            known[treatment.revision_id, treatment.primary_measure] = _weekly_of(treatment)
        except Exception:
            log.exception("break_off.plan_not_read", revision=treatment.revision_id)
    return known


def _weekly_of(treatment: Treatment) -> tuple[str, ...]:
    """Return the weekly questionnaires that can be shown. A gated main measure was loaded before the start."""
    forms, plan = instruments(), plan_for(treatment)
    shown = {
        name: forms[name]
        for name in plan.wanted
        if name in forms and (forms[name].has_wording or name == treatment.primary_measure)
    }
    return weekly(plan, shown)


def _courses(ids: Collection[int]) -> dict[int, Course]:
    """Return what the questionnaires of these treatments say, for those that the rules know.

    Answers come as text, and only the newest are unpacked: to unpack them all costs more than all else in the sweep.
    """
    rows = Submission.objects.filter(treatment__in=ids, kind__in=TOLD_BY_FORMS, form__in=FORMS)
    courses: dict[int, Course] = defaultdict(Course)
    newest: dict[int, tuple[str, str]] = {}
    read = rows.order_by("sent_at", "pk").values_list("treatment", "form", "total", Cast("answers", TextField()))
    for treatment, form, total, packed in read:
        if form in ITEM_RULES:
            newest[treatment] = form, packed
        if total is not None:
            courses[treatment].totals[form].append(total)
    for treatment, (form, packed) in newest.items():
        answers = json.loads(packed)
        courses[treatment].risk_items = tuple(answers.get(rule.item) for rule in ITEM_RULES[form])
    return courses


def _flagged(ids: Collection[int]) -> dict[int, list[Flagged]]:
    """Return what was flagged about breaking off in each treatment."""
    rows = FlagFinding.objects.filter(flag__treatment__in=ids, flag__kind=Kind.BREAK_OFF)
    by_treatment: dict[int, list[Flagged]] = defaultdict(list)
    for treatment, rule, days, urgency, at in rows.values_list(
        "flag__treatment", "rule", "value", "urgency", "found_at"
    ):
        if treatment is not None:
            by_treatment[treatment].append(Flagged(rule, days or 0, urgency, at))
    return by_treatment


def _signs(treatment: Treatment, since: Since | None, course: Course, flagged: list[Flagged]) -> Signs | None:
    """Return what the rule asks for, None when that cannot be told."""
    if since is None:
        return None
    try:
        began = min(since.values())
        rungs = {
            sign: max((each.days for each in flagged if _is(each.rule, sign) and each.at >= at), default=0)
            for sign, at in since.items()
        }
        as_today = any(each.urgency == Urgency.TODAY and each.at >= began for each in flagged)
        return Signs(since, course.reasons, rungs, as_today)
    except Exception:
        log.exception("break_off.not_read", treatment=treatment.pk)
        return None


def _is(rule: str, sign: Sign) -> bool:
    return rule.startswith(f"{RULE}.{sign}.")
