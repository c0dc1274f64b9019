"""The throw-away database that chaos breaks things in, known by its name: elsewhere nothing here starts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from ikbt.engines import Engines
from tests.chaos.twins import Twin

NAME = "throwaway_chaos"


class NotThrowaway(SystemExit):
    """The database could be somebody's: failpoints and missing remedies stay away from it."""


def demand_throwaway() -> None:
    """Leave at once unless DATABASE_URL names the throw-away database."""
    name = urlsplit(os.environ.get("DATABASE_URL", "")).path.lstrip("/")
    if name != NAME:
        raise NotThrowaway(f"Failpoints work in the database {NAME} alone, and this one is called {name or 'nothing'}.")


def make_throwaway(pair: Engines, twin: Twin | None) -> str:
    """Make the database and return its URL. It tells when each row was committed; a twin's is careless in its way."""
    _run(pair.database_url, [f"CREATE DATABASE {NAME}", "ALTER SYSTEM SET track_commit_timestamp = on"])
    _run(pair.database_url, twin.server if twin else ())
    pair.postgres.stop("fast")
    pair.postgres.start()
    return urlunsplit(urlsplit(pair.database_url)._replace(path=f"/{NAME}"))


def without_rules(url: str, twin: Twin) -> None:
    """Take the promises out of the schema that the twin does without."""
    _run(url, twin.schema)


def _run(url: str, statements: Sequence[str]) -> None:
    connection = psycopg2.connect(url, connect_timeout=10)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()
