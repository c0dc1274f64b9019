"""What every page of a patient has, walked by the permission matrix: help, a way to leave fast, and no cache."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpResponseBase

from tests.guards import visits
from tests.guards.addresses import addresses
from tests.guards.matrix import rows
from tests.guards.visits import ask, client_of
from tests.guards.world import World

HELP = b'href="/help/"'
LEAVE = b'<a href="https://www.1177.se/" rel="noreferrer" data-leave-fast>'


def pages(world: World) -> Iterator[tuple[str, HttpResponseBase]]:
    """Give every answer that the patient gets from an address of patients, with its name."""
    client, known = client_of(world, "own"), {each.name: each for each in addresses()}
    for row in rows("patients"):
        if row.method == "GET" and row.cells["own"] == "200":
            yield row.label, ask(client, "GET", visits.url(world, known[row.name], world.anna, variant=row.variant))


def without(world: World, part: bytes) -> set[str]:
    """Return the pages that do not hold `part`. A piece of a page is no page."""
    whole = {name: each.content for name, each in pages(world) if b"<html" in getattr(each, "content", b"")}
    assert len(whole) > 20
    return {name for name, content in whole.items() if part not in content}


@pytest.mark.hazard("H9b")
def test_each_page_of_a_patient_leads_to_help(world: World) -> None:
    assert without(world, HELP) == set()


@pytest.mark.hazard("H17c")
def test_one_press_leads_from_each_page_of_a_patient_to_another_site(world: World) -> None:
    assert without(world, LEAVE) == set()


@pytest.mark.hazard("H11b")
def test_no_page_of_a_patient_is_kept_by_a_cache(world: World) -> None:
    """Pieces of pages and files too."""
    kept = {name: each.headers.get("Cache-Control") for name, each in pages(world)}
    assert len(kept) > 20
    assert {name: how for name, how in kept.items() if how != "no-store, private"} == {}


def test_a_page_without_it_is_seen(world: World) -> None:
    """The red twin."""
    assert {"patient-home", "stuck"} <= without(world, b"no page holds this")
