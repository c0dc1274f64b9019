"""The whole platform on throw-away engines, with the demo region: what `make run` gives, without its terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ikbt import engines
from ikbt.engines import Engines
from ikbt.engines.valkey import free_port
from ikbt.env import ROOT
from ikbt.supervision import PROGRAMS, Place
from tests.chaos.stack import Stack
from tests.throwaway import SETTINGS


@dataclass
class Platform:
    """Where it answers, and what it runs on."""

    url: str
    mails: str
    env: dict[str, str]
    engines: Engines
    stack: Stack

    def manage(self, *arguments: str) -> str:
        """Run a management command on the platform's database and return what it printed."""
        return _manage(self.env, *arguments)

    def sql(self, query: str) -> list[tuple[object, ...]]:
        """Ask the platform's database, past the application."""
        import psycopg2

        connection = psycopg2.connect(self.env["DATABASE_URL"])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query)
                return list(cursor.fetchall())
        finally:
            connection.close()


@contextmanager
def demo_platform(
    programs: Sequence[str] | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Platform]:
    """Give the platform with its demo region, and with settings beside the usual ones; nothing is left afterwards."""
    with ExitStack() as rest:
        folder = Path(rest.enter_context(tempfile.TemporaryDirectory(prefix="ikbt-system-")))
        pair = rest.enter_context(engines.throwaway())
        web, smtp, mails = (f"127.0.0.1:{free_port()}" for _ in range(3))
        env = os.environ | SETTINGS | {
            "IKBT_ENV_FILE": os.devnull, "IKBT_DATA": str(folder), "IKBT_DEMO": "1", "IKBT_PLAIN_STATIC": "0",
            "DATABASE_URL": pair.database_url, "REDIS_URL": pair.redis_url, "IKBT_URL": f"http://{web}",
            "EMAIL_PORT": smtp.rpartition(":")[2], "DJANGO_SETTINGS_MODULE": "ikbt.settings", "LOG_LEVEL": "ERROR",
        } | (settings or {})  # fmt: skip
        (folder / "static").mkdir()
        _manage(env, "prepare")
        names = [program.name for program in PROGRAMS] if programs is None else programs
        stack = rest.enter_context(Stack(folder, names, env=env, place=Place(web, smtp, mails, str(folder))))
        yield Platform(f"http://{web}", f"http://{mails}", env, pair, stack)


def _manage(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout
