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
    "empty": _("Write something in at least one of the boxes. A few words are enough."),
    "night_to_come": _("This morning has not come yet. Choose today, or a day before."),
    "night_too_old": _("That night is hard to remember by now. You can fill in last night and the two nights before."),
    "lights_out_before_bed": _("The light is put out before you went to bed. Check the two times."),
    "waking_after_rise": _("The last waking comes after you got up. Check the two times."),
    "too_long_in_bed": _("From when you went to bed until you got up is more than 18 hours. Check the two times."),
    "no_time_in_bed": _("You went to bed and got up at the same time. Check the two times."),
    "awake_longer_than_night": _(
        "The minutes awake, together with those before you fell asleep, are more than the night had. Check them."
    ),
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
