"""Somebody has asked to be called (pure)."""

from __future__ import annotations

from collections.abc import Mapping

from riskmonitor.rules.kinds import BadAnswer, Finding, Kind, UnknownForm, Urgency

HELP_ASKED = "call_me"
HELP_ASKED_VERSIONS = frozenset({""})  # the page stores no version of its own: its form is this rule's
FIELDS = frozenset({"phone", "words"})


def help_asked_findings(form: str, version: str, answers: Mapping[str, object]) -> list[Finding]:
    """Return one finding, urgency now: whoever asks to be called is called (architecture, section 4).

    What is written beside it changes nothing here; it is screened as all text. Raise UnknownForm for another form or
    version, BadAnswer for a field that the form does not have.
    """
    if form != HELP_ASKED or version not in HELP_ASKED_VERSIONS:
        raise UnknownForm(f"no rules for {form} version {version}")
    if not answers.keys() <= FIELDS:
        raise BadAnswer(f"{form} has no such field")
    return [Finding(Kind.HELP_ASKED, Urgency.NOW, HELP_ASKED)]
