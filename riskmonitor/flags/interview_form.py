"""The form of a structured interview: the loaded words, one question at a time, and when they were asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from programs.instruments import Instrument, Item, text

NOT_ASKED = "not_asked"  # said aloud on the page, so that nobody takes an empty row for a no
NAMES = ("idempotency_key", "form_version", "held_at")


class InterviewForm(forms.Form):
    """Each question is answered or was not asked, and at least one is answered."""

    use_required_attribute = False

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    form_version = forms.CharField(widget=forms.HiddenInput, required=False)
    held_at = forms.DateTimeField(
        label=_("When did you ask?"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "short"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d %H.%M"],
        error_messages={
            "required": _("Write when you asked."),
            "invalid": _("Write the time as year, month, day and clock time, such as 2026-12-01 14:30."),
        },
    )

    def __init__(self, *args: Any, asked: Instrument, language: str, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked, self.now = asked, now
        for place, item in enumerate(asked.items, start=1):
            self.fields[item.id] = _question(asked, item, place, language)
        self.fields["held_at"].widget.attrs["max"] = f"{timezone.localtime(now):%Y-%m-%dT%H:%M}"

    @property
    def questions(self) -> list[forms.BoundField]:
        """The questions, to draw."""
        return [self[item.id] for item in self.asked.items]

    @property
    def answers(self) -> dict[str, int]:
        """What was answered, of a form that has been checked."""
        given = {item.id: self.cleaned_data.get(item.id) for item in self.asked.items}
        return {name: int(value) for name, value in given.items() if value not in (None, "", NOT_ASKED)}

    def clean_held_at(self) -> datetime:
        at: datetime = self.cleaned_data["held_at"]
        if at > self.now:
            raise forms.ValidationError(_("That time has not come yet. Write when you asked."))
        return at

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not self.answers and not self.errors:
            raise forms.ValidationError(_("No question has an answer yet. Mark at least one."))
        return said


def _question(asked: Instrument, item: Item, place: int, language: str) -> forms.ChoiceField:
    options = [(str(option.value), text(option.words, language)) for option in asked.options_of(item)]
    return forms.ChoiceField(
        label=f"{place}. {text(item.words, language)}",
        choices=[*options, (NOT_ASKED, _("Not asked"))],
        widget=forms.RadioSelect,
        initial=NOT_ASKED,
        error_messages={
            "required": _("Mark the answer, or that you did not ask."),
            "invalid_choice": _("Choose one of the answers that are shown."),
        },
    )
