"""Tell a watcher outside the house that all is well. When the word stops coming, the watcher alarms.

Whatever stops the platform stops the word too: a dead guard, a dead machine, a dead network. So nothing here tries
hard: a word that cannot be sent is a word too few, which is the point.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings

from messaging.outbound import Forbidden, NoAnswer, call
from riskmonitor.sweeps import audit_chain
from riskmonitor.watch.chain import read_chain

log = structlog.get_logger(__name__)
EVERY = timedelta(seconds=30)
AUDIT_IS_OLD = timedelta(seconds=60)


class Switch:
    """One guard's own knowledge: when its audit last counted nothing. Another guard's audit does not vouch for it."""

    def __init__(self) -> None:
        self._clean_at: datetime | None = None

    def audit(self, now: datetime) -> None:
        """Run the auditor and remember whether all was zero. An audit that throws leaves the last answer to age."""
        self._clean_at = None if audit_chain(now) else now

    def tell_outside(self, now: datetime) -> bool:
        """Knock at the watcher's address, at most once and for seconds, if all is well. Return whether it heard."""
        if not settings.PING_URL or not self._all_is_well(now):
            return False
        try:
            status = call(settings.PING_URL, method="GET", headers={}, body=b"", trusted=True)
        except (Forbidden, NoAnswer) as error:
            log.warning("ping.not_sent", error=type(error).__name__)
            return False
        if not 200 <= status < 300:
            log.warning("ping.not_sent", status=status)
        return 200 <= status < 300

    def _all_is_well(self, now: datetime) -> bool:
        """Tell whether this guard's own fresh audit was clean, and every process has been heard of and screens."""
        return self._clean_at is not None and now - self._clean_at < AUDIT_IS_OLD and read_chain().is_well
