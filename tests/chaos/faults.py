"""Faults by a plan that a seed repeats: killed processes, deploys, a broker and a database that go away or freeze."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import redis

from ikbt import processes
from ikbt.engines import Engines
from riskmonitor.watch.chain import GUARDS
from tests.chaos import failpoints
from tests.chaos.stack import Stack

HUNG_SECONDS = 7.0  # longer than any page may take: a page that waits for the broker is seen
FROZEN_SECONDS = 2.0
EVICTING_SECONDS = 2.0
OBEYED_SECONDS = 10.0
LAST_PART = 0.85  # of the time, when the last fault comes: afterwards somebody must still be sending
# How often each kind comes once every kind has had its turn.
WEIGHTS = {
    "worker killed": 6, "pool child killed": 6, "guard killed": 3, "both guards killed": 1, "beat killed": 2,
    "web killed": 2, "web deployed": 2,
    "web dies before its commit": 3, "web dies after its commit": 4, "screener dies at its claim": 4,
    "valkey flushed": 4, "valkey killed": 2, "valkey hung": 2, "valkey evicts": 2, "postgres restarted": 2,
    "postgres frozen": 2,
}  # fmt: skip


@dataclass
class Faults:
    """Does one fault after the other, and counts those that really happened."""

    stack: Stack
    engines: Engines
    happened: Counter[str] = field(default_factory=Counter)
    log: list[tuple[float, str]] = field(default_factory=list)
    hangs: list[tuple[float, float]] = field(default_factory=list)  # from when to when the broker hung

    @property
    def last_at(self) -> float:
        return self.log[-1][0] if self.log else time.time()

    def before(self, at: float) -> str:
        """Return the name of the last fault that had begun at a moment."""
        return next((name for began, name in reversed(self.log) if began <= at), "no fault")

    def kinds(self) -> dict[str, Callable[[], bool]]:
        return {
            "worker killed": lambda: self.stack.kill("worker-safety", "worker") > 0,
            "pool child killed": lambda: self.stack.kill_child("worker-safety"),
            "guard killed": lambda: self.stack.kill(GUARDS[self.happened["guard killed"] % 2]) > 0,  # in turns
            "both guards killed": lambda: self.stack.kill(*GUARDS) == 2,
            "beat killed": lambda: self.stack.kill("beat") > 0,
            "web killed": lambda: self.stack.kill("web") > 0,
            "web deployed": self.deploy_web,
            "web dies before its commit": lambda: self.die(failpoints.BEFORE_COMMIT),
            "web dies after its commit": lambda: self.die(failpoints.AFTER_COMMIT),
            "screener dies at its claim": lambda: self.die(failpoints.AT_CLAIM),
            "valkey flushed": self.flush_valkey,
            "valkey killed": self.kill_valkey,
            "valkey hung": self.hang_valkey,
            "valkey evicts": self.fill_valkey,
            "postgres restarted": self.restart_postgres,
            "postgres frozen": self.freeze_postgres,
        }

    def run(self, names: Sequence[str], seconds: float) -> None:
        """Spread the faults over the time; one that takes long does not put off the others. Each meets somebody."""
        began = time.monotonic()
        for number, name in enumerate(names, start=1):
            time.sleep(max(0.0, began + number * LAST_PART * seconds / len(names) - time.monotonic()))
            self.log.append((time.time(), name))
            self.happened[name] += self.kinds()[name]()

    def die(self, name: str) -> bool:
        return failpoints.ask(self.stack.folder, name, OBEYED_SECONDS)

    def deploy_web(self) -> bool:
        """Ask the web to leave, in the middle of a submit if there is one."""
        return self.die(failpoints.DEPLOYED) or self.stack.ask_to_leave("web")

    def flush_valkey(self) -> bool:
        with suppress(redis.RedisError), self._valkey() as server:
            return bool(server.flushall())
        return False

    def kill_valkey(self) -> bool:
        process = self.engines.valkey.process()
        killed = bool(process and process.send(signal.SIGKILL))
        time.sleep(1)
        self.engines.valkey.start()
        return killed

    def hang_valkey(self) -> bool:
        """Let it hang while the web answers: a web that starts would hide a page that waits for the broker."""
        self.stack.wait_until_it_answers("/alive/")
        process, began = self.engines.valkey.process(), time.time()
        with _stopped([process] if process else []):
            time.sleep(HUNG_SECONDS)
        self.hangs.append((began, time.time()))
        return process is not None

    def fill_valkey(self) -> bool:
        """Let it have no memory left, and throw away what it likes. Return whether it has."""
        with suppress(redis.RedisError), self._valkey() as server:
            before = int(server.info("stats")["evicted_keys"])
            for number in range(50):
                server.set(f"filler:{number}", "x" * 1000)
            try:
                server.config_set("maxmemory-policy", "allkeys-random")
                server.config_set("maxmemory", "100kb")
                time.sleep(EVICTING_SECONDS)
                return int(server.info("stats")["evicted_keys"]) > before
            finally:
                server.config_set("maxmemory", "0")
                server.config_set("maxmemory-policy", "noeviction")
        return False

    def restart_postgres(self) -> bool:
        self.engines.postgres.stop("immediate")
        self.engines.postgres.start()
        return True

    def freeze_postgres(self) -> bool:
        """Stop the server and every process of its that serves somebody."""
        frozen = processes.working_in(self.engines.postgres.folder)
        with _stopped(frozen):
            time.sleep(FROZEN_SECONDS)
        return bool(frozen)

    def _valkey(self) -> redis.Redis:
        return redis.Redis.from_url(self.engines.redis_url, socket_timeout=1)


@contextmanager
def _stopped(chosen: Iterable[processes.Process]) -> Iterator[None]:
    found = [each for each in chosen if each.send(signal.SIGSTOP)]
    try:
        yield
    finally:
        for each in found:
            with suppress(ProcessLookupError):
                os.kill(each.pid, signal.SIGCONT)


def plan(count: int, seed: int) -> list[str]:
    """Return the names of the faults: each kind once before any comes again, in an order of the seed's."""
    chance, every = random.Random(seed), list(WEIGHTS)
    more = chance.choices(every, weights=list(WEIGHTS.values()), k=max(0, count - len(every)))
    names = every[:count] + more
    chance.shuffle(names)
    return names
