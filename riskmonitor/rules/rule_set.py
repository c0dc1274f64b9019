"""One fingerprint of everything that the rules go by: what they are given, and how they are written."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from riskmonitor import lexicon
from riskmonitor.rules import alerting, break_off, deterioration, help_asked, suicide
from riskmonitor.rules.kinds import RULES_VERSION
from riskmonitor.rules.known_forms import FORMS

ROOT = Path(__file__).parents[1]
JUDGING = ("rules/*.py", "lexicon/*.py", "screening.py", "break_off_*.py")  # of this app


def rule_set_hash() -> str:
    """Return 64 hex digits that change with any threshold, range, version, phrase or line of code that judges."""
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
        code_hash(ROOT),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@cache
def code_hash(root: Path) -> str:
    """Return 64 hex digits of the modules that judge, as they are written: what a comparison does is a rule too."""
    paths = sorted(path for pattern in JUDGING for path in root.glob(pattern))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()
