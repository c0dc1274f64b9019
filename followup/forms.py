from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from followup.models import Report


class OrderForm(forms.Form):
    """Orders a file of one of the kinds that may be ordered here; the key makes a double click one order."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, kinds: Iterable[Report.Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first, *_rest = kinds
        self.fields["kind"].choices = [(kind, kind) for kind in kinds]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_kind(self) -> Report.Kind:
        return Report.Kind(self.cleaned_data["kind"] or self.first)
