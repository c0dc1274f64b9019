"""One PostgreSQL server on a folder and a Unix socket: initialise, start, stop, and survive what was left behind."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2

from ikbt import processes
from ikbt.engines.binaries import Binaries, EngineError

PORT = 5432  # names the socket file; nothing listens on the network
NAME = "ikbt"  # role and database


@dataclass(frozen=True)
class Postgres:
    """A server on `folder`; `sockets` is closed to other users, so that `trust` lets in only the owner and root."""

    binaries: Binaries
    folder: Path
    sockets: Path
    fsync: bool = True

    @property
    def url(self) -> str:
        return self._url(NAME)

    def process(self) -> processes.Process | None:
        """Return the running server of exactly this folder."""
        return processes.running_with("postgres", "-D", str(self.folder))

    def ready(self) -> bool:
        """Return whether it answers. `pg_ctl status` would also say yes to the zombie of a killed server."""
        try:
            self._run("pg_isready", "-q", "-h", self.sockets, "-p", PORT, "-d", "postgres")
        except EngineError:
            return False
        return True

    def start(self) -> None:
        """Initialise if need be, start, and wait until it answers; nothing happens if it does already."""
        if not (self.process() and self.ready()):
            self._initialise()
            if self.process() is None:
                self._clear_stale()
            self._launch()
        self._create_database()

    def stop(self, mode: str = "fast") -> None:
        """Stop by pg_ctl (`smart`, `fast` or `immediate`), but only the server that is truly ours."""
        server = self.process()
        if server is None:
            return
        with contextlib.suppress(EngineError):  # it may leave between the question and the order
            self._run("pg_ctl", "-D", self.folder, "-w", "-t", 60, "-m", mode, "stop")
        if not processes.wait_until_gone([server], 5):
            raise EngineError(f"PostgreSQL (pid {server.pid}) does not stop; its log is {self.folder / 'log'}.")

    def _launch(self) -> None:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "port": PORT,
            "max_connections": 200,
            "fsync": "on" if self.fsync else "off",
            "full_page_writes": "on" if self.fsync else "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        words = " ".join(f"-c {name}={shlex.quote(str(value))}" for name, value in options.items())
        if self.process() is None:
            self._run("pg_ctl", "-D", self.folder, "-w", "-t", 120, "-l", self.folder / "log", "-o", words, "start")
        end = time.monotonic() + 120
        while not self.ready():  # recovering, or started by another process a moment ago
            if time.monotonic() > end or self.process() is None:
                raise EngineError(f"PostgreSQL does not answer; its log is {self.folder / 'log'}.")
            time.sleep(0.1)

    def _initialise(self) -> None:
        written_by = self.folder / "PG_VERSION"
        if written_by.is_file():
            return
        draft = self.folder.with_name(f"{self.folder.name}.new")  # left by an interrupted start: begin again
        shutil.rmtree(draft, ignore_errors=True)
        self.binaries.own(draft)
        locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        careless = () if self.fsync else ("--no-sync",)
        self._run("initdb", "-D", draft, "-U", NAME, "--auth=trust", *locale, *careless)
        if self.folder.exists():
            self.folder.rmdir()
        draft.rename(self.folder)

    def _clear_stale(self) -> None:
        """Remove the marks of a server that is gone, so that a pid now used by somebody else does not stop the start.

        1. Children of a killed server leave by themselves; wait for them, they still share its memory.
        2. Its zombie keeps the pid for a moment: PostgreSQL would take it for a running server.
        3. What is left belongs to another program, and says nothing about our data.
        """
        processes.wait_until_gone(processes.working_in(self.folder), 30)
        for mark in (self.folder / "postmaster.pid", self.sockets / f".s.PGSQL.{PORT}.lock"):
            try:
                pid = int(mark.read_text().split()[0])
            except (OSError, ValueError, IndexError):
                continue
            end = time.monotonic() + 10
            while processes.exists(pid) and processes.look(pid) is None and time.monotonic() < end:
                time.sleep(0.05)
            if processes.exists(pid):
                mark.unlink(missing_ok=True)

    def _create_database(self) -> None:
        connection = psycopg2.connect(self._url("postgres"), connect_timeout=10)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {NAME}")
        finally:
            connection.close()

    def _url(self, database: str) -> str:
        return f"postgresql://{NAME}@{quote(str(self.sockets), safe='')}:{PORT}/{database}"

    def _run(self, program: str, *arguments: object) -> None:
        self.binaries.run(self.binaries.postgres / program, *arguments)
