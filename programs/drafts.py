"""What lies saved and unsent, for the page that goes on with it. Reads only; programs.actions.drafts writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from clinics.models import User
from programs.models import Draft

KEPT = timedelta(days=30)  # architecture §4: unsent words are kept so long, and then forgotten


@dataclass(frozen=True)
class Kept:
    """A form's unsent fields. version 0 and no time: nothing was saved yet."""

    data: dict[str, Any] = field(default_factory=dict)
    version: int = 0
    saved_at: str = ""

    def first(self, name: str) -> str:
        """Return a field's text, the last one where several were sent, "" for none."""
        value = self.data.get(name, "")
        return str(value[-1] if isinstance(value, list) and value else value or "")


def kept_draft(owner: User, form_key: str) -> Kept:
    """Return the person's draft of the form."""
    draft = Draft.objects.filter(owner=owner, form_key=form_key).first()
    return Kept(dict(draft.data), draft.version, clock(draft.updated_at)) if draft else Kept()


def phone_key(treatment: UUID, instrument: str) -> str:
    """Return the key of the draft that staff fill in for a patient on the telephone."""
    return f"phone:{treatment}:{instrument}"


def instrument_in(form_key: str) -> str:
    """Return the instrument's id of a questionnaire's draft, the patient's own or one on the telephone."""
    return form_key.rpartition(":")[2]


def clock(at: datetime) -> str:
    """Return the clock time on the wall, as the autosave shows it: 18.07."""
    return f"{timezone.localtime(at):%H.%M}"
