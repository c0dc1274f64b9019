"""The real processes on throw-away engines: started again whenever they die, as the supervisor does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ikbt.engines.valkey import free_port
from ikbt.env import ROOT
from ikbt.supervision import PROGRAMS, Place, Program

RESTART_SECONDS = 0.5
READY_SECONDS = 180  # a bound for what hangs: a busy machine may need a minute
LEFT_OUT = {"mail"}  # notices are refused by a closed port, and tried for ever: one more fault


class Stack:
    """Web, workers, beat and both guards. `programs` says which are started: a red twin leaves some out.

    `through` are words between the interpreter and each program (chaos/boot.py); `restarts` says whether what died is
    started again.
    """

    def __init__(
        self,
        folder: Path,
        programs: Iterable[str] | None = None,
        *,
        env: Mapping[str, str] | None = None,
        place: Place | None = None,
        through: Sequence[str] = (),
        restarts: bool = True,
    ) -> None:
        self.folder, self.env = folder, env or os.environ
        self.through, self.starts_again = through, restarts
        self.place = place or Place(f"127.0.0.1:{free_port()}", "127.0.0.1:1", "127.0.0.1:1", str(folder))
        self.port = int(self.place.web.rpartition(":")[2])
        chosen = {p.name for p in PROGRAMS} - LEFT_OUT if programs is None else set(programs)
        self.programs = {program.name: program for program in PROGRAMS if program.name in chosen}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.restarts = 0
        self.started_at: list[tuple[str, float]] = []
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def __enter__(self) -> Stack:
        for program in self.programs.values():
            self._start(program)
        self._keeper.start()
        self.wait_until_it_answers("/ready/")
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self._keeper.join()
        for process in self.running.values():
            _signal_group(process, signal.SIGTERM)
        end = time.monotonic() + 15
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, end - time.monotonic()))
            _signal_group(process, signal.SIGKILL)
            process.wait()

    def kill(self, *names: str) -> int:
        """Kill the whole group of each program, children too, as soon as all live. Return how many there were."""
        end = time.monotonic() + 15
        while True:
            with self._lock:
                wanted = [self.running[name] for name in names if name in self.running]
                found = [process for process in wanted if process.poll() is None]
                if len(found) == len(wanted) or time.monotonic() > end:
                    for process in found:
                        _signal_group(process, signal.SIGKILL)
                    return len(found)
            time.sleep(0.1)

    def stop(self, name: str) -> None:
        """Kill the program, and do not start it again."""
        with self._lock:
            process = self.running.pop(name)
            _signal_group(process, signal.SIGKILL)
            process.wait()

    def start(self, name: str, instead: Program | None = None) -> None:
        """Start a program that was stopped, or another one in its place."""
        with self._lock:
            self._start(instead or self.programs[name])

    def kill_child(self, name: str) -> bool:
        """Kill one of the program's children, as the kernel does when memory is short; its parent lives on.

        A parent that has just started has none yet: wait for one.
        """
        end = time.monotonic() + 15
        while time.monotonic() < end:
            if children := self._children(name):
                os.kill(children[0], signal.SIGKILL)
                return True
            time.sleep(0.2)
        return False

    def _children(self, name: str) -> list[int]:
        with self._lock, suppress(KeyError, OSError):  # not running, or gone while it is asked
            parent = self.running[name].pid
            return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
        return []

    def ask_to_leave(self, name: str) -> bool:
        """Ask the program to finish what it has begun and leave, as a deploy does; it is started again."""
        with self._lock:
            process = self.running[name]
            process.send_signal(signal.SIGTERM)
        return process.returncode is None

    def _start(self, program: Program) -> None:
        argv = [sys.executable, *self.through, *program.argv(self.place)[1:]]
        self.started_at.append((program.name, time.time()))
        with (self.folder / f"{program.name}.log").open("ab") as log:
            self.running[program.name] = subprocess.Popen(
                argv, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )

    def _keep(self) -> None:
        while not self._stopping.wait(RESTART_SECONDS):
            with self._lock:
                for name, process in list(self.running.items()):
                    if process.poll() is not None and self.starts_again:
                        _signal_group(process, signal.SIGKILL)  # what a killed parent left behind
                        self._start(self.programs[name])
                        self.restarts += 1

    def wait_until_it_answers(self, path: str) -> None:
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.2)
        raise TimeoutError(f"{path} did not answer within {READY_SECONDS} seconds")


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
