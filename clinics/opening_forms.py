"""The forms about when a clinic is open: a season, a single day, and the moment that the page explains."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.cover.working_time import Opening
from clinics.forms import date_field
from clinics.people_forms import ShiftsField, WeekForm


class SeasonForm(WeekForm):
    """The first and the last day, and hours for each weekday; a season without any is closed throughout."""

    first_day, last_day = date_field(_("First day")), date_field(_("Last day"))

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = self.cleaned_data
        if {"first_day", "last_day"} <= typed.keys() and typed["last_day"] < typed["first_day"]:
            self.add_error("last_day", _("The last day comes before the first."))
        return typed


class OwnDayForm(forms.Form):
    """One day and its hours; without hours it is closed."""

    use_required_attribute = False

    day = date_field(_("Day"))
    hours = ShiftsField(
        label=_("Open that day"), required=False, max_length=20,
        help_text=_("Write it as 9.00\u201312.00. Leave it empty to be closed all day."),
    )  # fmt: skip

    def clean_hours(self) -> list[Opening]:
        hours: list[Opening] = self.cleaned_data["hours"]
        if len(hours) > 1:
            raise forms.ValidationError(_("A single day has one opening. Write it as 9.00\u201312.00."))
        return hours

    @property
    def opening(self) -> Opening | None:
        return next(iter(self.cleaned_data["hours"]), None)


class MomentForm(forms.Form):
    """A moment to ask about."""

    use_required_attribute = False

    at = forms.DateTimeField(
        label=_("If a patient writes"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "short"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d %H.%M"],
    )

    @staticmethod
    def tonight(now: datetime) -> datetime:
        """Return nine in the evening of the day: when many write, and few are open."""
        return datetime.combine(timezone.localdate(now), time(21), tzinfo=timezone.get_current_timezone())
