"""What watches the watchers, on the real processes: each fault raises its alarm within its limit; all is quiet before.

Every story begins with a platform that is well: nothing is told, and the watcher outside hears of it. That is the other
half of the proof, since an alarm that always sounds says nothing.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest

from riskmonitor.sweeps.canaries import LIMIT
from riskmonitor.watch.chain import GUARDS, LATE
from riskmonitor.watch.dead_mans_switch import EVERY
from tests.messaging.sinks import HttpSink, http_sink
from tests.riskmonitor.test_missing_flags import DELETE
from tests.system.platform import Platform, demo_platform

pytestmark = pytest.mark.e2e
CANARY = 5  # seconds from one to the next; 300 where patients are, which a fault of this kind waits in addition
SLACK = 30  # seconds for machines that do other things at the same time
PULSE = LATE.total_seconds() + SLACK
WELL_WITHIN = 300


@dataclass
class Watched:
    """A platform, and the watcher that it knocks at."""

    platform: Platform
    outside: HttpSink

    def problems(self) -> set[str]:
        """Return what the auditor has told, as monitoring reads it."""
        asked = urllib.request.Request(
            f"{self.platform.url}/metrics/", headers={"X-Metrics-Key": self.platform.env["METRICS_KEY"]}
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return {line.split('"')[1] for line in lines if line.startswith("ikbt_chain_problem")}

    def degraded(self) -> set[str]:
        with urllib.request.urlopen(f"{self.platform.url}/ready/", timeout=10) as answer:
            return set(json.load(answer)["degraded"])

    def is_well(self) -> bool:
        return not self.problems() and not self.degraded()

    def wait_until_heard(self) -> None:
        heard = self.outside.asked
        wait(lambda: self.outside.asked > heard, EVERY.total_seconds() + SLACK)


@pytest.fixture(scope="module")
def running() -> Iterator[Watched]:
    with http_sink() as outside:
        settings = {"CANARY_SECONDS": str(CANARY), "PING_URL": f"{outside.origin}/secret"}
        with demo_platform(settings=settings) as platform:
            yield Watched(platform, outside)


@pytest.fixture
def watched(running: Watched) -> Watched:
    """The platform, well: whatever an earlier story broke is mended."""
    wait(running.is_well, WELL_WITHIN)
    return running


def wait(happened: Callable[[], bool], seconds: float) -> float:
    """Return after how many seconds it happened; fail when it has not within the limit."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        with suppress(OSError):  # a web that has just been started does not listen yet
            if happened():
                return time.monotonic() - began
        time.sleep(0.5)
    pytest.fail(f"it had not happened after {seconds:.0f} s")


def test_a_flag_that_is_deleted_by_sql_is_an_alarm_within_ninety_seconds(watched: Watched) -> None:
    """R16."""
    sql = watched.platform.sql
    ((flag, patient),) = sql(
        "SELECT id, patient_id FROM riskmonitor_flag WHERE closed_at IS NULL AND clinic_id NOT IN "
        "(SELECT id FROM clinics_clinic WHERE is_canary) ORDER BY id LIMIT 1"
    )
    sql(DELETE.format(flag) + "SELECT 1")
    wait(lambda: "missing_flags" in watched.problems(), 90)
    told = (
        f"SELECT 1 FROM riskmonitor_flag WHERE patient_id = {patient} AND kind = 'unscreenable' AND closed_at IS NULL"
    )
    wait(lambda: bool(sql(told)), 90)
    sql(
        "UPDATE riskmonitor_raisedflag SET missed_at = missed_at - interval '2 days' "
        "WHERE missed_at IS NOT NULL RETURNING 1"
    )


@pytest.mark.parametrize("fault", ["dead worker", "wrong queue"])
def test_a_worker_that_does_not_read_its_queue_is_an_alarm(watched: Watched, fault: str) -> None:
    """R18: the canary is missed; and the pulse, which comes through the same queue. A dead one, or one that listens to
    a queue of another name and looks as alive as ever."""
    stack = watched.platform.stack
    worker = stack.programs["worker-safety"]
    stack.stop("worker-safety")
    if fault == "wrong queue":
        stack.start("worker-safety", replace(worker, command=worker.command.replace("-Q safety", "-Q safty")))
    try:
        wait(lambda: "canary" in watched.problems(), CANARY + LIMIT.total_seconds() + SLACK)
        wait(lambda: "worker" in watched.degraded(), PULSE)
        ((missing,),) = watched.platform.sql(
            "SELECT missing FROM riskmonitor_canaryrun WHERE failed_at IS NOT NULL ORDER BY id DESC LIMIT 1"
        )
        assert "worker" in str(missing).split(",")
    finally:
        if fault == "wrong queue":
            stack.stop("worker-safety")
        stack.start("worker-safety")


def test_a_web_that_lets_nothing_in_is_an_alarm_for_the_canary(watched: Watched) -> None:
    """R18. The web is away for whoever reads its figures too: the rows tell."""
    stack, sql = watched.platform.stack, watched.platform.sql
    ((stopped_at,),) = sql("SELECT now()")
    failed = f"SELECT 1 FROM riskmonitor_canaryrun WHERE missing ~ '^web' AND begun_at > '{stopped_at}'"
    stack.stop("web")
    try:
        wait(lambda: bool(sql(failed)), 2 * (CANARY + LIMIT.total_seconds()) + SLACK)  # one may be under way
    finally:
        stack.start("web")


@pytest.mark.parametrize("stopped", [GUARDS, GUARDS[1:]], ids=["both", "one of the pair"])
def test_a_guard_that_is_stopped_is_an_alarm_and_the_watcher_outside_hears_nothing_more(
    watched: Watched, stopped: tuple[str, ...]
) -> None:
    """R17: silence of two intervals is what the watcher alarms at, far below five minutes."""
    watched.wait_until_heard()
    for guard in stopped:
        watched.platform.stack.stop(guard)
    try:
        wait(lambda: set(stopped) <= watched.degraded(), PULSE)
        time.sleep(1)  # one may have been on its way
        heard = watched.outside.asked
        time.sleep(2 * EVERY.total_seconds() + 5)  # whoever still knocks does so twice
        assert watched.outside.asked == heard
    finally:
        for guard in stopped:
            watched.platform.stack.start(guard)
    watched.wait_until_heard()
