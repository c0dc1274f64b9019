"""The patient's message: text without a limit that can be seen."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.typed_text import storable


class MessageForm(forms.Form):
    text = forms.Field(  # not CharField: it would refuse a text that holds a NUL, and the words would be lost
        label=_("Write to your therapist"),
        help_text=_("What you write is saved as you go. Nobody reads it until you send it."),
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write something first.")},
    )
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_id = "message"
        self.helper.add_input(Submit("send", _("Send")))

    def clean_text(self) -> str:
        text = storable(str(self.cleaned_data["text"]))
        if not text.strip():
            raise forms.ValidationError(_("Write something first."))
        return text

    def clean(self) -> dict[str, Any]:
        """Send also with a key that came back unreadable: then it is a message of its own."""
        self.errors.pop("idempotency_key", None)
        return self.cleaned_data

    @property
    def written(self) -> str:
        written: str = self.cleaned_data["text"]
        return written

    @property
    def key(self) -> UUID:
        key: UUID | None = self.cleaned_data.get("idempotency_key")
        return key or uuid4()

    def autosave(self, *, url: str, version: int, status: str) -> None:
        """Let the page save the text as it is written."""
        self.helper.attrs = {
            "data-autosave": url, "data-version": str(version), "data-status": status, "data-ctrl-enter": "",
        }  # fmt: skip
