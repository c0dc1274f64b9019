"""The form that takes a clinic's own wording of an instrument, and what is wrong with a file as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic
from programs.instruments import WordingFault
from programs.instruments.upload import LARGEST

LANGUAGES = [("sv", _("Swedish")), ("en", _("English"))]
_SENTENCES = {
    "too_large": _("The file is too large for a questionnaire. Send only its window, options and questions."),
    "alias": _("The file uses YAML references (& and *). Write each text out instead."),
    "yaml": _("The file cannot be read as YAML: look at line %(line)s. Put each text between quotation marks."),
    "not_a_mapping": _("The file must begin with window, options and items. Compare with the example in the guide."),
    "unknown_key": _("The file has a part called “%(key)s”. Only window, options, options_of and items are known."),
    "no_items": _("The file has no list of questions. Write them under items, one on each line."),
    "count": _("The file has %(found)s questions, and this instrument has %(needed)s. Compare with the printed sheet."),
    "no_window": _("The instruction above the questions is missing. Write it under window."),
    "no_text": _("Question %(number)s has no text."),
    "no_options": _("Question %(number)s has no options. Write them under options, for all questions or for this one."),
    "options_missing": _("Question %(number)s lacks words for the value %(values)s."),
    "options_unknown": _("Question %(number)s has an option for %(values)s, which it does not take."),
    "options_twice": _("Question %(number)s has the same words for two options."),
    "twice": _("The question “%(text)s” stands twice."),
    "markup": _("There is markup in “%(text)s”. Use plain text only, without < > and codes such as &amp;."),
    "too_long": _("“%(text)s …” is longer than %(most)s characters. Is a line break missing?"),
    "language": _("The text does not seem to be in the language you chose. Choose the right one, or the right file."),
    "not_gated": _("%(name)s comes with its wording, and needs no other."),
    "no_licence": _("Write under which licence or permission the clinic uses the wording."),
}


def sentence(fault: WordingFault) -> str:
    """Return what is wrong, and what to do about it."""
    return str(_SENTENCES[fault.reason]) % dict(fault.values)


class WordingForm(forms.Form):
    """A file, its language, and the words of the licence. With several clinics, also which."""

    file = forms.FileField(
        label=_("File with the wording"),
        help_text=_("A text file in YAML. The guide for clinics shows how it looks."),
        error_messages={"required": _("Choose the file."), "empty": _("The file is empty. Choose another.")},
    )
    language = forms.ChoiceField(label=_("Language of the wording"), choices=LANGUAGES)
    licence = forms.CharField(
        label=_("Licence"),
        help_text=_("Under which licence or permission you use it, from whom, and until when."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _SENTENCES["no_licence"]},
    )

    def __init__(self, *args: Any, clinics: Sequence[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinics = {str(clinic.pk): clinic for clinic in clinics}
        if len(clinics) > 1:
            choices = [(key, clinic.name) for key, clinic in self.clinics.items()]
            self.fields["clinic"] = forms.ChoiceField(label=_("Clinic"), choices=choices)

    @property
    def chosen_clinic(self) -> Clinic:
        """Return the chosen clinic, the only one where there is no choice."""
        only = next(iter(self.clinics.values()))
        return self.clinics.get(self.cleaned_data.get("clinic", ""), only)

    def clean_file(self) -> str:
        """Return the file's text."""
        given = self.cleaned_data["file"]
        try:
            written: str = given.read(LARGEST * 4 + 1).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(
                _("The file is not plain text in UTF-8. Save it as such, and choose it again.")
            ) from error
        return written

    def refuse(self, faults: Sequence[WordingFault]) -> None:
        """Tell everything that is wrong with the file; the same sentence once."""
        for text in dict.fromkeys(map(sentence, faults)):
            self.add_error("file", text)
