"""The form of an escalation plan: a row of choices for each step, and the moment of the time line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from riskmonitor.escalation.next_step import Audience, Step
from riskmonitor.escalation.plan_rules import MOST_STEPS, REPEATS, WAITS, Fault, Scope, code, faults, wait
from riskmonitor.escalation.plan_words import FAULTS, audience_words, repeat_words, wait_words, way_words
from riskmonitor.escalation.steps import Way

FRIDAY = 4
PARTS = ("audience", "wait", "repeat", "ways")
BESIDE = {  # which part of a step a fault is said at, where it is not the audience
    Fault.STEPS_BACK: "wait", Fault.CYCLE: "wait", Fault.STARTS_LATE: "wait", Fault.NO_REPEAT: "repeat",
    Fault.NO_WAY: "ways",
}  # fmt: skip


class PlanForm(forms.Form):
    """Steps in order; a row without an audience is no step. `based_on` is the version that was shown."""

    use_required_attribute = False

    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    raised = forms.DateTimeField(
        label=_("If a flag is raised"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "short"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d %H.%M"],
    )

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope, self.places = scope, list[int]()
        audiences = [("", _("Nobody: no step")), *((each.value, audience_words(each)) for each in scope.audiences)]
        waits = [(code(each), wait_words(each)) for each in WAITS[scope.urgency]]
        repeats = [("", _("once")), *((code(each), repeat_words(each)) for each in REPEATS[scope.urgency])]
        for n in range(MOST_STEPS):
            self.fields[f"audience_{n}"] = forms.ChoiceField(label=_("Whom"), choices=audiences, required=False)
            self.fields[f"wait_{n}"] = forms.ChoiceField(label=_("When"), choices=waits, required=False)
            self.fields[f"repeat_{n}"] = forms.ChoiceField(label=_("How often"), choices=repeats, required=False)
            self.fields[f"ways_{n}"] = forms.MultipleChoiceField(
                label=_("How"), choices=[(way.value, way_words(way)) for way in Way], required=False,
                widget=forms.CheckboxSelectMultiple, initial=[way.value for way in Way],
            )  # fmt: skip

    @classmethod
    def of(cls, steps: Sequence[Step], scope: Scope, *, based_on: int, raised: datetime) -> PlanForm:
        """Return the form filled in with a plan."""
        filled: dict[str, Any] = {"based_on": based_on, "raised": raised}
        for n, step in enumerate(steps):
            filled |= {f"audience_{n}": step.audience.value, f"wait_{n}": code(step.wait)}
            filled |= {f"repeat_{n}": code(step.repeat) if step.repeat else ""}
            filled |= {f"ways_{n}": [way.value for way in step.ways]}
        return cls(scope=scope, initial=filled)

    @property
    def rows(self) -> list[tuple[int, list[BoundField]]]:
        """The fields of each step with its number, from 1."""
        return [(n + 1, [self[f"{part}_{n}"] for part in PARTS]) for n in range(MOST_STEPS)]

    @property
    def steps(self) -> list[Step]:
        """The steps that are chosen, after validation."""
        chosen = self.cleaned_data
        self.places = [n for n in range(MOST_STEPS) if chosen.get(f"audience_{n}")]
        return [
            Step(
                position,
                Audience(chosen[f"audience_{n}"]),
                wait(chosen.get(f"wait_{n}") or "0m"),
                wait(chosen[f"repeat_{n}"]) if chosen.get(f"repeat_{n}") else None,
                frozenset(map(Way, chosen.get(f"ways_{n}", []))),
            )
            for position, n in enumerate(self.places)
        ]

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            self.say_faults(faults(self.steps, self.scope))
        return self.cleaned_data

    def say_faults(self, found: Sequence[tuple[int, Fault]]) -> None:
        """Turn the rules' reasons into sentences beside their step."""
        for position, fault in found:
            n = self.places[position] if position < len(self.places) else position
            self.add_error(f"{BESIDE.get(fault, 'audience')}_{n}", str(FAULTS[fault]))


def next_friday(now: datetime) -> datetime:
    """Return half past four on the coming Friday: shortly before a weekend, where a plan shows what it does."""
    today = timezone.localdate(now)
    day = today + timedelta(days=(FRIDAY - today.weekday()) % 7 or 7)
    return datetime.combine(day, time(16, 30), tzinfo=timezone.get_current_timezone())
