"""A questionnaire as a form: the instrument's own words, one field per item, named by the item's id."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from programs.instruments import FUNCTION, Choice, Instrument, Item, text, words_key
from programs.instruments.model import COUNT, SCALE
from programs.instruments.scoring import LONGEST_WORDS

SKIP = "anyway"  # the button that sends with questions left out
OURS = ("idempotency_key", "form_version")  # of the form, not of the answers
NEEDED = _("Choose the answer that fits best.")


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
            self.fields[item.id] = _item_field(instrument, item, place, language)
            if item.asks_words:
                self.fields[words_key(item.id)] = _words_field()
        if asked := instrument.function_item:
            self.fields[FUNCTION] = _choices(text(asked.words, language), asked.options, language, required=False)
        self.helper = _helper()

    @property
    def names(self) -> list[str]:
        """Return the names of the fields that hold answers."""
        return [name for name in self.fields if name not in OURS]

    @property
    def answers(self) -> dict[str, int | str]:
        """Return what is marked and written, of a form that has been checked."""
        given = {name: self.cleaned_data.get(name) for name in self.names}
        return {name: _stored(name, value) for name, value in given.items() if value not in (None, "")}

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

    def worded_for_staff(self) -> None:
        """Name the button for somebody who fills in the answers of another."""
        self.helper.inputs[0].value = _("Send the patient's answers")

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


def _stored(name: str, value: Any) -> int | str:
    return str(value) if name.startswith(words_key("")) else int(value)


def _item_field(instrument: Instrument, item: Item, place: int, language: str) -> forms.Field:
    """Return the field of one item; `kind` tells the template how to draw it."""
    label, required = f"{place}. {text(item.words, language)}", not item.optional
    if item.kind == COUNT:
        field: forms.Field = forms.IntegerField(
            label=label, required=required, min_value=0, max_value=item.most, error_messages=_count_errors(item.most)
        )
        vars(field)["kind"] = COUNT
        return field
    numbered = bool(instrument.half_steps)
    field = _choices(label, instrument.options_of(item), language, required=required, numbered=numbered)
    if item.kind == SCALE:
        low, *_middle, high = instrument.options_of(item)
        field.help_text = f"{low.value} = {text(low.words, language)}, {high.value} = {text(high.words, language)}"
        field.choices = [(option.value, str(option.value)) for option in instrument.options_of(item)]
        vars(field)["kind"] = SCALE
    return field


def _count_errors(most: int | None) -> dict[str, Any]:
    whole = _("Write a whole number with digits, such as 5.")
    bounds = _("Write a number from 0 to %(most)s.") % {"most": most}
    return {"required": _("Write a number, 0 for none."), "invalid": whole, "min_value": bounds, "max_value": bounds}


def _words_field() -> forms.Field:
    field = forms.CharField(label=_("In your own words"), required=False, max_length=LONGEST_WORDS)
    vars(field)["kind"] = "words"
    return field


def _choices(
    label: str, options: tuple[Choice, ...], language: str, *, required: bool, numbered: bool = False
) -> forms.ChoiceField:
    """Return radio buttons. A half step has no words of its own: where there are such, every step shows its number."""
    words = [(option.value, text(option.words, language)) for option in options]
    return forms.ChoiceField(
        label=label,
        choices=[(value, f"{value} {said}".strip() if numbered or not said else said) for value, said in words],
        widget=forms.RadioSelect,
        required=required,
        error_messages={"required": NEEDED, "invalid_choice": _("Choose one of the answers that are shown.")},
    )
