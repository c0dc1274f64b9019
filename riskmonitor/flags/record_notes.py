"""Notes for the record system: facts and the clinician's own words, as plain text. The patient's words stay here.

A person copies the text into the patient's record (patientdatalagen 2008:355, 3 kap.); nothing is sent anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from riskmonitor.flags.reading import FlagRead
from riskmonitor.models import Flag, FlagEvent

Kind = FlagEvent.Kind
TOLD = (
    Kind.ACKNOWLEDGED, Kind.NOT_REACHED, Kind.INTERVIEWED, Kind.DOCUMENTED, Kind.ASSIGNED, Kind.REOPENED,
)  # fmt: skip


def record_notes(flag: Flag, read: FlagRead) -> str:
    """Return the notes, one fact on each line. No name of the patient: the record knows whose it is."""
    return "\n".join([*_found(flag, read), *_asked(flag), *_happened(read), *_closing(flag)])


def _found(flag: Flag, read: FlagRead) -> Iterator[str]:
    yield _("Flag: %(kind)s, raised %(when)s.") % {"kind": flag.get_kind_display(), "when": _when(flag.raised_at)}
    for answer in read.answers:
        place = [answer.form, _("question %(item)s") % {"item": answer.item}] if answer.item else [answer.form]
        said = " – ".join(filter(None, [answer.question, answer.answer or _("Not answered")]))
        yield f"{', '.join(place)}, {_when(answer.at)}: {said}"
    for change in read.changes:
        yield f"{change.words} ({_when(change.at)})"
    yield from read.break_offs
    for text in read.texts:
        yield _("The patient's own words, marked by the platform: %(place)s, %(when)s.") % {
            "place": text.place, "when": _when(text.at),
        }  # fmt: skip


def _asked(flag: Flag) -> Iterator[str]:
    if flag.asked_at is None:
        return
    asked = {
        _("Has a plan"): flag.asked_plan,
        _("Thinks of doing it today"): flag.asked_today,
        _("Feels safe right now"): flag.asked_safe,
    }
    said = (f"{question}: {_yes_or_no(answer)}" for question, answer in asked.items())
    yield f"{_('Follow-up questions')}, {_when(flag.asked_at)}: {'; '.join(said)}."


def _yes_or_no(answer: bool | None) -> str:
    return _("Not answered") if answer is None else _("Yes") if answer else _("No")


def _happened(read: FlagRead) -> Iterator[str]:
    for event in read.events:
        if event.kind not in TOLD:
            continue
        who = f" {event.to.full_name}" if event.to else ""
        by = f", {event.by.full_name}" if event.by else ""
        yield f"{_when(event.at)}: {event.get_kind_display()}{who}{by}"
        if event.outcome:
            yield _("Had been closed as: %(outcome)s.") % {"outcome": event.get_outcome_display()}
        if event.note:
            yield event.note
        if event.try_again_at:
            yield f"{_('Next try')}: {_when(event.try_again_at)}"
        yield from _plan(event)
        yield from _interview(event, read)


def _interview(event: FlagEvent, read: FlagRead) -> Iterator[str]:
    """Yield when it was held, and each question with its answer: the patient chose among given answers."""
    for held in read.interviews:
        if held.event == event.pk:
            yield _("Asked %(when)s.") % {"when": _when(held.held_at)}
            yield from (f"{question} – {answer}" for question, answer in held.answers)


def _closing(flag: Flag) -> Iterator[str]:
    if flag.closed_at is None:
        yield _("The flag is open. %(name)s answers for it.") % {"name": flag.owner.full_name}
        return
    by = f", {flag.closed_by.full_name}" if flag.closed_by else ""
    yield f"{_when(flag.closed_at)}: {flag.get_outcome_display()}{by}"
    if flag.contact_at:
        yield f"{_('Contact')}: {_when(flag.contact_at)}, {flag.contact_with}"
    if flag.closed_by:
        yield f"{_('Assessment')}: {flag.assessment}"
    if flag.action:
        yield f"{_('Done and planned')}: {flag.action}"
    yield from _plan(flag)


def _plan(written: Flag | FlagEvent) -> Iterator[str]:
    if written.done:
        yield f"{_('Ticked as done')}: {written.done_words}"
    if written.next_contact_on:
        yield f"{_('Next contact')}: {written.next_contact_on:%Y-%m-%d}"


def _when(at: datetime) -> str:
    """Return a moment with its date: a record is read years later."""
    local = timezone.localtime(at)
    return f"{local:%Y-%m-%d} {date_format(local, 'TIME_FORMAT')}"
