"""Processes of this machine, each known by pid, start time and command line together (Linux: read from /proc).

A pid alone may belong to somebody else by the time it is used; the three together do not.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """One living process. `started` is counted in clock ticks since the machine started."""

    pid: int
    started: int
    argv: tuple[str, ...]

    def alive(self) -> bool:
        """Return whether this very process still runs (a zombie does not)."""
        return look(self.pid) == self

    def send(self, number: int) -> bool:
        """Send a signal if the pid still belongs to this process; return whether it was sent."""
        if not self.alive():
            return False
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True


def look(pid: int) -> Process | None:
    """Return the living process with this pid; None if there is none, it is a zombie, or we may not see it."""
    try:
        stat = (PROC / str(pid) / "stat").read_text(errors="replace")
        line = (PROC / str(pid) / "cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    argv = tuple(part.decode(errors="replace") for part in line.rstrip(b"\0").split(b"\0"))
    return None if fields[0] in "ZX" else Process(pid, int(fields[19]), argv)


def exists(pid: int) -> bool:
    """Return whether the pid is taken, also by a zombie: PostgreSQL sees no difference."""
    return (PROC / str(pid)).exists()


def everyone() -> Iterator[Process]:
    """Yield each process that we can see."""
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (process := look(int(folder.name))):
            yield process


def running_with(program: str, *arguments: str) -> Process | None:
    """Return the process of this program whose command line has these arguments side by side."""
    for process in everyone():
        pairs = zip(*(process.argv[start:] for start in range(len(arguments))), strict=False)
        if Path(process.argv[0]).name == program and arguments in pairs:
            return process
    return None


def marked(name: str, value: str) -> list[Process]:
    """Return the processes that were started with this environment variable, except ourselves."""
    mark = f"{name}={value}".encode()
    found = []
    for process in everyone():
        try:
            environment = (PROC / str(process.pid) / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if mark in environment and process.pid != os.getpid():
            found.append(process)
    return found


def working_in(folder: Path) -> list[Process]:
    """Return the processes whose working folder this is: the children of a killed PostgreSQL stand in its data."""
    found = []
    for process in everyone():
        try:
            if os.readlink(PROC / str(process.pid) / "cwd") == str(folder):
                found.append(process)
        except OSError:
            continue
    return found


def wait_until_gone(processes: Iterable[Process], seconds: float) -> bool:
    """Wait until none of them lives; return False when the time is up."""
    waiting, end = list(processes), time.monotonic() + seconds
    while waiting := [process for process in waiting if process.alive()]:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def stop(processes: Iterable[Process], seconds: float, first: int = signal.SIGTERM) -> None:
    """Ask them to leave, wait, and kill those that are left. SIGCONT lets a stopped process hear the request."""
    chosen = list(processes)
    for process in chosen:
        process.send(first)
        process.send(signal.SIGCONT)
    if not wait_until_gone(chosen, seconds):
        for process in chosen:
            process.send(signal.SIGKILL)
        wait_until_gone(chosen, 5)
