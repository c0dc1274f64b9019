"""Whom the clinic may contact if it worries about the patient, and the patient's yes to it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from programs.plans.crisis_plan import dialled


class NextOfKinForm(forms.Form):
    """A name, a number and a yes. Without the yes nothing is kept."""

    use_required_attribute = False

    name = forms.CharField(label=_("Name"), max_length=120, error_messages={"required": _("Write a name.")})
    relation = forms.CharField(
        label=_("Who is it?"), help_text=_("For example partner, parent or friend."), max_length=60, required=False
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel"}),
        error_messages={"required": _("Write a telephone number.")},
    )
    consent = forms.BooleanField(error_messages={"required": _("Tick the box: without a yes nobody is contacted.")})

    def __init__(self, *args: Any, together: bool, **kwargs: Any) -> None:
        """`together`: staff write it down with the patient."""
        super().__init__(*args, **kwargs)
        self.fields["consent"].label = (
            _("The patient says yes to our contacting this person if we worry about the patient.")
            if together
            else _("Yes, my clinic may contact this person if somebody there worries about me.")
        )

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if not dialled(phone):
            raise forms.ValidationError(_("Write a telephone number with digits, such as 070-123 45 67."))
        return phone
