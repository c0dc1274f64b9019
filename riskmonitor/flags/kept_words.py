"""What somebody has written about a flag and not sent, to be read without a word of the patient's. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinics.models import User
from programs.drafts import KEPT, Kept
from programs.instruments import Instrument
from programs.models import Draft
from programs.shipped import interviews
from riskmonitor.flags.answer_words import language
from riskmonitor.flags.flag_forms import TICKS, FlagForm, PassOnForm, ReopenForm
from riskmonitor.flags.held_interviews import in_words
from riskmonitor.models import Flag
from riskmonitor.models.flag import Done, Outcome

WRITTEN = ("contact_with", "assessment", "action", "tried")  # the fields of the flag's form that hold words
CHOSEN = ("outcome", "contact_at", "next_contact_on", "try_again_at")
LABELS = {
    name: form.base_fields[name].label
    for form, names in ((FlagForm, (*WRITTEN, *CHOSEN)), (PassOnForm, ["note"]), (ReopenForm, ["reason"]))
    for name in names
}
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class OwnWords:
    """What one person wrote: texts and choices, each with what was asked, and interviews that were begun.

    `drafts` are the keys of the rows it was read from, `until` the first day on which one of them may be gone; neither
    for what was sent now.
    """

    texts: Pairs
    chosen: Pairs
    interviews: list[tuple[str, Pairs]]
    drafts: list[int] = field(default_factory=list)
    until: datetime | None = None

    @property
    def is_said(self) -> bool:
        """Tell whether there are words or answers, more than boxes that were ticked on the way."""
        return bool(self.texts or self.interviews)

    def without(self, other: OwnWords) -> OwnWords:
        """Return what the other does not hold."""
        return OwnWords(
            [each for each in self.texts if each not in other.texts],
            [each for each in self.chosen if each not in other.chosen],
            [each for each in self.interviews if each not in other.interviews],
        )


def draft_key(flag: Flag, interview: str = "") -> str:
    """Return the key of the draft of the flag's form, or of an interview that is asked from it."""
    return f"flag:{flag.code}:{interview}" if interview else f"flag:{flag.code}"


def draft_keys(flag: Flag) -> list[str]:
    """Return the keys of all drafts that can lie about the flag."""
    return [draft_key(flag), *(draft_key(flag, each) for each in interviews())]


def kept_words(flag: Flag, owner: User) -> OwnWords:
    """Return the person's own unsent words. One query."""
    found = Draft.objects.filter(owner=owner, form_key__in=draft_keys(flag))
    drafts = {draft.form_key: draft for draft in found}
    kept = {key: Kept(dict(draft.data)) for key, draft in drafts.items()}
    form = kept.get(draft_key(flag), Kept())
    begun = [(each, kept.get(draft_key(flag, each.id), Kept())) for each in interviews().values()]
    ends = [draft.updated_at + KEPT for draft in drafts.values()]
    return OwnWords(
        _texts(form), _chosen(form), list(_begun(begun)), [each.pk for each in drafts.values()], min(ends, default=None)
    )


def sent_words(posted: Mapping[str, Any], interview: str = "") -> OwnWords:
    """Return in the same way what was sent in this request, from the flag's form or from an interview's."""
    sent = Kept(dict(posted))
    asked = [(each, sent) for each in interviews().values() if each.id == interview]
    return OwnWords(_texts(sent), _chosen(sent), list(_begun(asked)))


def _texts(form: Kept) -> Pairs:
    return [(str(LABELS[name]), form.first(name)) for name in (*WRITTEN, "note", "reason") if form.first(name).strip()]


def _chosen(form: Kept) -> Pairs:
    pairs = [(str(LABELS[name]), _in_words(name, form.first(name))) for name in CHOSEN if form.first(name)]
    ticked = [value for name, value in TICKS.items() if form.first(name) not in ("", "False")]
    return pairs + ([(_("Ticked as done"), Done.words(ticked))] if ticked else [])


def _in_words(name: str, value: str) -> str:
    """Return a choice as the form shows it; what cannot be read stands as it was typed."""
    try:
        if name == "outcome":
            return str(Outcome(value).label)
        at = parse_date(value) if name == "next_contact_on" else parse_datetime(value)
    except ValueError:
        return value
    if isinstance(at, datetime):
        return f"{date_format(at, 'DATE_FORMAT')} {date_format(at, 'TIME_FORMAT')}"
    return date_format(at, "DATE_FORMAT") if at else value


def _begun(drafts: list[tuple[Instrument, Kept]]) -> Iterator[tuple[str, Pairs]]:
    """Yield what was marked in words, nothing where no question has an answer."""
    for interview, kept in drafts:
        given = {item.id: int(value) for item in interview.items if (value := kept.first(item.id)).isdecimal()}
        if given:
            yield interview.called(language()), in_words(interview.id, kept.first("form_version"), given)
