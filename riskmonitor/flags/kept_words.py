"""What somebody has written about a flag and not sent, to be read without a word of the patient's. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from clinics.models import User
from programs.drafts import Kept, kept_draft
from programs.instruments import Instrument
from programs.shipped import interviews
from riskmonitor.flags.answer_words import language
from riskmonitor.flags.held_interviews import in_words
from riskmonitor.models import Flag

WRITTEN = ("contact_with", "assessment", "action", "tried")  # the fields of the flag's form that hold words


@dataclass(frozen=True)
class KeptWords:
    """The texts of the flag's form, and interviews that were begun: each with its pairs of question and answer."""

    texts: list[str]
    interviews: list[tuple[str, list[tuple[str, str]]]]


def draft_key(flag: Flag, interview: str = "") -> str:
    """Return the key of the draft of the flag's form, or of an interview that is asked from it."""
    return f"flag:{flag.code}:{interview}" if interview else f"flag:{flag.code}"


def kept_words(flag: Flag, owner: User) -> KeptWords:
    """Return the person's own words. One query, and one for each interview that there is."""
    form = kept_draft(owner, draft_key(flag))
    begun = [(each.called(language()), _marked(each, kept_draft(owner, draft_key(flag, each.id))))
             for each in interviews().values()]  # fmt: skip
    texts = [form.first(name) for name in WRITTEN]
    return KeptWords([text for text in texts if text], [(name, marked) for name, marked in begun if marked])


def _marked(interview: Instrument, kept: Kept) -> list[tuple[str, str]]:
    """Return what was marked in words, nothing where no question has an answer."""
    given = {item.id: int(value) for item in interview.items if (value := kept.first(item.id)).isdecimal()}
    return in_words(interview.id, kept.first("form_version"), given) if given else []
