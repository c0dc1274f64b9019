from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.models import User
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


class HandOverForm(forms.Form):
    """Who follows up from now on, among those who are there and may treat with the programme."""

    to = forms.ChoiceField(label=_("Hand over to"), error_messages={"required": _("Choose who follows up.")})

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(person.code): person for person in people}
        field: forms.ChoiceField = self.fields["to"]  # type: ignore[assignment]  # declared above
        field.choices = [("", _("Choose")), *((code, person.full_name) for code, person in self._people.items())]
        field.error_messages["invalid_choice"] = _("That person is not there now. Choose somebody else.")

    @property
    def person(self) -> User:
        return self._people[self.cleaned_data["to"]]
