"""The three questions after a marked, or unanswered, question about suicidal thoughts; and the flag they belong to."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.models import Patient
from programs.models import Treatment
from riskmonitor.flags.who_looks import with_owner
from riskmonitor.models import Flag
from riskmonitor.rules import Kind

YES_NO = [("yes", _("Yes")), ("no", _("No"))]
QUESTIONS = {
    "plan": _("Have you thought about how you would do it?"),
    "today": _("Do you think of doing something today?"),
    "safe": _("Are you safe right now?"),
}


def open_danger(patient: Patient, now: datetime) -> Flag | None:
    """Return the patient's open flag about suicidal thoughts, or about something that could not be screened.

    It carries what `with_owner` adds. One query without a flag, three with one.
    """
    flags = patient.flags.open().filter(kind__in=[Kind.SUICIDE, Kind.UNSCREENABLE]).select_related("owner")
    flag = flags.order_by("kind", "due_at").first()  # "suicide" sorts before "unscreenable"
    return with_owner(flag, patient, now) if flag else None


def treatment_to_tell(patient: Patient) -> Treatment | None:
    """Return the treatment whose people see the answers: the running one, else the latest; None without any."""
    treatments = patient.treatments.select_related("patient__clinic")
    return treatments.running().first() or treatments.order_by("-planned_at", "-pk").first()


class FollowUpForm(forms.Form):
    """Nothing is preset, and each question may be left out."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, question in QUESTIONS.items():
            self.fields[name] = forms.ChoiceField(
                label=question, choices=YES_NO, widget=forms.RadioSelect, required=False
            )
        self.helper = FormHelper()
        self.helper.template = "ikbt/questionnaire.html"
        self.helper.form_id = "follow-up"
        self.helper.add_input(Submit("send", _("Send")))

    @property
    def asked(self) -> dict[str, bool | None]:
        """Return each question's answer, None for one that was left out or cannot be read."""
        known = {"yes": True, "no": False}
        return {name: known.get(self.cleaned_data.get(name, "")) for name in QUESTIONS}

    @property
    def answers(self) -> dict[str, bool]:
        """Return the answers that were given."""
        return {name: value for name, value in self.asked.items() if value is not None}

    @property
    def key(self) -> UUID:
        key: UUID | None = self.cleaned_data.get("idempotency_key")
        return key or uuid4()
