"""The author's forms about an edition: why it is withdrawn, and a notice over its pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.library_format import load_words
from programs.library_format.blocks import Passage
from programs.library_format.wording import contact_faults
from programs.library_format.words import NO_WORDS
from programs.models import Module, Revision
from programs.shipped import LIBRARY

TEXT_MAX = 600  # characters: a notice is a few sentences


class WithdrawForm(forms.Form):
    because = forms.CharField(
        label=gettext_lazy("What is wrong with the edition?"),
        help_text=gettext_lazy("The therapists of those who are in treatment with it read this."),
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say what is wrong, so that the therapists know what to do.")},
    )


class CorrectionForm(forms.Form):
    """Where the notice lies ("", "module" or "module/page") and what it says; no words take the notice away."""

    place = forms.ChoiceField(label=gettext_lazy("Where"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Words that patients read above the page"),
        help_text=gettext_lazy("Leave it empty to take the notice away."),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, revision: Revision, modules: list[Module], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language = revision.facts["source_language"]
        choices = [("", _("The whole edition"))]
        for module in modules:
            choices.append((module.slug, f"{module.number}. {module.title}"))
            choices += [(f"{module.slug}/{p.slug}", f"{module.number}. {p.title}") for p in module.pages.all()]
        place: forms.ChoiceField = self.fields["place"]  # type: ignore[assignment]  # declared above
        place.choices = choices

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].strip()
        listed = load_words(LIBRARY).get(self.language, NO_WORDS)
        if faults := list(contact_faults(Passage(1, text), "", listed)):
            raise forms.ValidationError([fault.message for fault in faults])
        return text
