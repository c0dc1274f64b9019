from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import namedtuple

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clinics.crisis import numbers_unchecked
from ikbt.engines.valkey import free_port
from ikbt.env import ROOT
from ikbt.probe import answers
from riskmonitor.watch.chain import beat

Disk = namedtuple("Disk", "total used free")


def doctor(capsys):
    try:
        call_command("doctor")
    except SystemExit as ended:
        code = ended.code
    else:
        code = 0
    return capsys.readouterr().out, code


@pytest.mark.django_db
def test_a_sound_installation_has_nothing_broken(capsys):
    said, code = doctor(capsys)
    assert code == 0, said
    assert "PostgreSQL 18" in said
    assert "All migrations are applied." in said
    assert "Valkey answers." in said
    assert "The worker is not running: heard of never." in said


@pytest.mark.django_db
def test_a_living_guard_is_seen(capsys):
    beat("guard")
    assert "The guard is running." in doctor(capsys)[0]
    call_command("pulse", "guard")
    assert re.search(r"guard was heard of \d s ago", capsys.readouterr().out)
    with pytest.raises(CommandError, match="worker is missed: heard of never"):
        call_command("pulse", "worker")


@pytest.mark.django_db
def test_a_silent_guard_is_missed(capsys):
    beat("guard")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE riskmonitor_heartbeat SET beat_at = beat_at - interval '5 minutes'")
    assert re.search(r"The guard is not running: heard of 30\d seconds ago", doctor(capsys)[0])


@pytest.mark.django_db
def test_a_missing_migration_is_broken(capsys):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    said, code = doctor(capsys)
    assert "BROKEN 1 migrations are not applied" in said
    assert code == 1


@pytest.mark.django_db
def test_what_only_tests_need_is_a_note(capsys, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    said, code = doctor(capsys)
    assert "note   chromium is missing, which only the browser stories (make e2e) needs." in said
    assert code == 0


@pytest.mark.hazard("H10c")
@pytest.mark.django_db
def test_crisis_numbers_that_nobody_rang_are_told(capsys):
    assert f"note   {numbers_unchecked()} crisis numbers were never rung" in doctor(capsys)[0]


@pytest.mark.django_db
def test_a_full_disk_is_broken(capsys, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Disk(100, 99, 10**8))
    said, code = doctor(capsys)
    assert "BROKEN 0.1 GB are free" in said
    assert code == 1


def test_a_dead_database_and_broker_are_sentences_not_tracebacks():
    nobody = free_port()
    ended = subprocess.run(
        [sys.executable, "manage.py", "doctor"],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": f"postgresql://a@127.0.0.1:{nobody}/a",
            "REDIS_URL": f"redis://127.0.0.1:{nobody}/0",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "BROKEN The database does not answer" in ended.stdout
    assert "note   Valkey does not answer" in ended.stdout
    assert "Traceback" not in ended.stderr


def test_a_probe_of_nothing_says_no():
    assert not answers(f"http://127.0.0.1:{free_port()}/")


def test_a_skipped_test_fails_the_run_where_everything_must_be_there(tmp_path):
    (tmp_path / "test_it.py").write_text("import pytest\n\n\ndef test_it():\n    pytest.skip('spin is missing')\n")
    codes = {}
    for demanded in ("0", "1"):
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "--rootdir", ROOT, "-c",
             ROOT / "pyproject.toml", "--confcutdir", ROOT, "-p", "tests.conftest", tmp_path / "test_it.py"],
            cwd=ROOT,
            env={**os.environ, "IKBT_NO_SKIPS": demanded},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        codes[demanded] = ended.returncode
        last = ended.stdout.rstrip().splitlines()[-1]
        assert last == "1 skipped (spin is missing: 1). The rest: make e2e, make chaos.", ended.stdout
    assert codes == {"0": 0, "1": 1}
