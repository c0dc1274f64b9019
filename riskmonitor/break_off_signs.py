"""What is missing in each active treatment, read from the rows for the rule of breaking off. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import NamedTuple

import structlog
from django.db.models import F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from messaging.models import Message
from programs.measures.asking import plan_for
from programs.measures.schedule import waits_since, weekly
from programs.models import Draft, Step, Submission, Treatment
from programs.shipped import instruments
from riskmonitor.break_off_course import Course, courses_of
from riskmonitor.break_off_told import Flagged, flagged_in, last_telling
from riskmonitor.rules import Sign, Signs, Telling, Urgency
from riskmonitor.rules.break_off import STANDS_AFTER

log = structlog.get_logger(__name__)
Since = dict[Sign, datetime]
Key = tuple[int, str]  # a revision and a main measure
Weekly = dict[Key, tuple[str, ...]]  # what an ordinary week asks
OLD = timedelta(days=STANDS_AFTER)


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
class Known:
    """One treatment: what is missing (None: that cannot be told), what its questionnaires say, what was flagged."""

    treatment: Treatment
    signs: Signs | None
    course: Course
    flagged: Sequence[Flagged]

    @property
    def telling(self) -> Telling | None:
        """Return what was told last, with reasons as they are read today where nothing was answered since."""
        telling, answered_at = last_telling(self.flagged), self.course.answered_at
        if telling is None or (answered_at is not None and answered_at >= telling.at):
            return telling
        return replace(telling, reasons=self.course.reasons)

    @property
    def open_as(self) -> Urgency | None:
        """Return how urgent the open flag is, None when there is none."""
        return next((each.open_as for each in self.flagged if each.open_as), None)


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
    found = _missing_since(_running(now))
    missed = {pk: since for pk, since in found.items() if since is None or min(since.values()) <= now - OLD}
    return [(each.treatment, each.signs) for each in _known(missed, flagged_in(missed))]


def read_known(ids: Collection[int], at: datetime) -> list[Known]:
    """Return what is known of each of these active treatments, also where nothing is missing yet. Seven queries.

    What was flagged later than `at` is left out: a dry run holds its rules against the flags of that moment.
    """
    flagged = {pk: [each for each in told if each.at <= at] for pk, told in flagged_in(ids).items()}
    return _known(_missing_since(Treatment.objects.filter(pk__in=ids)), flagged)


def _known(missed: Mapping[int, Since | None], flagged: Mapping[int, Sequence[Flagged]]) -> list[Known]:
    people = Treatment.objects.select_related("patient__clinic", "assignment__therapist").in_bulk(missed)
    courses = courses_of(missed)
    return [_of(each, missed[pk], courses[pk], flagged.get(pk, ())) for pk, each in people.items()]


def _of(treatment: Treatment, since: Since | None, course: Course, flagged: Sequence[Flagged]) -> Known:
    return Known(treatment, _signs(treatment, since, course, flagged), course, flagged)


def _missing_since(treatments: QuerySet[Treatment]) -> dict[int, Since | None]:
    """Return for each treatment since when each thing is missing, None when that cannot be told. Four queries."""
    rows = [Row(*each) for each in _looked_at(treatments).values_list(*Row._fields)]
    begun, measured, known = _begun(treatments), _last_measures([row.pk for row in rows]), _asked_weekly(rows)
    return {row.pk: _since(row, begun[row.pk], measured[row.pk], known) for row in rows}


def long_enough(now: datetime) -> QuerySet[Treatment]:
    """Return the active treatments that have run for a week, with when each was last active and what is unread.

    Found by treatment_active_since; each part is looked up by submission_by_treatment, message_by_treatment,
    message_unread and draft_once_per_form.
    """
    return _looked_at(_running(now))


def _looked_at(treatments: QuerySet[Treatment]) -> QuerySet[Treatment]:
    unread = Message.objects.filter(treatment=OuterRef("pk"), from_patient=False, read_at=None).order_by("sent_at")
    return last_active(treatments).annotate(unread_since=Subquery(unread.values("sent_at")[:1]))


def _running(now: datetime) -> QuerySet[Treatment]:
    return Treatment.objects.active().filter(started_at__lte=now - OLD, patient__clinic__is_canary=False)


def _begun(treatments: QuerySet[Treatment]) -> dict[int, list[datetime]]:
    """Return from when each module that the patient opened and has not sent is missed: not before the day agreed on."""
    steps = Step.objects.waiting().shown().filter(treatment__in=treatments).exclude(last_page="").order_by()
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


def _signs(treatment: Treatment, since: Since | None, course: Course, flagged: Sequence[Flagged]) -> Signs | None:
    """Return what the rule asks for, None when that cannot be told."""
    if since is None:
        return None
    try:
        began = min(since.values())
        rungs = {
            sign: max((each.days for each in flagged if each.sign is sign and each.at >= at), default=0)
            for sign, at in since.items()
        }
        as_today = any(each.urgency == Urgency.TODAY and each.at >= began for each in flagged)
        return Signs(since, course.reasons, rungs, as_today)
    except Exception:
        log.exception("break_off.not_read", treatment=treatment.pk)
        return None
