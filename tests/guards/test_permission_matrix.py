"""Every address × everybody who may come × every method answers as the tables in tests/guards/matrix say.

An address without a line fails, and so does a line without an address.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator

import pytest
from django.http import HttpResponseBase
from django.test import Client, override_settings
from django.urls import clear_url_caches, reverse

from tests.guards import visits
from tests.guards.addresses import Address, addresses
from tests.guards.matrix import OURS, Row, rows
from tests.guards.source import ROOT
from tests.guards.visits import ask, client_of
from tests.guards.world import ROLES, World

REFUSED = ("OPTIONS", "POST", "PUT", "PATCH", "DELETE", "GET")
BY_NAME = {each.name: each for each in addresses()}


@pytest.fixture
def demo_addresses() -> Iterator[list[Address]]:
    """The URLconf as it is where IKBT_DEMO=1."""
    name = "ikbt_urls_of_a_demo"
    spec = importlib.util.spec_from_file_location(name, ROOT / "ikbt" / "urls.py")
    assert spec is not None
    assert spec.loader is not None
    with override_settings(DEMO=True):
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        with override_settings(ROOT_URLCONF=name):
            clear_url_caches()
            yield addresses(name)
    clear_url_caches()
    del sys.modules[name]


def cell(answer: HttpResponseBase) -> str:
    if answer.status_code in {301, 302}:
        return "in" if answer["Location"].startswith(reverse("account_login")) else "go"
    return str(answer.status_code)


def everybody(world: World) -> dict[str, Client]:
    """Return a browser for each role, signed in once: `ask` undoes whatever a visit changed."""
    return {role: client_of(world, role) for role in ROLES}


def said(row: Row, role: str, answer: HttpResponseBase) -> list[str]:
    """Return what the matrix holds against the answer."""
    got, expected = cell(answer), row.cells[role]
    return [] if got == expected else [f"{row.place} {row.label} {row.method} as {role}: {got}, not {expected}"]


def test_every_address_has_a_line_and_every_line_an_address(demo_addresses: list[Address]) -> None:
    listed = {row.name for row in rows(*OURS, "accounts", "demo")}
    there = {each.name for each in demo_addresses}
    assert {"not in the matrix": sorted(there - listed), "no address": sorted(listed - there)} == {
        "not in the matrix": [],
        "no address": [],
    }


@pytest.mark.parametrize("role", ROLES)
def test_each_address_answers_as_the_matrix_says(world: World, role: str) -> None:
    client, wrong = client_of(world, role), []
    for row in rows(*OURS, "accounts"):
        address = BY_NAME[row.name]
        url = visits.url(world, address, world.anna, variant=row.variant)
        wrong += said(row, role, ask(client, row.method, url, visits.body(world, row.name, world.anna)))
        if row.method == "GET" and row.cells[role] != "200":  # those who are let in: see below
            wrong += said(row, role, ask(client, "HEAD", url))
    assert wrong == []


def test_asking_for_the_head_answers_as_for_the_page(world: World) -> None:
    """By the first who is let in; all others stand above."""
    clients, wrong = everybody(world), []
    for row in rows(*OURS):
        role = next((role for role, expected in row.cells.items() if expected == "200"), None)
        if row.method == "GET" and role:
            wrong += said(row, role, ask(clients[role], "HEAD", visits.url(world, BY_NAME[row.name], world.anna)))
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_methods_without_a_line_are_refused(world: World, role: str) -> None:
    client, wrong = client_of(world, role), []
    taken = {(row.name, row.method) for row in rows(*OURS)}
    for name, address in BY_NAME.items():
        is_closed = address.is_ours and not hasattr(address.view, "public_because")
        for method in REFUSED:
            if not address.is_ours or (name, method) in taken:
                continue
            expected = "in" if role == "anonymous" and is_closed else "405"
            got = cell(ask(client, method, visits.url(world, address, world.anna)))
            wrong += [] if got == expected else [f"{name} {method} as {role}: {got}, not {expected}"]
    assert wrong == []


def test_closed_pages_of_allauth_stay_closed_to_every_method(world: World) -> None:
    closed = {row.name for row in rows("accounts") if row.method == "GET" and row.cells["anonymous"] == "in"}
    assert closed
    answers = {
        (name, method): cell(ask(Client(), method, visits.url(world, BY_NAME[name], world.anna)))
        for name in closed - {"account_logout"} for method in REFUSED
    }  # fmt: skip
    assert {each for each, answer in answers.items() if answer != "in"} == set()


@pytest.mark.parametrize("role", ["patient", "elsewhere"])
def test_what_is_somebody_elses_looks_like_what_does_not_exist(world: World, role: str) -> None:
    """The same status and the same number of bytes: nobody learns that Anna is a patient here."""
    client, told, asked = client_of(world, role), [], 0
    for row in rows(*OURS):
        address = BY_NAME[row.name]
        if row.cells[role] != "404" or not visits.codes_in(address):
            continue
        data = visits.body(world, row.name, world.anna)
        real = ask(client, row.method, visits.url(world, address, world.anna), data)
        none = ask(client, row.method, visits.to_nowhere(world, address, world.anna), data)
        asked += 1
        if (real.status_code, len(real.content)) != (none.status_code, len(none.content)):
            told.append(row.label)
    assert asked
    assert told == []


@pytest.mark.parametrize("role", ["therapist", "standin"])
def test_a_part_of_another_patient_is_not_found_under_this_one(world: World, role: str) -> None:
    """Both are in the therapist's care, and still Anna's answers do not stand under Erik's address."""
    client, found = client_of(world, role), []
    mixed = [row for row in rows("staff") if len(visits.codes_in(BY_NAME[row.name])) == 2]
    assert mixed
    for row in mixed:
        instead = {"code": world.erik.treatment.patient.code}
        url = visits.url(world, BY_NAME[row.name], world.anna, **instead)
        answer = ask(client, row.method, url, visits.body(world, row.name, world.anna))
        found += [row.label] if cell(answer) != "404" else []
    assert found == []


def test_codes_of_other_clinics_are_not_found_by_those_who_are_let_in_here(world: World) -> None:
    """The other way round: whoever may open Anna's pages meets nothing at Nils' addresses."""
    clients, found = everybody(world), []
    for row in rows("staff", "leads", "patients"):
        address = BY_NAME[row.name]
        of_nobody = address.route.startswith("rules/") or "browser" in address.parts
        if not visits.codes_in(address) or "absence" in address.route or of_nobody:
            continue
        for role in (role for role, expected in row.cells.items() if expected in {"200", "go"}):
            got = _at_nils(world, clients[role], row, address)
            found += [f"{row.label} as {role}: {got}"] if got != "404" else []
    assert found == []


def _at_nils(world: World, client: Client, row: Row, address: Address) -> str:
    url = visits.url(world, address, world.nils, variant=row.variant)
    return cell(ask(client, row.method, url, visits.body(world, row.name, world.nils)))


@pytest.mark.parametrize("role", ["anonymous", "own", "therapist", "admin"])
def test_a_demo_opens_two_more_addresses(world: World, demo_addresses: list[Address], role: str) -> None:
    by_name = {each.name: each for each in demo_addresses}
    client, wrong = client_of(world, role), []
    for row in rows("demo"):
        wrong += said(row, role, ask(client, row.method, visits.url(world, by_name[row.name], world.anna)))
    assert wrong == []
    assert {row.name for row in rows("demo")} == set(by_name) - set(BY_NAME)
