from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from ikbt.env import ROOT, read_file
from ikbt.supervision import PROGRAMS, VARIABLES, Place

INSIDE = Place(web="0.0.0.0:8000", smtp="0.0.0.0:8025", mail_page="0.0.0.0:8026", data="/data")
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
ASKED = re.compile(r'(?:env|self)\.(?:text|secret|flag|number|listing|kept_secret|given)\(\s*"([A-Z_]+)"')
GIVEN_BY_HAND = {"IKBT_URL", "ALLOWED_HOSTS", "SECRET_KEY", "METRICS_KEY", "DATABASE_PASSWORD", "VALKEY_PASSWORD"}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_container_runs_the_supervised_command(program):
    service = SERVICES[program.name]
    assert shlex.split(service["command"]) == program.argv(INSIDE)
    assert service["stop_grace_period"] == f"{program.patience}s"


def test_there_is_no_other_container_than_the_engines_and_the_first_step():
    assert SERVICES.keys() - {program.name for program in PROGRAMS} == {"prepare", "postgres", "valkey"}


@pytest.mark.parametrize("name", [program.name for program in PROGRAMS] + ["prepare"])
def test_a_container_is_told_what_a_supervised_process_is_told(name):
    told = SERVICES[name]["environment"].keys()
    assert told == {*VARIABLES, "ALLOWED_HOSTS"}, "on one machine the default hosts are right"


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"prepare"}))
def test_each_container_says_how_it_is(name):
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_the_engines_have_the_pinned_versions():
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert SERVICES["valkey"]["image"] == "valkey/valkey:9"


def test_the_example_names_each_variable_that_is_read():
    source = "".join(path.read_text() for path in (ROOT / "ikbt").rglob("*.py"))
    named = read_file(ROOT / ".env.example").keys()
    assert set(ASKED.findall(source)) | GIVEN_BY_HAND <= named
    assert named <= set(ASKED.findall(source)) | GIVEN_BY_HAND


def compose_config(home: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Let docker-compose read the file with the given variables and no others."""
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is missing")
    file = str(ROOT / "docker-compose.yml")
    return subprocess.run(
        ["docker-compose", "-f", file, "--project-directory", str(home), "config", "-q"],
        env={"PATH": os.environ["PATH"], "HOME": str(home), **given},
        capture_output=True,
        text=True,
        check=False,
    )


def test_compose_itself_accepts_the_file(tmp_path):
    given = dict.fromkeys(GIVEN_BY_HAND, "given")
    ended = compose_config(tmp_path, **given)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_compose_refuses_to_start_without_its_secrets(tmp_path):
    ended = compose_config(tmp_path)
    assert ended.returncode != 0
    assert "the public address" in ended.stderr
