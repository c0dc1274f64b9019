"""What happened to a therapist's patients during an absence: facts, one line each. Five queries, however many."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from clinics.models import Absence, Patient, User
from ikbt.casework.flags_shown import FlagShown, flags_of
from ikbt.casework.handed_in import Happening, title_of
from messaging.models import Message
from programs.models import Step, Submission, Treatment
from programs.numbers import written


@dataclass(frozen=True)
class Meanwhile:
    """One patient, with what happened in the order in which it did; nothing for a quiet one."""

    treatment: Treatment
    lines: list[Happening]
    open_flags: int

    @property
    def patient(self) -> Patient:
        return self.treatment.patient


@dataclass(frozen=True)
class _Span:
    start: datetime
    end: datetime

    def holds(self, at: datetime | None) -> bool:
        return at is not None and self.start <= at < self.end


def while_away(absence: Absence, user: User, now: datetime, language: str) -> list[Meanwhile]:
    """Return the patients whom the user still treats, by name; until now for an absence that goes on."""
    span = _Span(absence.starts_at, min(absence.ends_at or now, now))
    treatments = list(_treatments(user, span, now))
    ids = [treatment.pk for treatment in treatments]
    lines: dict[int, list[Happening]] = defaultdict(list)
    for pk, line in [*_messages(ids, span), *_sent(ids, span, language), *_opened(ids, span)]:
        lines[pk].append(line)
    flags = flags_of([treatment.patient for treatment in treatments], also_closed=True)
    found = []
    for treatment in treatments:
        shown = flags.get(treatment.patient_id, [])
        happened = sorted([*lines[treatment.pk], *_flags(shown, span)], key=lambda each: each.at)
        found.append(Meanwhile(treatment, happened, sum(each.flag.closed_at is None for each in shown)))
    return found


def _treatments(user: User, span: _Span, now: datetime) -> Iterator[Treatment]:
    own = Treatment.objects.visible_to(user).filter(assignment__therapist=user, planned_at__lt=span.end)
    there = own.filter(Q(ended_at=None) | Q(ended_at__gt=span.start), patient__in=Patient.objects.in_care_of(user, now))
    yield from there.select_related("patient__user").order_by("patient__user__sort_name", "pk")


def _messages(ids: Sequence[int], span: _Span) -> Iterator[tuple[int, Happening]]:
    rows = Message.objects.filter(treatment__in=ids, sent_at__gte=span.start, sent_at__lt=span.end)
    for message in rows.select_related("author"):
        if message.from_patient:
            words = _("Wrote a message")
        else:
            words = _("%(name)s wrote to the patient") % {"name": message.author.full_name}
        yield message.treatment_id, Happening(message.sent_at, words)


def _sent(ids: Sequence[int], span: _Span, language: str) -> Iterator[tuple[int, Happening]]:
    """Yield each answer set; what was written in one tool several times is one line, with its last time."""
    rows = Submission.objects.filter(treatment__in=ids, sent_at__gte=span.start, sent_at__lt=span.end)
    sent = list(rows.select_related("module").order_by("-sent_at", "-pk"))
    times = Counter((each.treatment_id, each.form) for each in sent if each.kind == Submission.Kind.TOOL)
    for each in sent:
        words, count = title_of(each, language), 1
        if each.kind == Submission.Kind.TOOL:
            count = times.pop((each.treatment_id, each.form), 0)
        if count > 1:
            facts = {"tool": words, "count": count}
            yield (
                each.treatment_id,
                Happening(each.sent_at, _("%(tool)s, %(count)d times, most recently") % facts, tool=each.form),
            )
        elif count:
            total = f": {written(each.total)}" if each.total is not None else ""
            yield each.treatment_id, Happening(each.sent_at, words + total, each.code)


def _opened(ids: Sequence[int], span: _Span) -> Iterator[tuple[int, Happening]]:
    rows = Step.objects.filter(treatment__in=ids, opened_at__gte=span.start, opened_at__lt=span.end)
    for step in rows.select_related("module", "opened_by").order_by("opened_at"):
        if step.opened_at and step.opened_by:
            facts = {"number": step.module.number, "title": step.module.title, "name": step.opened_by.full_name}
            yield (
                step.treatment_id,
                Happening(step.opened_at, _("Module %(number)s: %(title)s was opened by %(name)s") % facts),
            )


def _flags(shown: Sequence[FlagShown], span: _Span) -> Iterator[Happening]:
    for each in shown:
        flag = each.flag
        if span.holds(flag.raised_at):
            yield Happening(flag.raised_at, _("Flag: %(words)s") % {"words": each.words})
        if flag.closed_at and span.holds(flag.closed_at):
            yield Happening(flag.closed_at, each.closing_words)
