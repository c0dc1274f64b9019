"""The component gallery: every part of the look on one page, under DEBUG or in the demo (see ikbt/urls.py)."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from clinics.access import public
from programs.charts import Band, Day, Event, Point, sparkline, strip, trend


class Diary(forms.Form):
    """One field of each kind; shown with its errors, so that the error summary is seen too."""

    happened = forms.CharField(
        label=gettext_lazy("What happened?"),
        help_text=gettext_lazy("Write shortly. Where were you? Who was there?"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    strength = forms.IntegerField(
        label=gettext_lazy("How strong was the feeling? 0 to 100"),
        required=False,
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    day = forms.ChoiceField(
        label=gettext_lazy("Which day?"),
        choices=[("mon", gettext_lazy("Monday")), ("tue", gettext_lazy("Tuesday"))],
    )
    may_read = forms.BooleanField(label=gettext_lazy("Your therapist may read this"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.disable_csrf = True
        self.helper.form_id = "diary"
        self.helper.attrs = {"data-ctrl-enter": "", "data-status": "saved"}
        self.helper.add_input(Submit("send", _("Done for today")))


class Questions(forms.Form):
    """A questionnaire in its own template, one item answered and one left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scale = [(0, _("Not at all")), (1, _("Somewhat")), (2, _("Very much"))]
        for number, text in enumerate([_("I have felt calm"), _("I have slept well")], start=1):
            self.fields[f"item_{number}"] = forms.ChoiceField(
                label=f"{number}. {text}",
                choices=scale,
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose an answer")},
            )
        self.helper = FormHelper()
        self.helper.disable_csrf = True
        self.helper.template = "ikbt/questionnaire.html"
        self.helper.add_input(Submit("send", _("Continue")))


@require_safe
@public("shows invented words only, and only under DEBUG or in the demo")
def gallery(request: HttpRequest) -> HttpResponse:
    """Show each component; ``?for=staff`` in the staff's look."""
    staff = request.GET.get("for") == "staff"
    context = {
        "base_template": "staff_base.html" if staff else "patient_base.html",
        "form": Diary({"strength": "300"}),
        "questionnaire": Questions({"item_1": "1"}, prefix="asked"),
        "tabs": [
            {"url": "?", "label": _("Patient"), "current": not staff, "count": None},
            {"url": "?for=staff", "label": _("Staff"), "current": staff, "count": 3},
        ],
        "words": _words(),
        **_charts(),
        **_patient_examples(),
        **_staff_examples(),
    }
    return render(request, "ui/gallery.html", context)


def _words() -> dict[str, str]:
    return {
        "page": _("page 2 of 5"),
        "tabs": _("Whose look"),
        "next_over": _("Next step, about 15 minutes"),
        "next_title": _("Getting started: plan two things"),
        "next_text": _("You have done 2 of 5 pages. Everything is saved."),
        "next_action": _("Continue where you were"),
        "later": _("Save and leave"),
        "week": _("This week"),
        "course": _("Your course"),
        "progress": _("Week 3 of 10"),
        "small": _("Small charts"),
        "talk": _("Messages"),
        "ok": _("Thank you. Your therapist reads this by Wednesday at the latest."),
        "warn_title": _("Tired at the wheel?"),
        "warn": _("Do not drive if you feel drowsy."),
        "crisis": _("Ring 112 if there is danger to life"),
        "crisis_text": _("Say what has happened and where you are."),
        "ring": _("Ring 112"),
        "empty": _("Nothing to do"),
        "empty_text": _("The next answers are expected on Monday."),
        "list": _("Work list"),
        "first": _("Do first"),
        "forms": _("A form with faults"),
        "asked": _("A questionnaire"),
    }


def _charts() -> dict[str, Any]:
    values = [18, 17, 19, 15, 12, 9]
    points = [Point(week, _("w %(week)s") % {"week": week}, value) for week, value in enumerate(values)]
    bands = [
        Band(0, 4, _("None or minimal")),
        Band(5, 9, _("Mild")),
        Band(10, 14, _("Moderate")),
        Band(15, 19, _("Rather severe")),
        Band(20, 27, _("Severe")),
    ]
    days = [
        Day(name, value)
        for name, value in zip(_("Mo Tu We Th Fr Sa Su").split(), [4, None, 6, 5, None, 7, 6], strict=True)
    ]
    return {
        "trend": trend(
            id="course-chart",
            title=_("How you have felt, week by week"),
            points=points,
            low=0,
            high=27,
            bands=bands,
            events=[Event(3, _("New module opened"))],
            note=_("Lower is better."),
        ),
        "spark": sparkline(id="spark", title=_("From 18 to 9 in six weeks"), values=values),
        "strip": strip(id="strip", title=_("Your mood this week, 0 to 10"), days=days),
    }


def _patient_examples() -> dict[str, Any]:
    return {
        "tasks": [
            {"text": _("How are you? 9 questions"), "url": "#asked", "status": _("To do"), "level": "new"},
            {"text": _("Module 3: Getting started"), "url": "#forms", "status": _("Begun"), "level": ""},
            {"text": _("Module 2: Small steps"), "url": "#forms", "status": _("Done"), "level": "done"},
            {"text": _("Module 4: Thoughts"), "url": "", "status": _("Opens on Monday"), "level": "done"},
        ],
        "thread": [
            {
                "who": "Berit",
                "when": _("yesterday 09.12"),
                "text": _("Well done with the walk on Tuesday, although it was hard to begin."),
                "mine": False,
                "read": "",
            },
            {
                "who": _("You"),
                "when": _("today 08.40"),
                "text": _("Thank you. It felt better afterwards."),
                "mine": True,
                "read": _("Read today 10.05"),
            },
        ],
        "contacts": [{"name": "1177", "number": "1177", "hours": _("day and night")}],
    }


def _staff_examples() -> dict[str, Any]:
    return {
        "columns": [(_("Patient"), False), (_("Why"), False), ("PHQ-9", True), (_("Last active"), False)],
        "rows": [
            ["Erik B, 34", _("Question 9: 2"), "21 (+3)", _("today 08.40")],
            ["Anna L, 29", _("2 unread"), "15 (−2)", _("yesterday")],
        ],
        "chips": [
            {"text": _("Question 9: 2"), "level": "now", "detail": _("Answer before 09.40")},
            {"text": _("Missing answer"), "level": "today", "detail": ""},
            {"text": _("Not active for 8 days"), "level": "week", "detail": ""},
            {"text": _("2 unread"), "level": "new", "detail": ""},
            {"text": _("Paused"), "level": "", "detail": ""},
        ],
        "figures": [
            {
                "label": _("Started treatments"),
                "value": "50",
                "note": _("The last 12 months"),
                "definition": _("All treatments whose first day lies in the period."),
            },
            {"label": _("Patients without cover"), "value": "0", "note": _("Shall always be 0"), "definition": ""},
        ],
    }
