"""One Valkey server on a folder and a loopback port, behind a password of its own."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from ikbt import processes
from ikbt.engines.binaries import Binaries, EngineError

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Valkey:
    """A server on `folder`. Other users of the machine can reach the port, hence the password (never in an argv)."""

    binaries: Binaries
    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def process(self) -> processes.Process | None:
        """Return the running server of exactly this folder."""
        return processes.running_with("valkey-server", "--dir", str(self.folder))

    def ready(self) -> bool:
        """Return whether it answers with data; the wrong password (somebody else's server) counts as no."""
        client = redis.Redis.from_url(self.url, socket_timeout=1, socket_connect_timeout=1)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def start(self) -> None:
        """Start it and wait until it answers; nothing happens if it does already."""
        if self.process() is None:
            self.binaries.run(*self._command(), stdin=f"requirepass {self.password}\n")
        end = time.monotonic() + 30
        while not self.ready():
            if time.monotonic() > end or self.process() is None:
                raise EngineError(f"Valkey does not answer on port {self.port}; its log is {self.folder / 'log'}.")
            time.sleep(0.02)

    def stop(self, seconds: float = 10) -> None:
        """Ask it to write its file and leave; kill it if it does not. Only the server that is truly ours."""
        server = self.process()
        if server is not None:
            processes.stop([server], seconds)

    def _command(self) -> list[object]:
        options = {
            "bind": HOST,
            "port": self.port,
            "dir": self.folder,
            "logfile": self.folder / "log",
            "save": "",
            "appendonly": "yes",
            "maxmemory-policy": "noeviction",
            "daemonize": "yes",
            "set-proc-title": "no",  # the command line is how we know our own server
        }
        return [self.binaries.valkey, "-", *(part for name, value in options.items() for part in (f"--{name}", value))]


def port_is_free(port: int) -> bool:
    """Return whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
    return True


def free_port() -> int:
    """Return a loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
