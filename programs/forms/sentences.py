"""Why an answer cannot be taken, as a sentence that says what to do."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programs.fields import LONG_MAX, TEXT_MAX

_SENTENCES = {
    "unknown": _("This answer does not belong to the question. Answer again."),
    "required": _("This needs an answer before you go on."),
    "not_text": _("Write the answer in words."),
    "not_a_number": _("Write a whole number with digits, such as 5."),
    "not_a_time": _("Write the time with hours and minutes, such as 07:30."),
    "not_a_date": _("Write the date as year, month and day, such as 2026-11-30."),
    "not_a_choice": _("Choose one of the answers in the list."),
    "not_rows": _("This could not be read. Fill it in again."),
    "too_few_rows": _("Fill in at least one."),
    "too_many_rows": _("There are more here than there is room for. Keep the most important ones."),
}


def sentence(reason: str, *, kind: str = "", low: int | None = None, high: int | None = None) -> str | Promise:
    """Return the sentence for one of programs.fields.REASONS; kind, low and high are those of the question."""
    if reason == "too_long":
        length = TEXT_MAX if kind in ("text", "pick") else LONG_MAX
        words = _("The text is too long. It may have %(length)d characters at most. All that you wrote is still here.")
        return str(words) % {"length": length}
    if reason == "out_of_range":
        if low is None or high is None:
            return _("The number is too small or too large. Change it.")
        return str(_("Choose a number from %(low)d to %(high)d.")) % {"low": low, "high": high}
    return _SENTENCES[reason]
