"""The project's own PostgreSQL and Valkey, for everybody who has given none (DATABASE_URL, REDIS_URL).

One pair per data folder. Whoever uses the pair holds a shared lock; the last one to leave stops it, so a command may
start the pair for itself while another one joins. Locks vanish with their process: nothing stale is ever trusted.
"""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import re
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ikbt.engines.binaries import EngineError, located
from ikbt.engines.postgres import Postgres
from ikbt.engines.valkey import Valkey, free_port, port_is_free
from ikbt.env import env, make_folder, system_folder

__all__ = ["EngineError", "Engines", "ensure", "lease", "running", "start", "stop", "throwaway", "urls"]

BOTH = frozenset({"postgres", "valkey"})
NOWHERE = ("postgresql://ikbt@127.0.0.1:1/ikbt", "redis://127.0.0.1:1/0")  # port 1: refused at once
WITHOUT_DATABASE = (
    "check check_programs check_translations collectstatic compilemessages diffsettings findstatic help "
    "makemessages makemigrations new_program run score_instrument screen_text startapp version"
)
SHORT_AND_PLAIN = re.compile(r"[\w./-]{1,85}", re.ASCII)  # a socket's path ends at 107 bytes
THROWAWAY = "ikbt-throwaway-"


@dataclass(frozen=True)
class Engines:
    """A pair, and the folder that holds its files."""

    home: Path
    postgres: Postgres
    valkey: Valkey

    @property
    def database_url(self) -> str:
        return self.postgres.url

    @property
    def redis_url(self) -> str:
        return self.valkey.url

    def stop(self, mode: str = "fast") -> None:
        self.valkey.stop()
        self.postgres.stop(mode)


def urls() -> tuple[str, str]:
    """Return (DATABASE_URL, REDIS_URL): the given ones, else those of our pair. Starts nothing, creates nothing."""
    state = _state(env.data_folder())
    database, broker = (state["database_url"], state["redis_url"]) if state else NOWHERE
    return env.secret("DATABASE_URL", default=database), env.secret("REDIS_URL", default=broker)


def start(data: Path, *, fsync: bool = True, only: frozenset[str] = BOTH) -> Engines:
    """Start the pair of a data folder, or find it running; return when both answer."""
    make_folder(data)
    with _alone(data):
        return _start(data, fsync, only)


def stop(data: Path) -> None:
    """Stop the pair of a data folder, whoever uses it."""
    if (data / "engines.json").is_file():
        with _alone(data):
            _engines(data, fsync=True).stop()


def running(data: Path) -> Engines | None:
    """Return the pair of a data folder if at least one of the two runs."""
    if not _state(data):
        return None
    engines = _engines(data, fsync=True)
    return engines if engines.postgres.process() or engines.valkey.process() else None


@contextmanager
def lease(data: Path, *, fsync: bool = True, only: frozenset[str] = BOTH) -> Iterator[Engines]:
    """Use the pair of a data folder: join it or start it; stop it if nobody else uses it at the end."""
    make_folder(data)
    with (data / "engines.users").open("w") as users:
        try:
            with _alone(data):
                fcntl.flock(users, fcntl.LOCK_SH)
                engines = _start(data, fsync, only)
            yield engines
        finally:
            with _alone(data), suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_UN)
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _engines(data, fsync).stop()


@contextmanager
def throwaway(folder: Path | None = None, *, fsync: bool = False) -> Iterator[Engines]:
    """Give a new pair in a temporary folder (inside `folder`, if given); afterwards nothing of it is left."""
    place = Path(folder or tempfile.gettempdir())
    _sweep(place)
    data = Path(tempfile.mkdtemp(prefix=THROWAWAY, dir=place))
    if os.geteuid() == 0:
        data.chmod(0o711)  # ours, made a line ago: `nobody` must pass through
    try:
        with lease(data, fsync=fsync) as engines:
            yield engines
    finally:
        _remove(data)


def ensure(argv: Sequence[str]) -> None:
    """Give the command in argv what it needs until it ends: join the running pair, or start one. EngineError if not.

    What runs is told to Django, and to child processes, through DATABASE_URL and REDIS_URL.
    """
    command = argv[1] if len(argv) > 1 else "help"
    given = {"postgres": env.given("DATABASE_URL"), "valkey": env.given("REDIS_URL")}
    missing = frozenset(name for name in BOTH if not given[name])
    if command in WITHOUT_DATABASE.split() or not missing or {"-h", "--help", "--version"} & set(argv):
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))
    use = lease(env.data_folder(), only=missing)
    engines = use.__enter__()
    atexit.register(use.__exit__, None, None, None)
    if "postgres" in missing:
        os.environ["DATABASE_URL"] = engines.database_url
    if "valkey" in missing:
        os.environ["REDIS_URL"] = engines.redis_url


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the data folder: two commands at once must not both initialise, nor one start while another stops."""
    with (data / "engines.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(data: Path, fsync: bool, only: frozenset[str]) -> Engines:
    fresh = not _state(data)
    engines = _engines(data, fsync)
    if fresh:
        engines.stop()  # its password and socket are forgotten with the state file: start it anew
    make_folder(engines.home)
    for folder in (engines.postgres.sockets, engines.valkey.folder):
        engines.postgres.binaries.own(folder)
    if "postgres" in only:
        engines.postgres.start()
    if "valkey" in only:
        engines = _start_valkey(data, engines)
    return engines


def _start_valkey(data: Path, engines: Engines) -> Engines:
    """Start Valkey on the port chosen once, and on another one if somebody has taken that."""
    for attempt in range(5):
        if engines.valkey.process() or port_is_free(engines.valkey.port):
            try:
                engines.valkey.start()
            except EngineError:
                if attempt == 4 or engines.valkey.process():
                    raise
            else:
                return engines
        _write(data, {**_state(data), "port": str(free_port())})
        engines = _engines(data, engines.postgres.fsync)
    raise EngineError("No free port was found for Valkey.")


def _engines(data: Path, fsync: bool) -> Engines:
    """Return the pair that belongs to a data folder; what has to be chosen is chosen once and written down."""
    binaries = located()
    state = _state(data)
    if not state:
        home = data if binaries.reaches(data) else system_folder(data)
        state = {"home": str(home), "port": str(free_port()), "password": secrets.token_urlsafe(24), "sockets": ""}
    home = Path(state["home"])
    if not state["sockets"] or not Path(state["sockets"]).is_dir():
        state["sockets"] = str(_sockets(home))
    engines = Engines(
        home=home,
        postgres=Postgres(binaries, home / "postgres", Path(state["sockets"]), fsync),
        valkey=Valkey(binaries, home / "valkey", int(state["port"]), state["password"]),
    )
    _write(data, {**state, "database_url": engines.database_url, "redis_url": engines.redis_url})
    return engines


def _sockets(home: Path) -> Path:
    folder = home / "sockets"
    return folder if SHORT_AND_PLAIN.fullmatch(str(folder)) else Path(tempfile.mkdtemp(prefix="ikbt-"))


def _state(data: Path) -> dict[str, str]:
    try:
        state: dict[str, str] = json.loads((data / "engines.json").read_text())
    except (OSError, ValueError):
        return {}
    return state


def _write(data: Path, state: dict[str, str]) -> None:
    if state == _state(data):
        return
    draft = data / f".engines.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(state, indent=1))
    draft.rename(data / "engines.json")


def _sweep(place: Path) -> None:
    """Remove throw-away pairs whose process was killed: nobody holds their lock any more."""
    for data in place.glob(f"{THROWAWAY}*"):
        with suppress(OSError):
            if data.stat().st_uid != os.geteuid() or time.time() - data.stat().st_mtime < 60:
                continue
            with (data / "engines.users").open("w") as users:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop(data)
                _remove(data)


def _remove(data: Path) -> None:
    """Remove a throw-away pair's folders: its data, and what had to be put elsewhere."""
    state = _state(data)
    for folder in (state.get("sockets"), state.get("home"), data):
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
