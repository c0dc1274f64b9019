"""The answer to a question about suicide that was left out at first, and asked again by itself (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskmonitor.rules.kinds import BadAnswer, Finding
from riskmonitor.rules.known_forms import FORMS
from riskmonitor.rules.suicide import item_findings


def asked_again_findings(
    instrument_id: str, instrument_version: str, answers: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> list[Finding]:
    """Return what the answered questions ask for, by the same limits as in the whole form.

    What is still left out is no new finding: the first one stands until it is answered. Raise UnknownForm for a form
    or version without rules, BadAnswer for a value outside the range or an item that is no question about suicide.
    """
    found = item_findings(instrument_id, instrument_version, answers, before)
    if not answers.keys() <= {rule.item for rule in FORMS[instrument_id].rules}:
        raise BadAnswer(f"{instrument_id} has other answers than those that were asked for")
    return [each for each in found if each.value is not None]
