"""How a flag of each kind may be closed, and what the outcome asks for (architecture §4, the table of kinds). Pure."""

from __future__ import annotations

from riskmonitor.rules import Kind

# Contact outcomes: MindSpot closes only with confirmed receipt (Nielssen 2015, BMC Psychiatry).
CONTACT = ("contacted", "handed_over", "emergency")
OUTCOMES: dict[Kind, tuple[str, ...]] = {
    Kind.SUICIDE: (*CONTACT, "not_about_suicide", "asked_again"),
    Kind.HELP_ASKED: CONTACT,
    Kind.DETERIORATION: (*CONTACT, "no_contact", "active_again"),
    Kind.BREAK_OFF: (*CONTACT, "no_contact", "active_again"),
    Kind.UNSCREENABLE: (*CONTACT, "read_nothing", "not_about_suicide", "asked_again"),
    Kind.UNCOVERED: ("covered_again",),
}


def allowed_outcomes(kind: Kind, *, only_text: bool, only_answered: bool) -> tuple[str, ...]:
    """Return the outcomes that a person may choose.

    "Not about suicide" is for findings in text only, "answered when asked again" where nothing was found but missing
    items, and each of them has been answered since.
    """
    allowed = [outcome for outcome in OUTCOMES[kind] if outcome != "covered_again"]
    if not only_text and "not_about_suicide" in allowed:
        allowed.remove("not_about_suicide")
    if not only_answered and "asked_again" in allowed:
        allowed.remove("asked_again")
    return tuple(allowed)


def needs_contact(outcome: str) -> bool:
    """Tell whether the outcome needs a time of contact and a person."""
    return outcome in CONTACT
