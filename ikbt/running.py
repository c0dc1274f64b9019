"""`make run`: engines, then the platform's processes under one supervisor, until somebody says stop.

Django is not needed here: what needs it (migrations, programmes, demo, static files) is one command of its own,
`manage.py prepare`, run when the engines answer.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from ikbt import engines, processes
from ikbt.engines.valkey import free_port, port_is_free
from ikbt.env import ROOT, env, make_folder
from ikbt.supervision import Place, configuration

Say = Callable[[str], None]
MARK = "IKBT_RUN"  # in the environment of all that a run starts; its value is the data folder
HOST = "127.0.0.1"
READY_SECONDS = 180
CAST = """  patients    Anna (treated by Berit), Erik (has an open flag)
  therapists  Berit, Cecilia (covers for Berit), David (alone at Linden)
  others      Lena (leads Eken), Omar (region), Frida (author), Greta (administrator)"""


class RunError(Exception):
    """The platform cannot run here and now; the text is one plain sentence."""


class Interrupted(Exception):
    """Somebody asked us to stop."""


def run(data: Path, port: int, say: Say) -> None:
    """Run the platform until INT, TERM or HUP; then nothing of it is left. RunError or EngineError if it cannot."""
    began = time.monotonic()
    make_folder(data)
    try:
        with interruptible():
            clear_earlier(data, say)
            if not port_is_free(port):
                raise RunError(f"Port {port} is used by another program. Choose another one: make run PORT={port + 1}")
            remember(data)
            missing = frozenset(
                name for name, url in (("postgres", "DATABASE_URL"), ("valkey", "REDIS_URL")) if not env.given(url)
            )
            say("Starting the engines …" if missing else "Using the given servers …")
            with engines.lease(data, only=missing) as pair:
                place = choose_place(data, port)
                supervise(place, environment(place, pair, missing), say, began)
    except Interrupted:
        say("Stopped: nothing is left running.")
    finally:
        (data / "run.json").unlink(missing_ok=True)


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn INT, TERM and HUP into Interrupted, once: later ones wait for the orderly end.

    Handlers are set also where SIGINT came in ignored, as in a background job of a script.
    """
    chosen = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for each in chosen:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted

    for each in chosen:
        signal.signal(each, interrupt)
    yield


def clear_earlier(data: Path, say: Say) -> None:
    """End an earlier run on the same data folder: politely if it lives, and what it left behind if it was killed."""
    earlier = remembered(data)
    if earlier and earlier.pid != os.getpid() and earlier.alive():
        say("Stopping the earlier run …")
        earlier.send(signal.SIGTERM)
        if not processes.wait_until_gone([earlier], 60):
            raise RunError(f"The earlier run (pid {earlier.pid}) does not stop.")
    processes.stop(processes.marked(MARK, str(data)), 15)


def remember(data: Path) -> None:
    """Write down who we are: pid, start time and command line."""
    me = processes.look(os.getpid())
    if me is None:
        raise RunError("The process table cannot be read: /proc is needed.")
    (data / "run.json").write_text(json.dumps([me.pid, me.started, me.argv]))


def remembered(data: Path) -> processes.Process | None:
    """Return the process that wrote itself down last, dead or alive."""
    try:
        pid, started, argv = json.loads((data / "run.json").read_text())
    except (OSError, ValueError):
        return None
    return processes.Process(pid, started, tuple(argv))


def choose_place(data: Path, port: int) -> Place:
    """Return the addresses of this run: the mail sink's usual ports, or free ones if these are taken."""
    smtp, page = (usual if port_is_free(usual) else free_port() for usual in (8025, 8026))
    return Place(web=f"{HOST}:{port}", smtp=f"{HOST}:{smtp}", mail_page=f"{HOST}:{page}", data=str(data))


def environment(place: Place, pair: engines.Engines, missing: frozenset[str]) -> dict[str, str]:
    """Return what each process is told. Given values win, except those that say where this run is."""
    usual = {
        "IKBT_ENV": "local",
        "IKBT_DEMO": "1",
        "IKBT_VERSION": "dev",
        "IKBT_URL": f"http://{place.web}",
        "SECRET_KEY": env.kept_secret("SECRET_KEY"),
        "METRICS_KEY": env.kept_secret("METRICS_KEY"),
    }
    host, _colon, smtp = place.smtp.rpartition(":")
    if not env.given("EMAIL_HOST"):
        usual |= {"EMAIL_HOST": host, "EMAIL_PORT": smtp}
    ours = {"IKBT_DATA": place.data, "PORT": place.web.rpartition(":")[2], "DEBUG": "0", MARK: place.data}
    if "postgres" in missing:
        ours["DATABASE_URL"] = pair.database_url
    if "valkey" in missing:
        ours["REDIS_URL"] = pair.redis_url
    return {**os.environ, **{name: env.secret(name, value) for name, value in usual.items()}, **ours}


def supervise(place: Place, told: dict[str, str], say: Say, began: float) -> None:
    """Prepare, start all processes, say where they are, and wait. However this ends, they are stopped."""
    data = Path(place.data)
    logs = data / "logs"
    logs.mkdir(exist_ok=True, mode=0o700)
    try:
        quiet = {**told, "LOG_LEVEL": "WARNING"}
        if subprocess.run([sys.executable, ROOT / "manage.py", "prepare"], env=quiet, check=False).returncode:
            raise RunError("The platform could not be prepared: the reason stands above.")
        say("Starting web, workers, beat, guards and mail sink …")
        (data / "supervisor.conf").write_text(configuration(place, ROOT, logs))
        with (logs / "supervisor.err").open("w") as complaints:
            supervisor = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "-c", str(data / "supervisor.conf")],
                env=told,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                start_new_session=True,  # Ctrl-C is for us, who then stop it in order
            )
        await_ready(place, supervisor, logs)
        say(f"Ready after {time.monotonic() - began:.0f} seconds.\n\n  http://{place.web}/\n")
        if told["IKBT_DEMO"] in ("1", "true"):
            say(f"Sign in there with one click as\n{CAST}")
        say(f"Mails: http://{place.mail_page}/   Logs: {logs}   Stop: Ctrl-C")
        supervisor.wait()
        raise RunError(f"The supervisor ended by itself; its log is {logs / 'supervisor.log'}.")
    finally:
        stop_all(data)


def stop_all(data: Path) -> None:
    """Stop the supervisor, which stops its processes in order; then whatever still carries our mark."""
    started = processes.marked(MARK, str(data))
    processes.stop([each for each in started if "supervisor.supervisord" in each.argv], 30)
    processes.stop(processes.marked(MARK, str(data)), 10)


def await_ready(place: Place, supervisor: subprocess.Popen[bytes], logs: Path) -> None:
    """Wait until the pages answer."""
    end = time.monotonic() + READY_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://{place.web}/ready/", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        if supervisor.poll() is not None:
            raise RunError(f"The supervisor does not start; see {logs / 'supervisor.err'}.")
        if time.monotonic() > end:
            last = (logs / "web.log").read_text(errors="replace").splitlines()[-15:]
            raise RunError("The pages do not answer. The web process says:\n" + "\n".join(last))
        time.sleep(0.2)
