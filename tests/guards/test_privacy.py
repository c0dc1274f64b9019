"""Through a day of use no mark of a patient is in Redis, logs, mail, addresses or titles (I11)."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core import mail
from django.db import connection
from django.http import HttpResponseBase

from messaging.models import Attempt, Delivery, Notice
from messaging.sweeps import send_one
from programs.models import Draft
from riskmonitor.models import FlagFinding
from riskmonitor.sweeps import escalate_one, flag_marked_draft, screen_one
from tests.guards import visits
from tests.guards.addresses import addresses
from tests.guards.matrix import OURS, rows
from tests.guards.visits import ask, client_of
from tests.guards.world import LATER, MARK, World

BY_NAME = {each.name: each for each in addresses()}
WORKERS = ["own", "therapist", "standin", "lead"]
TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL)
RISKY = f"{MARK} jag vill inte leva längre"
TELLING = [MARK, "PHQ", "GAD", "suicid", "självmord", "depression", "Kom igång"]
Capture = Callable[..., Any]


@pytest.fixture
def valkey() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL, single_connection_client=True) as server:
        yield server


def everything_in(server: redis.Redis) -> list[bytes]:
    """Return all keys and all that stands under them, in every database of the server."""
    found: list[bytes] = []
    for number in sorted(int(name[2:]) for name in server.info("keyspace")):
        server.select(number)
        for key in server.scan_iter(count=1000):
            found += [key, *_under(server, key)]
    return found


def _under(server: redis.Redis, key: bytes) -> list[bytes]:
    match server.type(key):
        case b"string":
            return [server.get(key) or b""]
        case b"list":
            return list(server.lrange(key, 0, -1))
        case b"set":
            return list(server.smembers(key))
        case b"zset":
            return list(server.zrange(key, 0, -1))
        case b"hash":
            return [each for pair in server.hgetall(key).items() for each in pair]
        case other:
            raise ValueError(other)


def as_shown(record: logging.LogRecord) -> str:
    """Return the line as the running site would print it."""
    handler = next(each for each in logging.getLogger().handlers if _is_line(each.formatter))
    assert handler.formatter is not None
    return handler.formatter.format(record)


def _is_line(formatter: logging.Formatter | None) -> bool:
    return type(formatter).__name__ == "ProcessorFormatter"


def work_through_the_day(world: World, capture: Capture) -> list[HttpResponseBase]:
    """Visit everything as everybody who works here, post the mark in every text, and let the sweeps run."""
    answers = []
    with capture(execute=True):
        for role in WORKERS:
            client = client_of(world, role)
            for row in rows(*OURS):
                if row.cells[role] not in {"200", "go"} or row.name in {"absence-end", "ill-today"}:
                    continue
                url = visits.url(world, BY_NAME[row.name], world.anna, variant=row.variant)
                data = visits.body(world, row.name, world.anna, RISKY)
                answers.append(client.post(url, data) if row.method == "POST" else client.get(url))
    for sweep in (screen_one, escalate_one, flag_marked_draft, send_one):
        while sweep(LATER):
            pass
    return answers


def test_a_day_of_use_leaves_no_mark_outside_the_database(
    world: World,
    valkey: redis.Redis,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = work_through_the_day(world, django_capture_on_commit_callbacks)

    # The day was a real one: words were stored, found and told about.
    assert Draft.objects.filter(data__text=RISKY).exists()
    assert FlagFinding.objects.filter(phrase__gt="").exists()
    assert Delivery.objects.exclude(sent_at=None).exists()
    assert mail.outbox

    kept = everything_in(valkey)
    assert kept, "wake-ups were asked for, so the broker holds something"
    assert [each for each in kept if MARK.encode() in each] == []
    assert [line for line in map(as_shown, caplog.records) if MARK in line] == []
    for each in mail.outbox:
        assert MARK not in each.message().as_string()
    for answer in answers:
        assert MARK not in answer.request["PATH_INFO"] + answer.request["QUERY_STRING"]
        assert all(MARK not in value for _name, value in answer.items())  # Location, Content-Disposition, cookies
        assert MARK not in answer.cookies.output()


@pytest.mark.hazard("H17b")
def test_mails_and_notices_tell_neither_whom_nor_why(world: World) -> None:
    while send_one(LATER):
        pass
    assert mail.outbox
    for each in mail.outbox:
        text = f"{each.subject} {each.body}"
        assert [word for word in TELLING if word.lower() in text.lower()] == []
    for notice in Notice.objects.all():
        assert MARK not in notice.key + notice.path
    assert [each for each in Attempt.objects.all() if MARK in each.reason] == []


@pytest.mark.hazard("H17a")
@pytest.mark.parametrize("role", [*WORKERS, "anonymous", "region", "author", "admin"])
def test_titles_are_neutral(world: World, role: str) -> None:
    """A title stands in the browser's history and on a screen that others see."""
    revision = world.cast.revision
    secret = [*TELLING, *revision.title.values(), world.cast.eken.name]
    client, wrong, seen = client_of(world, role), [], 0
    for row in rows(*OURS, "accounts"):
        if row.method != "GET" or row.cells[role] != "200":
            continue
        answer = ask(client, "GET", visits.url(world, BY_NAME[row.name], world.anna, variant=row.variant))
        if not answer["Content-Type"].startswith("text/html") or b"<html" not in answer.content:
            continue
        title = html.unescape(" ".join(TITLE.findall(answer.content.decode(errors="replace").partition("<body")[0])))
        seen += 1
        told = [word for word in secret if word.lower() in title.lower()]
        wrong += [f"{row.label}: {title.strip()!r}"] if told or not title.strip() else []
    assert wrong == []
    assert seen


def test_a_row_that_breaks_leaves_none_of_its_words_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """PostgreSQL quotes what it refuses; the log says only which error, and where."""
    caplog.set_level(logging.DEBUG)
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE FUNCTION quote_the_row() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'Failing row contains (%)', NEW.text; END $$;
            CREATE TRIGGER quote_the_row BEFORE INSERT ON messaging_message
                FOR EACH ROW EXECUTE FUNCTION quote_the_row();
        """)
    client = client_of(world, "own")
    client.raise_request_exception = False
    answer = client.post("/my/messages/", visits.body(world, "messages", world.anna, RISKY))
    assert answer.status_code == 500
    assert MARK not in answer.content.decode()
    lines = [as_shown(record) for record in caplog.records if record.levelno >= logging.ERROR]
    assert [line for line in lines if MARK in line] == []
    assert [line for line in lines if "messaging/actions.py" in line and "RaiseException" in line]


def test_the_search_would_find_a_mark(valkey: redis.Redis) -> None:
    """The search itself can fail: a mark that stands somewhere is found."""
    valkey.hset("guard-of-privacy", "field", f"{MARK} here")
    try:
        assert [each for each in everything_in(valkey) if MARK.encode() in each]
    finally:
        valkey.delete("guard-of-privacy")
