"""The form that plans a treatment: which text, and who answers beside the planner until it starts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from clinics.models import User
from programs.treatment.planning import Text


class PlanForm(forms.Form):
    text = forms.ChoiceField(label=_("Programme and language"), error_messages={"required": _("Choose a programme.")})
    second = forms.ChoiceField(
        label=_("Who answers when you are away?"),
        help_text=_("Somebody who may treat with the programme. Until the start you and this person answer together."),
        error_messages={"required": _("Choose who answers when you are away.")},
    )

    def __init__(self, *args: Any, texts: list[Text], seconds: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._texts = {each.value: each for each in texts}
        self._seconds = {str(each.code): each for each in seconds}
        self._choices("text", [(each.value, _in_words(each)) for each in texts])
        self._choices("second", [(code, each.full_name) for code, each in self._seconds.items()])

    def _choices(self, name: str, found: list[tuple[str, str]]) -> None:
        field: forms.ChoiceField = self.fields[name]  # type: ignore[assignment]  # declared above
        field.choices = found if len(found) == 1 else [("", _("Choose")), *found]

    @property
    def has_choices(self) -> bool:
        return bool(self._texts and self._seconds)

    @property
    def chosen(self) -> Text:
        return self._texts[self.cleaned_data["text"]]

    @property
    def second_person(self) -> User:
        return self._seconds[self.cleaned_data["second"]]


def _in_words(each: Text) -> str:
    facts = {"title": each.title(get_language() or "sv"), "number": each.revision.edition}
    facts["language"] = str(get_language_info(each.language)["name_translated"])
    return str(_("%(title)s, edition %(number)s, %(language)s") % facts)
