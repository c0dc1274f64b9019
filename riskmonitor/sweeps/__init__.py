"""Due rows. A sweep that takes one per call returns True for look again at once; the others return what they found.

Worker and guard run the same sweeps, at the same time, but for those that watch: `audit_chain`, the canaries' and
`rescan_some` are the guard's alone. `try_some` is the worker's alone: nobody's safety waits for it.
"""

from __future__ import annotations

from riskmonitor.sweeps.auditing import audit_chain
from riskmonitor.sweeps.away import notice_silence
from riskmonitor.sweeps.break_off import check_break_off
from riskmonitor.sweeps.canaries import carry_canary, watch_canaries
from riskmonitor.sweeps.covering import check_cover
from riskmonitor.sweeps.drafts import flag_marked_draft
from riskmonitor.sweeps.dry_runs import try_some
from riskmonitor.sweeps.escalating import escalate_one
from riskmonitor.sweeps.leaving import end_due_membership, end_left_access
from riskmonitor.sweeps.missing import miss_flags
from riskmonitor.sweeps.reminding import remind_due
from riskmonitor.sweeps.rescanning import rescan_some
from riskmonitor.sweeps.screening import screen_one, screen_row

__all__ = [
    "audit_chain",
    "carry_canary",
    "check_break_off",
    "check_cover",
    "end_due_membership",
    "end_left_access",
    "escalate_one",
    "flag_marked_draft",
    "miss_flags",
    "notice_silence",
    "remind_due",
    "rescan_some",
    "screen_one",
    "screen_row",
    "try_some",
    "watch_canaries",
]
