"""Visit every state of every plan, in Python and in SPIN, and print how many there were: `python -m tests.model`.

Ends with 1 when a promise is broken or when the two do not agree.
"""

from __future__ import annotations

import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from riskmonitor.escalation.next_step import next_step
from tests.model.plans_under_test import PLANS
from tests.model.promela import HOLD, MUST_FAIL, Spin, missing
from tests.model.promises import PROMISES, broken
from tests.model.world import Graph, World, explore


def main() -> int:
    lacking, errors = missing(), 0
    print(f"{len(PROMISES)} promises, {len(HOLD)} formulas that must hold and {len(MUST_FAIL)} that must not")
    print(f"{'plan':16} {'states':>8} {'events':>9} {'errors':>6} {'SPIN states':>11} {'errors':>6} {'seconds':>7}")
    with ProcessPoolExecutor(max_workers=2) as processes:
        for line, wrong in processes.map(looked_at, PLANS):
            print(line, flush=True)
            errors += wrong
    if lacking:
        print(f"SPIN was not run: {lacking} is not installed.")
    return 1 if errors else 0


def looked_at(name: str) -> tuple[str, int]:
    """Return what is printed about one plan, and how many errors it has."""
    began = time.perf_counter()
    world = World(PLANS[name], next_step)
    graph = explore(world)
    events, found = sum(map(len, graph.values())), broken(world, graph)
    states, wrong = ("-", 0) if missing() else spin(world, graph)
    took = time.perf_counter() - began
    said = f"{name:16} {len(graph):8} {events:9} {len(found):6} {states:>11} {wrong:6} {took:7.1f}"
    examples = [f"    {promise}: {example}" for promise, those in found.items() for example in those]
    return "\n".join([said, *examples]), len(found) + wrong


def spin(world: World, graph: Graph) -> tuple[str, int]:
    """Return SPIN's number of states and how much it found; another number of states than Python's is an error too."""
    with tempfile.TemporaryDirectory() as safe, tempfile.TemporaryDirectory() as live:
        seen = Spin(world, graph, Path(safe)).safety()
        formulas = Spin(world, graph, Path(live), live=True)
        wrong = sum(bool(formulas.formula(name).errors) for name in HOLD)
        wrong += sum(not formulas.formula(name).errors for name in MUST_FAIL)
    return str(seen.states), seen.errors + wrong + (seen.states != len(graph))


if __name__ == "__main__":
    sys.exit(main())
