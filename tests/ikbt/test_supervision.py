from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from email.message import EmailMessage
from pathlib import Path

import pytest

from ikbt import processes, running
from ikbt.engines.valkey import HOST, free_port
from ikbt.env import ROOT
from ikbt.mail_sink import Sink, page_server
from ikbt.probe import answers
from ikbt.supervision import PROGRAMS, Place, configuration

PLACE = Place(web="127.0.0.1:8000", smtp="127.0.0.1:8025", mail_page="127.0.0.1:8026", data="/d a/t%a")


@pytest.fixture
def data():
    """A folder that `nobody` can pass through, so that root's engines live in it too."""
    with tempfile.TemporaryDirectory(prefix="ikbt-run-", ignore_cleanup_errors=True) as name:
        if os.geteuid() == 0:
            Path(name).chmod(0o711)
        yield Path(name)
        running.stop_all(Path(name))
        assert below(Path(name)) == []


def below(folder):
    """All processes that a run on this folder started, its engines included."""
    named = [each for each in processes.everyone() if any(str(folder) in part for part in each.argv)]
    return named + processes.marked(running.MARK, str(folder))


class Run:
    """`manage.py run` in the background, as a script would start it: with SIGINT ignored."""

    def __init__(self, data, port):
        self.data, self.port = data, port
        self.log = (data / "said").open("w+")
        environment = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
        self.process = subprocess.Popen(
            ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "manage.py", "run", "--port", str(port)],
            cwd=ROOT,
            env={**environment, "IKBT_DATA": str(data), "IKBT_DEMO": "0", "IKBT_PLAIN_STATIC": "0"},
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def said(self):
        self.log.flush()
        return (self.data / "said").read_text()

    def wait_ready(self):
        end = time.monotonic() + 120
        while "Ready after" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.1)

    def end(self, number):
        self.process.send_signal(number)
        code = self.process.wait(60)
        self.log.close()
        return code


def supervised(data, word):
    return [each for each in processes.marked(running.MARK, str(data)) if word in " ".join(each.argv)]


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.e2e
def test_the_whole_platform_runs_restarts_what_dies_and_leaves_nothing(data):
    run = Run(data, free_port())
    try:
        run.wait_ready()
        assert answers(f"http://{HOST}:{run.port}/ready/")
        for word in ("gunicorn", "safety@", "worker@", "beat", "guard", "mail_sink"):
            assert supervised(data, word), word

        for killed in supervised(data, "mail_sink"):
            killed.send(signal.SIGKILL)
        wait_for(lambda: supervised(data, "mail_sink") and killed not in supervised(data, "mail_sink"))
    finally:
        code = run.end(signal.SIGINT)
    assert code == 0
    assert run.data.joinpath("said").read_text().rstrip().endswith("Stopped: nothing is left running.")
    assert below(data) == []


@pytest.mark.e2e
def test_a_new_run_clears_what_a_killed_one_left(data):
    first = Run(data, free_port())
    first.wait_ready()
    orphans = processes.marked(running.MARK, str(data))
    first.end(signal.SIGKILL)
    second = Run(data, first.port)
    try:
        second.wait_ready()
        assert [each for each in orphans if each.alive()] == []
    finally:
        second.end(signal.SIGTERM)
    assert below(data) == []


def test_an_interrupt_while_it_starts_leaves_nothing(data):
    run = Run(data, free_port())
    wait_for(lambda: "Starting the engines" in run.said())
    assert run.end(signal.SIGHUP) == 0
    wait_for(lambda: below(data) == [])  # a program that was ended takes a moment to end its own


def test_a_busy_port_is_a_sentence(data):
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        run = Run(data, port)
        run.process.wait(60)
    assert f"Port {port} is used by another program. Choose another one: make run PORT={port + 1}" in run.said()
    assert "Traceback" not in run.said()
    run.log.close()


def test_a_stranger_with_the_pid_of_an_earlier_run_is_left_alone(data):
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            started = processes.look(stranger.pid).started
            for record in ([stranger.pid, started, ["manage.py", "run"]], [stranger.pid, started - 1, ["sleep", "60"]]):
                (data / "run.json").write_text(json.dumps(record))
                running.clear_earlier(data, print)
                assert stranger.poll() is None
        finally:
            stranger.kill()


def test_the_configuration_is_what_supervisor_reads_back():
    parsed = configparser.RawConfigParser()
    parsed.read_string(configuration(PLACE, ROOT, Path("/d a/logs")))
    for program in PROGRAMS:
        section = parsed[f"program:{program.name}"]
        command = section["command"].replace("%%", "%")
        assert shlex.split(command)[1:] == program.argv(PLACE)[1:]
        assert not re.search(r"(?<!%)%(?!%)", section["command"].replace("%%", ""))
        assert program.name in parsed["group:ikbt"]["programs"].split(",")
        assert (section["autorestart"], section["stopasgroup"], section["killasgroup"]) == ("true",) * 3


def test_the_queues_of_the_workers_are_the_queues_of_the_routes(settings):
    listened = {queue for program in PROGRAMS for queue in re.findall(r"-Q (\S+)", program.command)}
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} | {settings.CELERY_TASK_DEFAULT_QUEUE}
    assert {name for part in listened for name in part.split(",")} == routed
    assert "safety" in listened, "safety has a worker of its own"


def test_the_mail_sink_shows_a_mail_once_and_escaped(data):
    smtp, page = free_port(), free_port()
    command = [sys.executable, "-m", "ikbt.mail_sink", "--smtp", f"{HOST}:{smtp}", "--page", f"{HOST}:{page}"]
    with subprocess.Popen(command, cwd=ROOT) as sink:
        try:
            wait_for(lambda: answers(f"http://{HOST}:{page}/"))
            message = EmailMessage()
            message["Subject"], message["From"], message["To"] = "<b>Something waits", "a@example.org", "b@example.org"
            message["Message-ID"] = "<1@example.org>"
            message.set_content("Log in & look.")
            for _copy in range(2):  # sent at least once: the copy has the same Message-ID
                with smtplib.SMTP(HOST, smtp) as server:
                    server.send_message(message)
            with urllib.request.urlopen(f"http://{HOST}:{page}/") as answer:
                shown = answer.read().decode()
        finally:
            sink.terminate()
    assert sink.returncode == 0
    assert "<h1>1 mails" in shown
    assert "&lt;b&gt;Something waits" in shown
    assert "Log in &amp; look." in shown


def test_the_mail_page_holds_no_script():
    with page_server(Sink(), HOST, 0) as server:
        assert server.server_port
    assert "<script" not in Sink().page()
