"""Wait for what is on its way, print the figures, and say what must not be."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from tests.chaos.faults import Faults
from tests.chaos.ledger import Ledger, read_ledger, unscreened, untold
from tests.chaos.load import Outcome, Submit, Try
from tests.chaos.twins import Twin

AFTER_LAST_FAULT = 60.0
ENOUGH_RECEIPTS = 0.95
LONGEST_SUBMIT = 5.0  # a hang, not a speed: a page that waits for a broker takes longer


@dataclass(frozen=True)
class Run:
    """What was sent, what was to be broken, and what came of it."""

    submits: list[Submit]
    names: Sequence[str]
    outcome: Outcome
    faults: Faults


def judge(run: Run, twin: Twin | None) -> int:
    """Return 0 when nothing was lost, doubled or invented; of a red twin, when what it lacks was seen to be missed."""
    ledger = _settled(run, AFTER_LAST_FAULT / 3 if twin else AFTER_LAST_FAULT)
    outcome, happened = run.outcome, run.faults.happened
    print(f"submits {len(run.submits)}, receipts {len(outcome.receipts)}, tried again {outcome.retries}")
    print(f"faults {happened.total()}: " + ", ".join(f"{name} {count}" for name, count in sorted(happened.items())))
    print(f"processes started again {run.faults.stack.restarts}")
    print(f"submit s: {quantiles(outcome.seconds)}; text sent to flag committed s: {quantiles(ledger.waits)}")
    slow = Counter(waited_for(run))
    if slow:
        print(f"submits of more than {LONGEST_SUBMIT} s: {dict(slow)}")
    meanwhile = asked_while_it_hung(run)
    if run.faults.hangs:
        print(f"asked while valkey hung: {len(meanwhile)}, s: {quantiles([each.seconds for each in meanwhile])}")
    waited = time.time() - run.faults.last_at
    print(f"{waited:.0f} s after the last fault: lost {ledger.lost}, doubled {ledger.doubled}, ghost {ledger.ghost}")
    seen = {
        "lost": ledger.lost, "doubled": ledger.doubled, "ghost": ledger.ghost, "unstored": ledger.unstored,
        "hung": sum(each.seconds > LONGEST_SUBMIT or (each.status or 0) >= 500 for each in meanwhile),
        "hangs that nobody met": int(bool(run.faults.hangs) and not meanwhile),
        "unanswered": max(0, round(ENOUGH_RECEIPTS * len(run.submits)) - len(outcome.receipts)),
        "untold": untold(outcome.answered) if twin else 0,  # whoever is killed tells nobody: deploys alone must not
        "faults that did not happen": 0 if twin else len(run.names) - happened.total(),
    }  # fmt: skip
    if twin:
        return _judge_twin(twin, seen[twin.shows])
    failures = [f"{name}: {count}" for name, count in seen.items() if count]
    print("\n".join(f"FAILED: {failure}" for failure in failures) or "nothing lost")
    return int(bool(failures))


def _judge_twin(twin: Twin, found: int) -> int:
    as_it_must = bool(found) is not twin.is_whole
    said = f"{'with' if twin.is_whole else 'without'} {twin.missing}: {twin.shows} {found}"
    print(said + ", as it must" * as_it_must)
    if not as_it_must:
        did = "the faults do the harm with it too" if twin.is_whole else "the red twin did as well without it"
        print(f"FAILED: {did}: the test proves nothing")
    return int(not as_it_must)


def asked_while_it_hung(run: Run) -> list[Try]:
    """Return every try that was asked while the broker hung and the web was up: none may wait for it, or break.

    With or without a receipt. After other faults a page may wait, for its process or for the database.
    """
    return [each for each in run.outcome.tries if any(began <= each.asked <= end for began, end in run.faults.hangs)]


def waited_for(run: Run) -> Iterator[str]:
    """Yield for each slow submit what it may have waited for: its web to start, or whatever the last fault was."""
    starts = [at for name, at in run.faults.stack.started_at if name == "web"]
    answers = sorted(at for at, _seconds in run.outcome.ended)
    for at, seconds in run.outcome.ended:
        if seconds <= LONGEST_SUBMIT:
            continue
        asked, started = at - seconds, max(each for each in starts if each <= at)
        awake = any(started <= answer <= asked for answer in answers)
        yield f"after {run.faults.before(asked)}" if awake else "while the web started"


def _settled(run: Run, seconds: float) -> Ledger:
    """Read the ledger as soon as every text has its flag, at the latest so long after the last fault."""
    connection.close()  # the one that set things up was cut off with the first restart
    while unscreened(run.submits, run.outcome.receipts) and time.time() < run.faults.last_at + seconds:
        time.sleep(0.5)
    time.sleep(1)  # the second net may be looking at the last one: what it doubles must be seen
    return read_ledger(run.submits, run.outcome.receipts)


def quantiles(values: Sequence[float]) -> str:
    ordered = sorted(values)
    if not ordered:
        return "none"
    parts = {f"p{q}": ordered[min(len(ordered) - 1, len(ordered) * q // 100)] for q in (50, 95, 99)}
    return " ".join(f"{name} {value:.2f}" for name, value in parts.items()) + f" max {ordered[-1]:.2f}"
