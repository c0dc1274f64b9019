"""How a staff member wants to be reached; and what a browser says when notices are switched on in it."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from cryptography.hazmat.primitives.asymmetric import ec
from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from messaging.models import NoticeChoice
from messaging.outbound import Forbidden, refuse_inner

NUMBER = re.compile(r"\+[1-9]\d{6,14}")  # E.164
SECRET_BYTES = 16  # RFC 8291 §3.2


class ChoiceForm(forms.Form):
    """E-mail about flags is not among the choices: it is always on. SMS is, where there is a gateway."""

    email_about_cover = forms.BooleanField(label=_("E-mail me when I stand in for a colleague"), required=False)
    sms_about_flags = forms.BooleanField(
        label=_("Send me an SMS when a flag has waited for ten minutes, or when another way has failed"), required=False
    )
    sms_number = forms.CharField(
        label=_("Mobile number for SMS"),
        help_text=_("Your own or your work's. Only you and those who run the platform can see it."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "short"}),
        required=False,
        max_length=30,
    )

    def __init__(self, data: QueryDict | None, *, choice: NoticeChoice) -> None:
        super().__init__(data, initial={name: getattr(choice, name) for name in self.base_fields})
        if not settings.SMS_URL:
            del self.fields["sms_about_flags"], self.fields["sms_number"]
        self.helper = FormHelper()
        self.helper.form_id = "notice-choices"
        self.helper.add_input(Submit("save", _("Save")))

    def clean_sms_number(self) -> str:
        """Return the number in international form; one that begins with 0 is Swedish."""
        typed = re.sub(r"[\s().-]", "", self.cleaned_data["sms_number"])
        number = "+" + typed[2:] if typed.startswith("00") else "+46" + typed[1:] if typed.startswith("0") else typed
        if number and not NUMBER.fullmatch(number):
            raise forms.ValidationError(_("Write a mobile number, such as 070-123 45 67 or +46 70 123 45 67."))
        return number

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = self.cleaned_data
        if typed.get("sms_about_flags") and typed.get("sms_number") == "":
            self.add_error("sms_number", _("Write the number that SMS should go to."))
        return typed


class BrowserForm(forms.Form):
    """What a browser gave the page (W3C Push API): an address of its push service, and two keys."""

    endpoint = forms.CharField(max_length=500)
    p256dh = forms.CharField(max_length=100)
    auth = forms.CharField(max_length=40)

    def clean_endpoint(self) -> str:
        endpoint = str(self.cleaned_data["endpoint"])
        try:
            refuse_inner(endpoint, frozenset(settings.PUSH_ALLOWED))
        except Forbidden as error:
            raise forms.ValidationError(str(error)) from error
        return endpoint

    def clean_p256dh(self) -> str:
        """Return the key, which must be a point on P-256."""
        text = str(self.cleaned_data["p256dh"])
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(text))
        except ValueError as error:
            raise forms.ValidationError("not a point on P-256") from error
        return text

    def clean_auth(self) -> str:
        text = str(self.cleaned_data["auth"])
        try:
            right = len(_bytes(text)) == SECRET_BYTES
        except ValueError:
            right = False
        if not right:
            raise forms.ValidationError("not sixteen bytes")
        return text


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
