"""One fingerprint of everything that the rules go by (pure)."""

from __future__ import annotations

import hashlib

from riskmonitor import lexicon
from riskmonitor.rules import alerting, break_off, deterioration, help_asked, suicide
from riskmonitor.rules.kinds import RULES_VERSION
from riskmonitor.rules.known_forms import FORMS


def rule_set_hash() -> str:
    """Return 64 hex digits that change with any threshold, range, version or phrase: stored with each screening."""
    forms = [(name, sorted(form.versions), form.thresholds) for name, form in sorted(FORMS.items())]
    follow_up = (sorted(suicide.FOLLOW_UP_VERSIONS), sorted(suicide.FOLLOW_UP_ALARMS.items()))
    parts = (
        RULES_VERSION,
        forms,
        follow_up,
        sorted(help_asked.HELP_ASKED_VERSIONS),
        deterioration.SLOW_SHARE,
        break_off.thresholds(),
        alerting.REALERT_AFTER,
        lexicon.lexicon_hash(),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()
