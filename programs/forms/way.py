"""The therapist's switches that ask for something: why a part is taken out, and another date with a smaller step."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.typed_text import storable

DAY = "%Y-%m-%d"  # what <input type="date"> sends
NO_SMALLER_STEP = gettext_lazy(
    "A smaller step is missing. More time alone seldom helps: write what the patient can do instead."
)
NO_REASON = gettext_lazy(
    "This part belongs to the core of the programme. Write why it is taken out; the patient reads it."
)


class HideForm(forms.Form):
    """Why a part is taken out; the patient reads it. One of the programme's core needs it."""

    words = forms.Field(
        label=gettext_lazy("Why? The patient reads it."),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": NO_REASON},
    )

    def __init__(self, *args: Any, is_core: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].required = is_core

    def clean_words(self) -> str:
        words = storable(str(self.cleaned_data["words"] or "")).strip()
        if self.fields["words"].required and not words:
            raise forms.ValidationError(NO_REASON)
        return words


class DateForm(forms.Form):
    """Another date, and the smaller step that makes it likelier to be kept. Both are needed."""

    to = forms.DateField(
        label=gettext_lazy("New date"),
        input_formats=[DAY],
        widget=forms.DateInput(format=DAY, attrs={"type": "date", "class": "short"}),
        error_messages={
            "required": gettext_lazy("A new date is missing. Choose the day that the two of you can believe in."),
            "invalid": gettext_lazy("Write the day as year, month and day, such as 2026-12-01."),
        },
    )
    smaller_step = forms.Field(
        label=gettext_lazy("A smaller step, in words to the patient"),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": NO_SMALLER_STEP},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_to(self) -> date | None:
        day: date | None = self.cleaned_data["to"]
        if day and day < self.today:
            raise forms.ValidationError(_("That day has passed. Choose today or a later day."))
        return day

    def clean_smaller_step(self) -> str:
        words = storable(str(self.cleaned_data["smaller_step"] or "")).strip()
        if not words:
            raise forms.ValidationError(NO_SMALLER_STEP)
        return words
