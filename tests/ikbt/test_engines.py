from __future__ import annotations

import fcntl
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psycopg2
import pytest
import redis

from ikbt import engines, processes
from ikbt.engines import THROWAWAY, valkey
from ikbt.env import ROOT, system_folder

ROOT_USER = os.geteuid() == 0
start = partial(engines.start, fsync=False)  # three times as fast, and not what is tested


@pytest.fixture
def place():
    """A short folder of this test alone: pytest's own are closed to `nobody`, who runs the engines under root."""
    with tempfile.TemporaryDirectory(prefix="ikbt-engines-", ignore_cleanup_errors=True) as name:
        if ROOT_USER:
            Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def data(place):
    folder = place / "data"
    yield folder
    engines.stop(folder)
    assert_nothing_runs_below(folder)


def assert_nothing_runs_below(folder):
    assert [each for each in processes.everyone() if any(str(folder) in part for part in each.argv)] == []


def ask(url, sql):
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


def ping(url):
    client = redis.Redis.from_url(url)
    try:
        return client.ping()
    finally:
        client.close()


def test_a_pair_answers_and_leaves_nothing_behind(place):
    with engines.throwaway(place) as pair:
        assert ask(pair.database_url, "SHOW server_version_num")[0] >= "180000"
        assert ask(pair.database_url, "SELECT lower('\u00c5'), current_database()") == ("\u00e5", "ikbt")
        assert ask(pair.database_url, "SHOW max_connections") == ("200",)
        assert ping(pair.redis_url)
    assert list(place.iterdir()) == []
    assert_nothing_runs_below(place)


def test_chaos_gets_a_pair_that_really_writes_to_disk(place):
    with engines.throwaway(place, fsync=True) as pair:
        assert ask(pair.database_url, "SHOW fsync") == ("on",)
    with engines.throwaway(place) as pair:
        assert ask(pair.database_url, "SHOW fsync") == ("off",)


def test_rows_survive_a_stop_and_the_addresses_stay(data):
    first = start(data)
    ask(first.database_url, "CREATE TABLE kept AS SELECT 7 AS seven")
    engines.stop(data)
    assert engines.running(data) is None
    second = start(data)
    assert ask(second.database_url, "SELECT seven FROM kept") == (7,)
    assert (first.database_url, first.redis_url) == (second.database_url, second.redis_url)


def test_a_killed_postgres_starts_again(data):
    pair = start(data)
    ask(pair.database_url, "CREATE TABLE kept AS SELECT 7 AS seven")
    pair.postgres.process().send(signal.SIGKILL)
    again = start(data)
    assert ask(again.database_url, "SELECT seven FROM kept") == (7,)


def test_a_killed_valkey_starts_again(data):
    pair = start(data)
    pair.valkey.process().send(signal.SIGKILL)
    assert ping(start(data).redis_url)


def test_a_hung_valkey_is_stopped(data):
    pair = start(data)
    pair.valkey.process().send(signal.SIGSTOP)
    pair.valkey.stop(seconds=5)
    assert pair.valkey.process() is None


def test_a_stale_pid_file_that_names_a_stranger_neither_stops_the_start_nor_the_stranger(data):
    pair = start(data)
    engines.stop(data)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            (pair.postgres.folder / "postmaster.pid").write_text(f"{stranger.pid}\n{pair.postgres.folder}\n1\n5432\n")
            (pair.postgres.sockets / ".s.PGSQL.5432.lock").write_text(f"{stranger.pid}\n")
            engines.stop(data)
            assert stranger.poll() is None
            assert ask(start(data).database_url, "SELECT 1") == (1,)
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_taken_port_is_exchanged_for_a_free_one(data):
    pair = start(data)
    engines.stop(data)
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind((valkey.HOST, pair.valkey.port))
        squatter.listen()
        again = start(data)
        assert again.valkey.port != pair.valkey.port
        assert ping(again.redis_url)


def test_valkey_asks_other_users_of_the_machine_for_a_password(data):
    pair = start(data)
    assert pair.valkey.password not in " ".join(pair.valkey.process().argv)
    with pytest.raises(redis.AuthenticationError):
        ping(f"redis://127.0.0.1:{pair.valkey.port}/0")
    assert stat.S_IMODE((data / "engines.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(pair.postgres.sockets.stat().st_mode) == 0o700


def test_two_pairs_run_side_by_side(place):
    with engines.throwaway(place) as one, engines.throwaway(place) as two:
        ask(one.database_url, "CREATE TABLE only_here ()")
        assert ask(two.database_url, "SELECT to_regclass('only_here')") == (None,)
        one.stop()
        assert ask(two.database_url, "SELECT 1") == (1,)
        assert ping(two.redis_url)


def test_two_starts_at_once_initialise_once(data):
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda _: start(data), range(2))
    assert one.postgres.process() == two.postgres.process()
    assert ask(one.database_url, "SELECT 1") == (1,)


def test_the_last_one_out_stops_the_pair(data):
    with engines.lease(data, fsync=False) as first:
        server = first.postgres.process()
        with engines.lease(data, fsync=False) as second:
            assert second.postgres.process() == server
        assert server.alive()
    assert not server.alive()
    assert engines.running(data) is None


def test_an_interrupted_initialisation_begins_again(data):
    data.mkdir()
    if ROOT_USER:
        data.chmod(0o711)
    (data / "postgres.new").mkdir()
    (data / "postgres.new" / "half").touch()
    assert ask(start(data).database_url, "SELECT 1") == (1,)


def test_a_folder_too_long_for_a_socket_gets_one_elsewhere(place):
    data = place / ("long" * 30)
    try:
        pair = start(data)
        assert ask(pair.database_url, "SELECT 1") == (1,)
        assert not pair.postgres.sockets.is_relative_to(data)
    finally:
        engines.stop(data)
        engines._remove(data)
    assert not pair.postgres.sockets.exists()


def test_a_home_closed_to_others_keeps_its_permissions(place):
    home = place / "home"
    home.mkdir(mode=0o700)
    before = {path: stat.S_IMODE(path.stat().st_mode) for path in (home, place, ROOT, Path(sys.prefix))}
    data = home / "project" / ".data"
    try:
        pair = start(data)
        assert ask(pair.database_url, "SELECT 1") == (1,)
        assert ping(pair.redis_url)
        assert pair.home == (system_folder(data) if ROOT_USER else data)
    finally:
        engines.stop(data)
        engines._remove(data)
    assert {path: stat.S_IMODE(path.stat().st_mode) for path in before} == before


def test_what_a_killed_process_left_is_swept_by_the_next(place):
    code = (
        "import os, sys; from pathlib import Path; from ikbt import engines\n"
        "with engines.throwaway(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(place)], cwd=ROOT, check=False)
    (left,) = place.glob(f"{THROWAWAY}*")
    assert engines.running(left) is not None
    old = time.time() - 3600
    os.utime(left, (old, old))
    with engines.throwaway(place):
        assert not left.exists()
    assert_nothing_runs_below(place)


def test_a_pair_in_use_is_not_swept(place):
    with engines.throwaway(place) as used:
        folder = next(iter(place.iterdir()))
        os.utime(folder, (0, 0))
        with engines.throwaway(place):
            assert ask(used.database_url, "SELECT 1") == (1,)


def test_given_servers_win_and_nothing_is_started(monkeypatch, data):
    monkeypatch.setenv("IKBT_DATA", str(data))
    monkeypatch.setenv("DATABASE_URL", "postgresql://given/one")
    monkeypatch.setenv("REDIS_URL", "redis://given/0")
    engines.ensure(["manage.py", "migrate"])
    assert engines.urls() == ("postgresql://given/one", "redis://given/0")
    assert not data.exists()


@pytest.mark.parametrize("argv", [["check_programs"], ["makemigrations", "--check"], ["migrate", "--help"], []])
def test_commands_without_a_database_start_nothing(monkeypatch, data, argv):
    monkeypatch.setenv("IKBT_DATA", str(data))
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    engines.ensure(["manage.py", *argv])
    assert engines.urls() == engines.NOWHERE
    assert not data.exists()


def test_a_command_has_a_pair_for_its_own_duration(place):
    data = place / "data"
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    code = (
        "import os, sys, psycopg2; from ikbt import engines; engines.ensure(['manage.py', 'migrate'])\n"
        "psycopg2.connect(os.environ['DATABASE_URL']).close(); print(os.environ['REDIS_URL'])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**environment, "IKBT_DATA": str(data)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.startswith("redis://:")
    assert (data / "postgres" / "PG_VERSION").exists()
    assert_nothing_runs_below(place)


def test_locks_are_not_inherited_by_the_servers(data):
    start(data)
    with (data / "engines.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
