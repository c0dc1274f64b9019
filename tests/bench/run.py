"""The order of measuring: the small database, its questions, the weight, the large database, then files and texts."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone

from tests.bench.cases import Visitors, cases
from tests.bench.library import handled
from tests.bench.measuring import WARM_UP, Timed, questions, time_all
from tests.bench.paper import drawn
from tests.bench.population import fill
from tests.bench.report import Figures, Large
from tests.bench.speed import seconds_of_submits
from tests.bench.sweeping import swept, work_off
from tests.bench.texts import screened
from tests.bench.weight import first_visit
from tests.bench.world import Ward, make_one, make_world


def everything(rounds: int, began: float) -> Figures:
    """Measure all of it. `began` is the monotonic second at which the bench started."""
    few_rounds = max(1, rounds // 3)
    world = make_world(timezone.now(), rounds + few_rounds + 2 * WARM_UP)
    visitors = Visitors()
    measured = cases(world, visitors)
    timed = time_all(measured, rounds)
    asked = [questions(case) for case in measured]
    weights = {
        "patient's home": first_visit(visitors.get(world.usual.patient.user, reverse("patient-home"))().content),
        "work list": first_visit(visitors.get(world.fifty.therapist, reverse("worklist"))().content),
    }
    submits = seconds_of_submits(world.crowd.treatments, timezone.now())
    large = filled_and_swept(world.one)
    again = time_all(measured, few_rounds)
    books, libraries = drawn(world.one, timezone.now()), handled(timezone.now())
    texts = screened()
    return Figures(timed, again, asked, submits, large, weights, books, libraries, texts, time.monotonic() - began)


def filled_and_swept(ward: Ward) -> Large:
    """Fill the database with years, and run every sweep in it, when what the pages have left due is done."""
    began, now = time.monotonic(), timezone.now()
    rows = fill(ward, now)
    filling = time.monotonic() - began
    work_off(now)
    return Large(rows, filling, swept(now))


def only_pages(names: Sequence[str], rounds: int) -> list[Timed]:
    """Time the named cases alone, in the small database."""
    found = cases(make_world(timezone.now(), rounds + WARM_UP), Visitors())
    return time_all([case for case in found if case.name in names], rounds)


def only_sweeps() -> Large:
    return filled_and_swept(make_one(timezone.now()))


def questions_of(name: str) -> str:
    """Return what the named case asks, with one row and with many, as a list to read."""
    found = [case for case in cases(make_world(timezone.now(), WARM_UP), Visitors()) if case.name == name]
    lines = []
    for case in found:
        asked = questions(case)
        for label, statements in (("one row", asked.few), ("many rows", asked.many)):
            lines += [f"{case.name}, {label}: {len(statements)}", *statements, ""]
    return "\n".join(lines) or f"No case is called {name}."
