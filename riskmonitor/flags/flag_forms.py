"""The form on a flag, and the choice of who takes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinics.cover.coverage import Clinician
from riskmonitor.actions import TryRefused, contact_counts_from, outcome_faults, outcomes_for
from riskmonitor.escalation.next_try import TryFault
from riskmonitor.flags.moment_words import at_words
from riskmonitor.flags.outcomes import needs_contact
from riskmonitor.models import Flag
from riskmonitor.models.flag import Done, Outcome

LONGEST = 20_000  # characters of an assessment
CLOCK = "%Y-%m-%dT%H:%M"  # as a browser writes day and time
TICKS = {f"done_{value}": value for value in Done.values}  # the name of each box
FAULTS = {
    ("outcome", "choose"): _("Choose what you have done."),
    ("assessment", "write"): _("Write your assessment in your own words."),
    ("contact_at", "when"): _("Write when you were in contact."),
    ("contact_at", "between"): _(
        "The time of contact is after the flag was raised, or opened again, and not in the future."
    ),
    ("contact_with", "who"): _("Write with whom you were in contact."),
    ("try_again_at", "when"): _("Write when you try to reach the patient again. The clock keeps running meanwhile."),
    ("try_again_at", TryFault.PAST): _("That time has passed. Choose when you try again. The latest is %(latest)s."),
    ("try_again_at", TryFault.LATE): _("That is longer than such a flag may wait. The latest is %(latest)s."),
    ("try_again_at", TryFault.CLOSED): _(
        "The clinic is closed then. Choose a time when it is open. The latest is %(latest)s."
    ),
}


class ClockField(forms.DateTimeField):
    """A day and a clock time at the clinic. One that comes twice or never, as the clocks change, is refused."""

    default_error_messages: ClassVar = {
        "ambiguous_timezone": _("The clocks change that night: this time comes twice, or never. Choose another."),
    }

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(format=CLOCK, attrs={"type": "datetime-local"})
        formats = [CLOCK, "%Y-%m-%d %H:%M", "%Y-%m-%d %H.%M"]
        super().__init__(widget=widget, input_formats=formats, required=False, **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        """Return the moment. Raise ValidationError."""
        try:
            return super().to_python(value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            raise ValidationError(self.error_messages["ambiguous_timezone"], code=error.code) from error


class FlagForm(forms.Form):
    """What a clinician writes about a flag. Nothing is demanded until a button says what it is for."""

    use_required_attribute = False
    NEXT_TRY = ("tried", "try_again_at")  # of the button for "not reached" alone
    NEEDED = (
        "outcome",
        "contact_at",
        "contact_with",
        "assessment",
        "try_again_at",
    )  # for some button: never called optional

    outcome = forms.ChoiceField(label=_("What have you done?"), widget=forms.RadioSelect, required=False)
    contact_at = ClockField(
        label=_("When were you in contact?"),
        help_text=_("Needed when you have spoken with the patient, handed over or called emergency services."),
    )
    contact_with = forms.CharField(
        label=_("With whom?"),
        help_text=_("The patient, or the name and workplace of the one who confirmed that they take over."),
        max_length=120,
        required=False,
    )
    assessment = forms.CharField(
        label=_("Your assessment"),
        help_text=_("In your own words. There are no levels of risk to choose from."),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=LONGEST,
        required=False,
    )
    action = forms.CharField(
        label=_("What is done, and what is planned"),
        help_text=_("In your own words. The boxes above are facts for the notes; they change nothing by themselves."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST,
        required=False,
    )
    next_contact_on = forms.DateField(
        label=_("Next contact"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
        required=False,
    )
    tried = forms.CharField(label=_("How did you try?"), max_length=500, required=False)
    try_again_at = ClockField(
        label=_("When do you try again?"),
        help_text=_("Whoever answers for the flag then is reminded. The flag's own clock keeps running."),
    )

    def __init__(self, *args: Any, flag: Flag, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.flag, self.now = flag, now
        for name, value in TICKS.items():
            self.fields[name] = forms.BooleanField(label=Done(value).label, required=False)
        allowed = outcomes_for(flag)
        self.fields["outcome"].choices = [(value, Outcome(value).label) for value in allowed]  # type: ignore[attr-defined]  # stubs: Field
        self.fields["contact_at"].widget.attrs["max"] = f"{timezone.localtime(now):{CLOCK}}"
        self.fields["try_again_at"].widget.attrs["min"] = f"{timezone.localtime(now):{CLOCK}}"
        self.fields["next_contact_on"].widget.attrs["min"] = f"{timezone.localdate(now):%Y-%m-%d}"

    def clean_contact_at(self) -> datetime | None:
        """A clock has no seconds: a contact in the very minute of the flag is not before it."""
        at: datetime | None = self.cleaned_data["contact_at"]
        if at is None:
            return None
        since = contact_counts_from(self.flag)
        return since if at < since < at + timedelta(minutes=1) else at

    def demand_for_document(self) -> bool:
        """Say whether the flag may be saved and kept open; what is missing becomes the form's errors."""
        self._pass_over(self.NEXT_TRY)
        if self.is_valid() and not self.cleaned_data["assessment"].strip():
            self._say("assessment", "write")
        return self.is_valid()

    def demand_for_close(self) -> bool:
        """Say whether the flag may be closed as it stands; what is missing becomes the form's errors."""
        self._pass_over(self.NEXT_TRY)
        if self.is_valid():
            outcome, assessment, at, who = (
                self.cleaned_data[name] for name in ("outcome", "assessment", "contact_at", "contact_with")
            )
            self.say_faults(outcome_faults(self.flag, outcome, assessment, at, who, self.now))
        return self.is_valid()

    def demand_for_next_try(self) -> bool:
        """Say whether it may be noted that the patient was not reached; what is missing becomes the form's errors."""
        self._pass_over(self.fields.keys() - set(self.NEXT_TRY))
        if self.is_valid() and self.cleaned_data["try_again_at"] is None:
            self._say("try_again_at", "when")
        return self.is_valid()

    def say_refused_try(self, refused: TryRefused) -> None:
        """Turn the verb's reason into a sentence that names the last moment for a next try."""
        words = str(FAULTS["try_again_at", refused.because])
        self.add_error("try_again_at", words % {"latest": at_words(refused.latest, self.now)})

    def show(self) -> FlagForm:
        """Return the form to be drawn, after it was validated if it is to be."""
        for name in self.NEEDED:
            self.fields[name].required = True
        return self

    def say_faults(self, faults: Sequence[tuple[str, str]]) -> None:
        """Turn the verb's reasons into sentences beside their fields."""
        for field, reason in faults:
            self._say(field, reason)

    @property
    def ticks(self) -> list[forms.BoundField]:
        """The boxes of what is done, to draw."""
        return [self[name] for name in TICKS]

    @property
    def done(self) -> list[str]:
        """What is ticked, as values of `Done`."""
        return [value for name, value in TICKS.items() if self.cleaned_data[name]]

    @property
    def done_words(self) -> str:
        return Done.words(self.done)

    @property
    def reached_at(self) -> datetime | None:
        """When the patient was spoken with, as far as that was said."""
        at: datetime | None = self.cleaned_data["contact_at"]
        return at if self.cleaned_data["outcome"] == Outcome.CONTACTED else None

    @property
    def is_without_contact(self) -> bool:
        return not needs_contact(self.cleaned_data["outcome"])

    @property
    def outcome_words(self) -> str:
        return str(Outcome(self.cleaned_data["outcome"]).label)

    def _pass_over(self, names: Iterable[str]) -> None:
        """What another button is for, and is perhaps half typed, is no reason to refuse this one: the draft has it."""
        for name in names:
            self.errors.pop(name, None)

    def _say(self, field: str, reason: str) -> None:
        self.add_error(field, str(FAULTS[field, reason]))


class AssignForm(forms.Form):
    """Who takes the flag, among those who are there and may treat."""

    to = forms.ChoiceField(label=_("Hand the flag to"), error_messages={"required": _("Choose who takes the flag.")})

    def __init__(self, *args: Any, people: Sequence[Clinician], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        field.choices = [("", _("Choose")), *((person.code, person.name) for person in people)]  # type: ignore[attr-defined]  # stubs: Field
        field.error_messages["invalid_choice"] = _("That person is not there now. Choose somebody else.")


class PassOnForm(AssignForm):
    """The same from one clinician to another, with a word on the way."""

    note = forms.CharField(
        label=_("What your colleague needs to know"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST,
        required=False,
    )


class ReopenForm(forms.Form):
    """Why a closed flag is opened again."""

    reason = forms.CharField(
        label=_("Why is the flag opened again?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST,
        error_messages={"required": _("Write why the flag is opened again.")},
    )
