from __future__ import annotations

from django import forms


class OrderForm(forms.Form):
    """Orders a report; the key makes a double click one order."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)
