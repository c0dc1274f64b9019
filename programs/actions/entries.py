"""Send entries of tools: new ones, and new versions of what was written before."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from clinics.models import User
from clinics.typed_text import storable_data
from programs import tools
from programs.actions.plan import read_by_using
from programs.actions.sending import AnswersRefused, NotOpen, must_be_running, send_once
from programs.models import Submission, Treatment
from programs.toolkit.records import recorded
from programs.treatment.gates import Gates


def tool_form_key(tool: str, *, kind: str, entry: str) -> str:
    """Return the form key of a draft: of a new entry of this kind, or of the entry (its first code) being edited."""
    return ":".join(filter(None, ("tool", tool, entry or kind)))


@transaction.atomic
def send_tool_entry(
    *,
    treatment: Treatment,
    tool: str,
    entry: dict[str, Any],
    key: UUID,
    by: User,
    now: datetime,
    replaces: Submission | None = None,
) -> Submission:
    """Store one entry of a tool. Saving it sends it: the therapist can read it.

    An edited entry names a former version, which stays as it was; all versions point at the first, so that two
    windows that edit the same entry never split it in two. Of a tool with one entry for each value of a field (one
    night, one morning) a later entry takes the place of the first.
    """
    must_be_running(treatment)
    first = (replaces.replaces or replaces) if replaces else None
    if first and (first.treatment_id, first.kind, first.form) != (treatment.pk, Submission.Kind.TOOL, tool):
        raise AnswersRefused([("replaces", "unknown")])
    if Gates(treatment).closed_before_tool(tool):
        raise NotOpen(treatment)
    cleaned = tools.validate_entry(tool, storable_data(entry))
    if isinstance(cleaned, list):
        raise AnswersRefused([(fault.field, fault.reason) for fault in cleaned])
    kind = tools.tools()[tool].kind_of(cleaned)
    read_by_using(treatment=treatment, tool=tool, now=now)
    return send_once(
        treatment=treatment,
        kind=Submission.Kind.TOOL,
        form=tool,
        answers=cleaned,
        texts=[list(pair) for pair in tools.texts(tool, cleaned)],
        key=key,
        by=by,
        now=now,
        drafts=[tool_form_key(tool, kind=kind.id, entry=str(first.code) if first else "")],
        replaces=first or _standing(treatment, tool, cleaned),
    )


def _standing(treatment: Treatment, tool: str, entry: dict[str, Any]) -> Submission | None:
    """Return the first version of the entry whose place a new one takes, None for a tool that may have many."""
    once = tools.tools()[tool].once_per
    if not once:
        return None
    Treatment.objects.select_for_update(no_key=True).get(pk=treatment.pk)  # two tabs tell the same night once
    same = (each for each in recorded(treatment, tool) if each.data.get(once) == entry.get(once))
    found = next(same, None)
    return treatment.submissions.get(code=found.code) if found else None
