"""Faults by a plan that a seed repeats: killed groups, and a broker and a database that go away."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import redis

from ikbt.engines import Engines
from tests.chaos.stack import Stack

HUNG_SECONDS = 2.0


@dataclass
class Faults:
    """Does one fault after the other, and counts those that really happened."""

    stack: Stack
    engines: Engines
    happened: Counter[str] = field(default_factory=Counter)
    last_at: float = 0.0

    def kinds(self) -> dict[str, Callable[[], bool]]:
        return {
            "worker killed": lambda: self.stack.kill("worker-safety", "worker") > 0,
            "guard killed": lambda: self.stack.kill("guard") > 0,
            "beat killed": lambda: self.stack.kill("beat") > 0,
            "web killed": lambda: self.stack.kill("web") > 0,
            "valkey flushed": self.flush_valkey,
            "valkey killed": self.kill_valkey,
            "valkey hung": self.hang_valkey,
            "postgres restarted": self.restart_postgres,
        }

    def run(self, names: Sequence[str], seconds: float) -> None:
        """Spread the faults over the time."""
        for name in names:
            time.sleep(seconds / len(names))
            if self.kinds()[name]():
                self.happened[name] += 1
            self.last_at = time.time()

    def flush_valkey(self) -> bool:
        with suppress(redis.RedisError), redis.Redis.from_url(self.engines.redis_url, socket_timeout=1) as server:
            return bool(server.flushall())
        return False

    def kill_valkey(self) -> bool:
        process = self.engines.valkey.process()
        killed = bool(process and process.send(signal.SIGKILL))
        time.sleep(1)
        self.engines.valkey.start()
        return killed

    def hang_valkey(self) -> bool:
        process = self.engines.valkey.process()
        if process is None:
            return False
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(HUNG_SECONDS)
        os.kill(process.pid, signal.SIGCONT)
        return True

    def restart_postgres(self) -> bool:
        self.engines.postgres.stop("immediate")
        self.engines.postgres.start()
        return True


def plan(count: int, seed: int) -> list[str]:
    """Return the names of the faults: each kind at least once, workers most often, in an order of the seed's."""
    every = ["worker killed", "guard killed", "beat killed", "web killed"]
    every += ["valkey flushed", "valkey killed", "valkey hung", "postgres restarted"]
    chance = random.Random(seed)
    more = chance.choices(every, weights=[6, 3, 2, 1, 3, 1, 2, 1], k=max(0, count - len(every)))
    names = every[:count] + more
    chance.shuffle(names)
    return names
