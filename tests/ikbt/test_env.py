from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from ikbt.env import ROOT, Env, SettingError, make_folder, system_folder


@pytest.fixture
def env(tmp_path, monkeypatch):
    for name in ("COLOUR", "COLOUR_FILE"):
        monkeypatch.delenv(name, raising=False)
    return Env(tmp_path / ".env")


def test_a_missing_variable_is_said_by_name(env):
    with pytest.raises(SettingError, match=r"COLOUR is not set: export it, or write it in \.env"):
        env.text("COLOUR")


def test_an_empty_variable_counts_as_missing(env, monkeypatch):
    monkeypatch.setenv("COLOUR", "")
    assert env.text("COLOUR", "blue") == "blue"


def test_the_environment_wins_over_the_file(env, monkeypatch):
    env.file.write_text("# colours\n\nexport COLOUR='red'\n")
    assert env.text("COLOUR") == "red"
    monkeypatch.setenv("COLOUR", "green")
    assert env.text("COLOUR") == "green"


@pytest.mark.parametrize(
    ("line", "value"),
    [("red  # a warm one", "red"), ("'red # kept'", "red # kept"), ("http://x/#top", "http://x/#top"), ("", "blue")],
)
def test_a_comment_may_follow_a_value(env, line, value):
    env.file.write_text(f"COLOUR={line}\nOTHER=   # nothing\n")
    assert env.text("COLOUR", "blue") == value
    assert not env.given("OTHER")


def test_a_broken_file_names_its_line(env):
    env.file.write_text("A=1\nCOLOUR red\n")
    with pytest.raises(SettingError, match="line 2 is not of the form NAME=value"):
        env.text("COLOUR")


@pytest.mark.parametrize(("written", "value"), [("1", True), ("true", True), ("False", False), ("0", False)])
def test_a_flag_is_one_of_four_words(env, monkeypatch, written, value):
    monkeypatch.setenv("COLOUR", written)
    assert env.flag("COLOUR", default=not value) is value


@pytest.mark.parametrize("written", ["yes", "on", "2", "Sant"])
def test_any_other_flag_stops_the_program(env, monkeypatch, written):
    monkeypatch.setenv("COLOUR", written)
    with pytest.raises(SettingError, match="COLOUR must be 0, 1, true or false"):
        env.flag("COLOUR", default=False)


def test_a_number_is_whole_or_refused(env, monkeypatch):
    assert env.number("COLOUR", default=7) == 7
    monkeypatch.setenv("COLOUR", "8k")
    with pytest.raises(SettingError, match="must be a whole number, not '8k'"):
        env.number("COLOUR", default=7)


def test_a_listing_is_split_at_commas(env, monkeypatch):
    monkeypatch.setenv("COLOUR", " red, ,blue ,")
    assert env.listing("COLOUR", default=[]) == ["red", "blue"]
    monkeypatch.delenv("COLOUR")
    assert env.listing("COLOUR", default=["a", "b"]) == ["a", "b"]


def test_a_secret_is_read_from_a_file(env, monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("hush\n")
    monkeypatch.setenv("COLOUR_FILE", str(tmp_path / "secret"))
    assert env.secret("COLOUR") == "hush"
    assert env.given("COLOUR")


@pytest.mark.parametrize("content", [None, "", b"\xff\xfe"])
def test_a_secret_file_that_says_nothing_stops_the_program(env, monkeypatch, tmp_path, content):
    if content is not None:
        (tmp_path / "secret").write_bytes(content.encode() if isinstance(content, str) else content)
    monkeypatch.setenv("COLOUR_FILE", str(tmp_path / "secret"))
    with pytest.raises(SettingError, match="COLOUR_FILE points at"):
        env.secret("COLOUR", default="open")


def test_a_kept_secret_is_made_once_and_only_its_owner_reads_it(env, monkeypatch, tmp_path):
    monkeypatch.setenv("IKBT_DATA", str(tmp_path / "data"))
    made = env.kept_secret("COLOUR")
    assert len(made) > 50
    assert env.kept_secret("COLOUR") == made
    assert stat.S_IMODE((tmp_path / "data" / "colour").stat().st_mode) == 0o600


def test_a_data_folder_that_cannot_be_is_a_sentence(env, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("IKBT_DATA", str(tmp_path / "file" / "data"))
    with pytest.raises(SettingError, match="cannot be used: Not a directory"):
        env.kept_secret("COLOUR")


def test_folders_are_made_closed_and_existing_ones_keep_their_permissions(monkeypatch, tmp_path):
    (tmp_path / "mine").mkdir(mode=0o750)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    make_folder(tmp_path / "mine" / "new")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    make_folder(tmp_path / "mine" / "of" / "root")
    modes = {
        name: oct(stat.S_IMODE((tmp_path / "mine" / name).stat().st_mode)) for name in (".", "new", "of", "of/root")
    }
    assert modes == {".": "0o750", "new": "0o700", "of": "0o711", "of/root": "0o711"}


def test_the_data_folder_follows_the_user(env, monkeypatch, tmp_path):
    monkeypatch.delenv("IKBT_DATA")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert env.data_folder() == system_folder()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert env.data_folder() == ROOT / ".data"
    monkeypatch.setenv("IKBT_DATA", str(tmp_path))
    assert env.data_folder() == tmp_path


def test_a_bad_setting_ends_a_command_with_one_sentence():
    ended = subprocess.run(
        [sys.executable, ROOT / "manage.py", "check"],
        env={**os.environ, "DEBUG": "maybe"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == "DEBUG must be 0, 1, true or false, not 'maybe'.\n"
