"""The forms about people of a clinic: their week, what they may treat with, leaving, being lent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from itertools import pairwise
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.cover.away import end_of_day
from clinics.forms import date_field, local
from clinics.models import Clinic, Weekday

CLOCK = r"([01]?\d|2[0-3])(?:[.:]([0-5]\d))?"
SHIFT = re.compile(rf"\s*{CLOCK}\s*[-\u2013]\s*{CLOCK}\s*")
Shift = tuple[int, time, time]


class ShiftsField(forms.CharField):
    """Hours of one day, "8.00-12.00, 13.00-17.00" or nothing; gives `[(time, time), ...]` in order."""

    def clean(self, value: Any) -> list[tuple[time, time]]:
        found = [self._shift(part) for part in super().clean(value).split(",") if part.strip()]
        found.sort()
        if any(later[0] < earlier[1] for earlier, later in pairwise(found)):
            raise forms.ValidationError(_("Two of these times overlap. Write each hour once."))
        return found

    def _shift(self, part: str) -> tuple[time, time]:
        read = SHIFT.fullmatch(part)
        if read is None:
            raise forms.ValidationError(_("Write times as 8.00\u201312.00, with a comma between two."))
        hour, minute, until, until_minute = (int(each or 0) for each in read.groups())
        starts, ends = time(hour, minute), time(until, until_minute)
        if ends <= starts:
            raise forms.ValidationError(_("The working day ends before it begins."))
        return starts, ends


class WeekForm(forms.Form):
    """One line for each weekday, filled in with the hours that count now."""

    use_required_attribute = False

    def __init__(self, *args: Any, shifts: Iterable[Shift], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known: dict[int, list[str]] = {}
        for weekday, starts, ends in shifts:
            known.setdefault(weekday, []).append(f"{starts:%H.%M}\u2013{ends:%H.%M}")
        for number, name in Weekday.choices:
            self.fields[f"day_{number}"] = ShiftsField(
                label=name, required=False, max_length=80, initial=", ".join(known.get(number, []))
            )

    @property
    def week(self) -> list[Shift]:
        return [(n, *shift) for n in range(7) for shift in self.cleaned_data[f"day_{n}"]]


class ProgrammesForm(forms.Form):
    programmes = forms.MultipleChoiceField(
        label=_("May treat with"), widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("Only with these programmes can the person be named for a patient, or stand in."),
    )  # fmt: skip

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programmes"].choices = choices  # type: ignore[attr-defined]  # stubs: Field


class LastDayForm(forms.Form):
    """The last day that somebody belongs to a clinic; `until` is the midnight after it."""

    last_day = date_field(_("Last day at the clinic"))

    @property
    def until(self) -> datetime:
        return end_of_day(local(self.cleaned_data["last_day"], time(12)))


class LoanForm(LastDayForm):
    to = forms.ChoiceField(label=_("Lend to"))
    last_day = date_field(_("Last day of the loan"))
    field_order = ("to", "last_day")

    def __init__(self, *args: Any, clinics: Iterable[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_code = {str(clinic.code): clinic for clinic in clinics}
        choices = [("", _("Choose")), *((code, clinic.name) for code, clinic in self.by_code.items())]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]  # stubs: Field

    @property
    def clinic(self) -> Clinic:
        return self.by_code[self.cleaned_data["to"]]


class NamedForm(forms.Form):
    """Who is named for one patient; `people` are those who may treat in the programme, by code."""

    therapist = forms.ChoiceField(label=_("Therapist"))
    substitute = forms.ChoiceField(
        label=_("Substitute"), help_text=_("Answers when the therapist is away, and reads nothing before that.")
    )

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("therapist", "substitute"):
            self.fields[name].choices = [("", _("Choose")), *people]  # type: ignore[attr-defined]  # stubs: Field

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = self.cleaned_data
        if typed.get("therapist") and typed.get("therapist") == typed.get("substitute"):
            self.add_error("substitute", _("Two people are needed: choose somebody else as substitute."))
        return typed
