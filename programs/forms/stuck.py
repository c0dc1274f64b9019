"""What is slow going: a reason to tap, and words that nobody has to write."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.typed_text import storable
from programs.treatment.stuck import reasons


class StuckForm(forms.Form):
    words = forms.Field(  # not CharField: it would refuse a text that holds a NUL, and the words would be lost
        label=_("Would you like to say more? You do not have to."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reason = forms.ChoiceField(error_messages={"required": _("Tap on the reason that fits best.")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(each, each) for each in reasons()]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_words(self) -> str:
        return storable(str(self.cleaned_data["words"] or "")).strip()
