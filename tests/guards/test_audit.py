"""No log, no data: one audit row for each request and patient shown, and nothing where the row is refused (I8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client

from clinics.audit import Did
from clinics.models import AuditEvent
from tests.guards import visits
from tests.guards.addresses import addresses
from tests.guards.matrix import OURS, Row, rows
from tests.guards.source import APPS
from tests.guards.visits import ask, client_of
from tests.guards.world import World

BY_NAME = {each.name: each for each in addresses()}
READERS = ["own", "patient", "therapist", "standin", "former", "colleague", "lead", "deputy", "elsewhere"]
UNLOGGED = {"programs_draft"}  # autosave leaves one row per draft and hour
GIVEN_BACK = {"autosave"}  # what the writer typed in another tab: the row of the draft's hour holds for it
REFUSE = """
CREATE FUNCTION refuse_the_audit_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log is full'; END $$;
CREATE TRIGGER refuse_the_audit_row BEFORE INSERT ON clinics_auditevent
    FOR EACH ROW EXECUTE FUNCTION refuse_the_audit_row();
"""


def let_in(role: str, method: str) -> Iterator[Row]:
    """Return the matrix's lines where the role gets an answer."""
    return (row for row in rows(*OURS) if row.method == method and row.cells[role] in {"200", "go"})


def visit(world: World, client: Client, row: Row) -> HttpResponseBase:
    url = visits.url(world, BY_NAME[row.name], world.anna, variant=row.variant)
    data = visits.body(world, row.name, world.anna)
    return client.post(url, data) if row.method == "POST" else client.generic(row.method, url)


def shown_in(world: World, answer: HttpResponseBase) -> set[UUID]:
    """Return the patients whose mark stands in the answer."""
    text = answer.content.decode(errors="replace")  # a PDF is no text
    return {code for code, mark in world.marks().items() if mark in text}


def logged_since(last: int) -> Counter[UUID]:
    found = AuditEvent.objects.filter(pk__gt=last, did__in=[Did.READ, Did.LISTED], patient__isnull=False)
    return Counter(found.values_list("patient", flat=True))


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("role", READERS)
def test_each_page_that_shows_a_patient_leaves_one_row(world: World, role: str) -> None:
    client, wrong, seen = client_of(world, role), [], 0
    for row in let_in(role, "GET"):
        with undone():
            last = AuditEvent.objects.latest("pk").pk
            shown, logged = shown_in(world, visit(world, client, row)), logged_since(last)
        seen += len(shown)
        unlogged, doubled = shown - set(logged), [code for code, count in logged.items() if count > 1]
        if unlogged or doubled:
            wrong.append(f"{row.label}: {len(unlogged)} shown without a row, {len(doubled)} with more than one")
    assert wrong == []
    assert seen or role in {"former", "colleague", "lead", "deputy"}, "the walk has met nobody, so it has shown nothing"


@pytest.mark.parametrize("role", READERS)
def test_a_refused_form_that_shows_a_patient_leaves_a_row_too(world: World, role: str) -> None:
    client, wrong = client_of(world, role), []
    for row in (row for row in rows(*OURS) if row.method == "POST" and row.cells[role] in {"200", "go"}):
        if row.name in GIVEN_BACK:
            continue
        with undone():
            last = AuditEvent.objects.latest("pk").pk
            answer = client.post(visits.url(world, BY_NAME[row.name], world.anna, variant=row.variant), {})
            logged = set(AuditEvent.objects.filter(pk__gt=last).values_list("patient", flat=True))
            wrong += [row.label] if shown_in(world, answer) - logged else []
    assert wrong == []


@pytest.fixture
def refused_log(world: World) -> None:
    """The database refuses every audit row from here on."""
    with connection.cursor() as cursor:
        cursor.execute(REFUSE)


@pytest.mark.parametrize("role", ["own", "therapist", "standin", "elsewhere"])
def test_a_page_whose_row_is_refused_shows_nobody(world: World, role: str) -> None:
    client = client_of(world, role)
    client.raise_request_exception = False
    showing = [row for row in let_in(role, "GET") if shown_in(world, ask_row(world, client, row))]
    assert showing
    with connection.cursor() as cursor:
        cursor.execute(REFUSE)
    for row in showing:
        answer = ask_row(world, client, row)
        assert (row.label, answer.status_code, shown_in(world, answer)) == (row.label, 500, set())


def ask_row(world: World, client: Client, row: Row) -> HttpResponseBase:
    return ask(client, row.method, visits.url(world, BY_NAME[row.name], world.anna, variant=row.variant))


@pytest.mark.parametrize("role", ["own", "therapist", "standin", "lead"])
def test_a_change_whose_row_is_refused_is_not_made(world: World, role: str, refused_log: None) -> None:
    client, before, wrong, stopped = client_of(world, role), stored(), [], 0
    client.raise_request_exception = False
    for row in let_in(role, "POST"):
        with undone():
            answer = visit(world, client, row)
            stopped += answer.status_code == 500
            wrong += [f"{row.label} {table}" for table, rows_ in stored().items() if rows_ != before[table]]
    assert wrong == []
    assert stopped


def stored() -> dict[str, str]:
    """Return what stands in each of our tables, as one hash each."""
    tables = {model._meta.db_table for app in APPS for model in apps.get_app_config(app).get_models()} - UNLOGGED
    with connection.cursor() as cursor:
        found = {}
        for table in sorted(tables):
            cursor.execute(f"SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t.id)), '') FROM {table} t")
            found[table] = cursor.fetchone()[0]
    return found


def test_a_poll_that_changed_nothing_is_empty_and_leaves_no_row(world: World) -> None:
    client = client_of(world, "therapist")
    seen = client.get("/worklist/").context["seen"]
    progress = visits.url(world, BY_NAME["report-progress"], world.anna)
    last = AuditEvent.objects.latest("pk").pk
    for url in (f"/worklist/poll/?seen={seen}", f"{progress}?seen={world.anna.report.stage}"):
        answer = client.get(url)
        assert (answer.status_code, answer.content) == (204, b"")
    assert not AuditEvent.objects.filter(pk__gt=last).exists()


def test_a_poll_that_brings_news_leaves_rows_as_the_page_does(world: World) -> None:
    client = client_of(world, "therapist")
    last = AuditEvent.objects.latest("pk").pk
    answer = client.get("/worklist/poll/?seen=another")
    assert logged_since(last) == Counter(shown_in(world, answer))
    assert shown_in(world, answer) == {each.treatment.patient.code for each in (world.anna, world.erik)}
