"""Due rows, one per call: True means look again at once. Worker and guard run the same sweeps, at the same time."""

from __future__ import annotations

from riskmonitor.sweeps.auditing import audit_chain
from riskmonitor.sweeps.away import notice_silence
from riskmonitor.sweeps.canaries import watch_canaries
from riskmonitor.sweeps.covering import check_cover
from riskmonitor.sweeps.drafts import flag_marked_draft
from riskmonitor.sweeps.dry_runs import try_some
from riskmonitor.sweeps.escalating import escalate_one
from riskmonitor.sweeps.missing import miss_one_flag
from riskmonitor.sweeps.rescanning import rescan_some
from riskmonitor.sweeps.screening import screen_one, screen_row
from riskmonitor.sweeps.silence import check_break_off

__all__ = [
    "audit_chain",
    "check_break_off",
    "check_cover",
    "escalate_one",
    "flag_marked_draft",
    "miss_one_flag",
    "notice_silence",
    "rescan_some",
    "screen_one",
    "screen_row",
    "try_some",
    "watch_canaries",
]
