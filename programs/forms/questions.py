"""The questions of one page as a form. Ids become field names with "q_" before; a pick's own words end with "_own"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from programs.fields import is_blank
from programs.forms.sentences import sentence
from programs.forms.typed import Typed, as_number, as_posted, as_time
from programs.library_format.answers import answer_faults
from programs.library_format.blocks import Question

YES_NO = [("yes", _("Yes")), ("no", _("No"))]
GROUPS = ("pick", "multi", "choice", "scale", "yesno")  # shown as a group of choices


def name_of(question_id: str) -> str:
    return f"q_{question_id}"


def own_name(question_id: str) -> str:
    return f"q_{question_id}_own"


class PageForm(forms.Form):
    """One page's questions, and a tick for each warning that must be read.

    `prompts` are the questions' words with placeholders filled in. Fields take everything; `answers` gives the values
    in the form of programs.library_format.answers, which also decides what may be taken.
    """

    def __init__(
        self,
        questions: Sequence[Question],
        prompts: Mapping[str, str],
        *,
        acks: Sequence[str] = (),
        data: MultiValueDict[str, str] | None = None,
        initial: Typed | None = None,
    ) -> None:
        super().__init__(data=data, initial=initial or {})
        self.questions = questions
        self.posted: MultiValueDict[str, str] = MultiValueDict() if data is None else data
        for question in questions:
            label = prompts.get(question.id, question.prompt)
            self.fields[name_of(question.id)] = forms.Field(label=label, required=False, widget=_widget(question))
            if question.kind == "pick":
                widget = forms.Textarea(attrs={"class": "input", "rows": 2})
                self.fields[own_name(question.id)] = forms.Field(
                    label=_("Or in your own words"), required=False, widget=widget
                )
        for name in acks:
            unread = {"required": _("Tick that you have read this.")}
            self.fields[name] = forms.BooleanField(label=_("I have read this"), error_messages=unread)

    def clean(self) -> dict[str, Any]:
        """Add a sentence for each answer that cannot be taken."""
        by_id = {question.id: question for question in self.questions}
        for question_id, reason in answer_faults(self.questions, self.answers()):
            question = by_id[question_id]
            words = sentence(reason, kind=question.kind, low=question.min, high=question.max)
            self.add_error(name_of(question_id), str(words))
        return self.cleaned_data

    def answers(self) -> dict[str, Any]:
        """Return the answers of a bound form, blank ones left out."""
        return answers_in(self.questions, self.posted)


def _widget(question: Question) -> forms.Widget:
    options = [(option.id, option.text) for option in question.options]
    kind = question.kind
    if kind in ("pick", "multi"):
        return forms.CheckboxSelectMultiple(choices=options)
    if kind == "choice":
        return forms.RadioSelect(choices=options)
    if kind == "yesno":
        return forms.RadioSelect(choices=YES_NO)
    if kind == "scale":
        low, high = question.min or 0, question.max if question.max is not None else 10
        return forms.RadioSelect(choices=[(str(step), str(step)) for step in range(low, high + 1)])
    if kind == "long":
        return forms.Textarea(attrs={"class": "input", "rows": 5})
    return forms.TextInput(attrs=_input_attributes(kind, question.min, question.max))


def _input_attributes(kind: str, low: int | None, high: int | None) -> dict[str, Any]:
    if kind == "number":
        limits = {name: limit for name, limit in (("min", low), ("max", high)) if limit is not None}
        return {"class": "input short", "type": "number", "inputmode": "numeric", **limits}
    return {"class": "input short", "type": kind} if kind in ("time", "date") else {"class": "input"}


def answers_in(questions: Sequence[Question], data: MultiValueDict[str, str]) -> dict[str, Any]:
    """Return what was typed as answers, blank ones left out; what is no answer stays as it is, to be refused."""
    found: dict[str, Any] = {}
    for question in questions:
        answer = _answer(question, data)
        if not is_blank(answer):
            found[question.id] = answer
    return found


def _answer(question: Question, data: MultiValueDict[str, str]) -> Any:
    name, kind = name_of(question.id), question.kind
    if kind == "multi":
        return list(dict.fromkeys(data.getlist(name)))
    if kind == "pick":
        pick = {"options": list(dict.fromkeys(data.getlist(name))), "own": data.get(own_name(question.id), "")}
        return {part: value for part, value in pick.items() if not is_blank(value)}
    text = data.get(name, "")
    if is_blank(text):
        return None
    if kind == "yesno":
        return {"yes": True, "no": False}.get(text, text)
    if kind in ("scale", "number"):
        return as_number(text)
    return as_time(text) if kind == "time" else text


def typed_answers(questions: Sequence[Question], answers: Mapping[str, Any]) -> Typed:
    """Return stored answers as the form's fields show them."""
    shown: Typed = {}
    for question in questions:
        value, name = answers.get(question.id), name_of(question.id)
        if is_blank(value):
            continue
        if isinstance(value, Mapping):
            shown[name], shown[own_name(question.id)] = list(value.get("options") or []), value.get("own") or ""
        elif isinstance(value, bool):
            shown[name] = "yes" if value else "no"
        else:
            shown[name] = value if isinstance(value, list) else str(value)
    return shown


def drafted_answers(questions: Sequence[Question], draft: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers in a draft's data."""
    return answers_in(questions, as_posted(draft))
