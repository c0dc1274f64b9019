"""Every sweep of the guard is measured at a million answers: a new one is measured, or nobody knows what it costs."""

from __future__ import annotations

from riskmonitor.watch.dead_mans_switch import Switch
from riskmonitor.watch.guard import outward_rounds, safety_rounds
from tests.bench.sweeping import SWEEPS

OTHERWISE = {
    "audit": "the switch reads what the auditor found: measured as `problems`",
    "tell_outside": "asks no rows: it calls the outside watcher with what the auditor found",
    "rescan_some": "measured at noon, as _look_back",
}


def test_every_sweep_of_the_guard_is_measured() -> None:
    switch = Switch()
    run = {each.sweep.__name__ for each in (*safety_rounds(switch), *outward_rounds(switch))}
    measured = {each.act.__name__ for each in SWEEPS}
    assert run - measured == set(OTHERWISE)
