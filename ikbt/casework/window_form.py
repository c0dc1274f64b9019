"""The therapist's form for a sleep window: what asks for care, the window itself, and why it is changed or declined."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.actions import Kept
from programs.fields import LONG_MAX
from programs.sleep.settings import settings

REFUSED = {
    "gate": gettext_lazy(
        "The checklist before the sleep window is not ticked. Go through it with the patient first. Nothing is decided."
    ),
    "nights": gettext_lazy("There are too few nights in the diary now. Nothing is decided."),
    "changed": gettext_lazy("The diary has changed since you opened the page. Look at the new numbers, then decide."),
    "floor": gettext_lazy("The window is shorter than the least that is allowed. Choose more minutes, or decline."),
    "longest": gettext_lazy("The window is longer than a night. Choose fewer minutes."),
    "date": gettext_lazy("That day has passed. Choose today or a later day."),
    "words": gettext_lazy("Write why, in a few words: you change or decline what the rules give."),
    "ended": gettext_lazy("The treatment has ended, so nothing can be decided."),
}
FIELD = {"floor": "minutes", "longest": "minutes", "date": "from_date", "words": "words"}


class WindowForm(forms.Form):
    """`kept` is the window of a valid form, None for a declined proposal; `today` is the first day it may begin."""

    drives = forms.BooleanField(label=gettext_lazy("Drives a vehicle or a machine every day"), required=False)
    dozes = forms.BooleanField(label=gettext_lazy("Dozes off by day, or is sleepy at the wheel"), required=False)
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes in bed"),
        min_value=0,
        max_value=24 * 60,
        widget=forms.NumberInput(attrs={"class": "input short", "step": 5}),
        error_messages={"required": gettext_lazy("Write how many minutes in bed, such as 360.")},
    )
    rise = forms.TimeField(
        label=gettext_lazy("Gets up at, every day"),
        input_formats=["%H:%M", "%H.%M"],
        widget=forms.TimeInput(format="%H:%M", attrs={"class": "input short", "type": "time"}),
        error_messages={"invalid": gettext_lazy("Write the time with hours and minutes, such as 07:30.")},
    )
    from_date = forms.DateField(
        label=gettext_lazy("From the night to"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "input short", "type": "date"}),
        error_messages={"invalid": gettext_lazy("Write the day as year, month and day, such as 2026-12-01.")},
    )
    words = forms.CharField(
        label=gettext_lazy("Why, if you change or decline"),
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 2}),
        validators=[MaxLengthValidator(LONG_MAX)],
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if "decline" in self.data:
            for name in ("minutes", "rise", "from_date"):
                self.fields[name].required = False

    @property
    def kept(self) -> Kept | None:
        if "decline" in self.data:
            return None
        data = self.cleaned_data
        return Kept(data["minutes"], data["rise"], data["from_date"])

    def refuse(self, reason: str) -> None:
        """Say in words why the decision was not taken."""
        self.add_error(FIELD.get(reason), str(REFUSED[reason]))

    def least(self) -> str:
        """Return the least number of minutes that is ever allowed, for the hint."""
        return _("Never under %(minutes)d minutes.") % {"minutes": settings().window.floor}
