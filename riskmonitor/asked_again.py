"""The question about suicide that was left out and is asked again, by itself. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clinics.models import Patient
from programs.forms.measures import MeasureForm
from programs.instruments import Instrument, text
from programs.measures.wordings import as_sent, showable
from riskmonitor.models import FlagFinding


@dataclass(frozen=True)
class LeftOut:
    """One finding that says "left out", and its questionnaire with that one question only."""

    finding: FlagFinding
    instrument: Instrument

    @property
    def key(self) -> UUID:
        """Return the key of the answer: the same in every tab until it is given."""
        return uuid5(self.finding.flag.code, f"again:{self.finding.pk}")


def left_out(patient: Patient, language: str) -> LeftOut | None:
    """Return the question that has waited the longest, in the very words it was left out in where they are known.

    None when nothing waits, or when it cannot be shown any more: then the flag stands, and a human asks.
    """
    waiting = FlagFinding.objects.unanswered().filter(flag__patient=patient).select_related("flag", "submission")
    finding = waiting.order_by("found_at", "pk").first()
    if finding is None or finding.submission is None:
        return None
    form, version = finding.submission.form, finding.submission.form_version
    instrument = as_sent(form, version) or showable(patient.clinic, language, [form]).get(form)
    items = tuple(item for item in instrument.items if item.id == finding.item) if instrument else ()
    return LeftOut(finding, replace(instrument, items=items, function_item=None)) if instrument and items else None


def form_for(asked: LeftOut, language: str, data: QueryDict | None = None) -> MeasureForm:
    """Return the form with the one question, unnumbered."""
    item = asked.instrument.items[0]
    form = MeasureForm(asked.instrument, language, data=data, initial={"form_version": asked.instrument.version})
    form.fields[item.id].label = text(item.words, language)
    form.helper.inputs[0].value = _("Send")
    return form
