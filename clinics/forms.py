"""The forms about absence: when, who, and who stands in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.actions.opening import FARTHEST
from clinics.cover.absence_plan import Affected
from clinics.models import Absence, User

DATE, MOMENT = "%Y-%m-%d", "%Y-%m-%dT%H:%M"
TOO_FAR = _("Choose a day within three years.")
CLOCKS = ["%H:%M", "%H.%M"]


def near(at: date) -> None:
    """Refuse what is over three years away: that is a slip of the hand, and every question would look as far."""
    day = at.date() if isinstance(at, datetime) else at
    if abs(day - timezone.localdate()) > FARTHEST:
        raise forms.ValidationError(TOO_FAR)


def date_field(label: Any) -> forms.DateField:
    """Return a field for one local day."""
    widget = forms.DateInput(format=DATE, attrs={"type": "date", "class": "short"})
    return forms.DateField(label=label, widget=widget, input_formats=[DATE], validators=[near])


def moment_field(label: Any) -> forms.DateTimeField:
    """Return a field for a local day and clock time."""
    widget = forms.DateTimeInput(format=MOMENT, attrs={"type": "datetime-local", "class": "short"})
    formats = [MOMENT, f"{DATE} %H:%M", f"{DATE} %H.%M"]
    return forms.DateTimeField(label=label, widget=widget, input_formats=formats, validators=[near])


def _clock(label: Any, hint: Any) -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "short"})
    return forms.TimeField(label=label, help_text=hint, widget=widget, input_formats=CLOCKS, required=False)


class AbsenceForm(forms.Form):
    """Whole days, or clock times where the absence begins or ends within a day."""

    starts_on = date_field(_("First day away"))
    starts_clock = _clock(_("From what time"), _("Leave it empty for the whole day."))
    ends_on = date_field(_("Last day away"))
    ends_clock = _clock(_("Until what time"), _("Leave it empty for the whole day."))

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = self.cleaned_data
        if {"starts_on", "ends_on", "starts_clock", "ends_clock"} <= typed.keys() and self.end <= self.start:
            self.add_error("ends_on", _("The absence ends before it begins."))
        return typed

    @property
    def start(self) -> datetime:
        return local(self.cleaned_data["starts_on"], self.cleaned_data["starts_clock"] or time())

    @property
    def end(self) -> datetime:
        """The first moment back: for a whole day the midnight that ends it."""
        last, clock = self.cleaned_data["ends_on"], self.cleaned_data["ends_clock"]
        return local(last, clock) if clock else local(last + timedelta(days=1), time())


class AbsenceForColleagueForm(AbsenceForm):
    """The same, planned or reported by the lead for somebody else."""

    person = forms.ChoiceField(label=_("Who is away?"))
    kind = forms.ChoiceField(
        label=_("What kind of absence?"),
        choices=[(Absence.Kind.PLANNED, _("Planned")), (Absence.Kind.ILL, _("Ill, from now on"))],
        widget=forms.RadioSelect,
        initial=Absence.Kind.PLANNED,
        help_text=_("Patients are never told why somebody is away. Illness is saved at once."),
    )
    field_order = ("person", "kind")

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_code = {str(person.code): person for person in people}
        choices = [("", _("Choose")), *((code, person.full_name) for code, person in self.by_code.items())]
        self.fields["person"].choices = choices  # type: ignore[attr-defined]  # stubs: Field

    @property
    def user(self) -> User:
        return self.by_code[self.cleaned_data["person"]]

    @property
    def is_illness(self) -> bool:
        return bool(self.cleaned_data["kind"] == Absence.Kind.ILL)


class StandInForm(forms.Form):
    """One choice for each patient whom nobody would cover, among those who are there the whole time."""

    use_required_attribute = False

    def __init__(self, *args: Any, affected: Sequence[Affected], people: dict[str, User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.names = {each.assignment.pk: f"stand_in_{each.assignment.pk}" for each in affected if each.needs}
        for each in affected:
            if each.needs:
                self.fields[self.names[each.assignment.pk]] = forms.ChoiceField(
                    label=_("Who stands in for %(name)s?") % {"name": each.assignment.patient.user.full_name},
                    choices=[("", _("Nobody chosen yet")), *((person.code, person.name) for person in each.choices)],
                    required=False,
                )

    def show(self) -> StandInForm:
        """Return the form to be drawn: its choices may be made in steps, but they are not optional."""
        for field in self.fields.values():
            field.required = True
        return self

    @property
    def chosen(self) -> dict[int, User]:
        """The people chosen, by the assignment's pk; a choice that cannot be made counts as none."""
        if not self.is_bound:
            return {}
        self.is_valid()
        picked = {pk: self.cleaned_data.get(name) for pk, name in self.names.items()}
        return {pk: self.people[code] for pk, code in picked.items() if code}


def local(day: date, clock: time) -> datetime:
    """Return the moment of a clock time on a local day."""
    return datetime.combine(day, clock, tzinfo=timezone.get_current_timezone())
