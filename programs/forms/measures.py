"""A questionnaire as a form: the instrument's own words, one field per item, named by the item's id."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from programs.instruments import FUNCTION, Choice, Instrument, text

SKIP = "anyway"  # the button that sends with questions left out


class MeasureForm(forms.Form):
    """All items on one page. What is left out is missing, never 0; the function item may always be left out."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    form_version = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)

    def __init__(
        self,
        instrument: Instrument,
        language: str,
        *,
        data: MultiValueDict[str, str] | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.instrument = instrument
        for place, item in enumerate(instrument.items, start=1):
            label = f"{place}. {text(item.words, language)}"
            self.fields[item.id] = _field(label, instrument.options, language, required=True)
        if asked := instrument.function_item:
            self.fields[FUNCTION] = _field(text(asked.words, language), asked.options, language, required=False)
        self.helper = _helper()

    @property
    def answers(self) -> dict[str, int]:
        """Return what is marked, of a form that has been checked."""
        items = [name for name in self.fields if name not in ("idempotency_key", "form_version")]
        return {name: int(self.cleaned_data[name]) for name in items if self.cleaned_data.get(name)}

    @property
    def missing(self) -> list[str]:
        """Return the ids of the items without an answer."""
        return [name for name in self.errors if self.has_error(name, "required")]

    @property
    def key(self) -> UUID | None:
        """Return the idempotency key, None when it came back unreadable."""
        key: UUID | None = self.cleaned_data.get("idempotency_key")
        return key

    @property
    def may_be_sent(self) -> bool:
        """Say whether nothing but missing answers stands in the way, and no more of them than the instrument allows."""
        others = set(self.errors) - {*self.missing, "idempotency_key"}
        return not others and len(self.missing) <= self.instrument.scoring.missing_allowed

    @property
    def risk_is_missing(self) -> bool:
        return bool(set(self.missing) & set(self.instrument.risk_items))

    def offer_to_skip(self) -> None:
        """Add the button that sends the form as it stands."""
        self.helper.add_input(Submit(SKIP, _("Send anyway"), css_class="secondary"))

    def autosave(self, *, url: str, version: int, status: str) -> None:
        """Let the page save each choice as it is made."""
        self.helper.attrs = {"data-autosave": url, "data-version": str(version), "data-status": status}


def _helper() -> FormHelper:
    helper = FormHelper()
    helper.template = "ikbt/questionnaire.html"
    helper.form_id = "measure"
    helper.add_input(Submit("send", _("Send my answers")))
    return helper


def _field(label: str, options: tuple[Choice, ...], language: str, *, required: bool) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[(option.value, text(option.words, language)) for option in options],
        widget=forms.RadioSelect,
        required=required,
        error_messages={
            "required": _("Choose the answer that fits best."),
            "invalid_choice": _("Choose one of the answers that are shown."),
        },
    )
