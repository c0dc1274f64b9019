"""The therapist's forms."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ikbt.casework.phrases import gaps_left
from programs.fields import LONG_MAX
from programs.models import Step

DAY = "%Y-%m-%d"  # what <input type="date"> sends
TOO_LONG = gettext_lazy("The reply is too long. Send at most 10,000 characters; the rest can be a second reply.")


def moment_seen(written: str) -> datetime | None:
    """Return the moment that a page says it was drawn, None for one that cannot be read: then it counts as unseen."""
    try:
        found = parse_datetime(written)
    except ValueError:
        return None
    return found if found and is_aware(found) else None


def _day_field() -> forms.DateField:
    return forms.DateField(
        label=gettext_lazy("Next contact"),
        required=False,
        input_formats=[DAY],
        widget=forms.DateInput(format=DAY, attrs={"type": "date", "class": "short"}),
        error_messages={"invalid": gettext_lazy("Write the day as year, month and day, such as 2026-12-01.")},
    )


class ContactForm(forms.Form):
    """The day of the next contact; empty for none. `today` is the first day that can be chosen."""

    next_contact_on = _day_field()

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean_next_contact_on(self) -> date | None:
        day: date | None = self.cleaned_data["next_contact_on"]
        if day and day < self.today:
            raise forms.ValidationError(_("That day has passed. Choose today or a later day."))
        return day


class ReplyForm(ContactForm):
    """The reply, whether to open the next module, and the next contact: one form and one transaction.

    `step` says which module the tick is about: sent twice, it never opens the one after. `seen_at` is when the page was
    drawn: the reply answers what had come by then.
    """

    text = forms.CharField(
        label=gettext_lazy("Your reply"),
        widget=forms.Textarea(attrs={"rows": 5}),
        validators=[MaxLengthValidator(LONG_MAX, TOO_LONG)],  # no maxlength in the page: it would cut what is pasted
        error_messages={"required": gettext_lazy("The reply is empty. Write something, and send it then.")},
    )
    open_next = forms.BooleanField(required=False)
    step = forms.UUIDField(required=False, widget=forms.HiddenInput)
    idempotency_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    seen_at = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("text", "open_next", "next_contact_on", "step", "idempotency_key", "seen_at")

    def __init__(self, *args: Any, next_step: Step | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if next_step is None:
            del self.fields["open_next"], self.fields["step"]
        else:
            facts = {"number": next_step.module.number, "title": next_step.module.title}
            self.fields["open_next"].label = _("Open module %(number)s: %(title)s") % facts

    def clean_seen_at(self) -> datetime | None:
        return moment_seen(self.cleaned_data["seen_at"])

    def clean_text(self) -> str:
        reply: str = self.cleaned_data["text"]
        left = gaps_left(reply)
        if left:
            raise forms.ValidationError(
                _("Fill in what is missing in the phrase: %(gaps)s") % {"gaps": ", ".join(left)}
            )
        return reply
