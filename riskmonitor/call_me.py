""" "Ask somebody to call me": the form, the request that stands, and by when somebody is to call. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.cover import coverage as cover
from clinics.cover.working_time import WorkingTime
from clinics.models import Patient
from programs.models import Submission
from riskmonitor.escalation.steps import due_at
from riskmonitor.flags.who_looks import with_owner
from riskmonitor.models import Flag
from riskmonitor.rules import Kind, Urgency


class CallMeForm(forms.Form):
    """Nothing has to be filled in, and nothing is refused: whoever asks to be called is called. The verb cleans."""

    phone = forms.Field(
        label=_("Another number than the one we have"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "input"}),
    )
    words = forms.Field(  # not CharField: it would refuse a text that holds a NUL, and the words would be lost
        label=_("When it suits you, or what you want to talk about"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "input"}),
    )


@dataclass(frozen=True)
class CallAsked:
    """A request that nobody has closed yet. `flag` carries what `with_owner` adds; `number` is where to call."""

    flag: Flag
    at: datetime
    number: str


def call_asked(patient: Patient, now: datetime) -> CallAsked | None:
    """Return the patient's latest open request, None without one. A request that could not be read is one too."""
    asked = Q(kind=Kind.HELP_ASKED) | Q(kind=Kind.UNSCREENABLE, findings__submission__kind=Submission.Kind.CALL_ME)
    flag = patient.flags.open().filter(asked).select_related("owner").order_by("kind", "pk").first()
    if flag is None:
        return None
    sent = Submission.objects.filter(treatment__patient=patient, kind=Submission.Kind.CALL_ME)
    latest = sent.order_by("-sent_at", "-pk").first()
    number = latest.answers.get("phone", "") if latest else ""
    at = latest.sent_at if latest else flag.raised_at
    return CallAsked(with_owner(flag, patient, now), at, number or patient.phone)


@dataclass(frozen=True)
class CallPromise:
    """When the clinic opens (`now` while it is open) and by when somebody is to call; None when it never opens."""

    opens_at: datetime | None
    by: datetime | None


def call_promise(hours: WorkingTime, now: datetime) -> CallPromise:
    """Return what a request sent now would be told: the time that its flag would have."""
    opens_at = cover.moment(now, hours)
    return CallPromise(opens_at, due_at(Urgency.NOW, opens_at, hours) if opens_at else None)
