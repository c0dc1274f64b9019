"""How long a library takes to check and to load: the shipped one, and one of eleven programmes made of it."""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice
from pathlib import Path

from django.db import transaction

from programs.actions import load_library
from programs.library_format.parse_programme import FILE
from programs.library_format.report import check_library
from programs.shipped import LIBRARY

PROGRAMMES = 11  # what the region's programme asks for
SLOWEST_CHECK, SLOWEST_LOAD = 20.0, 10.0  # seconds for all of them (issue: the engine, "must show")


@dataclass(frozen=True)
class Handled:
    """One library: loading includes the check that comes before it. Seconds."""

    programmes: int
    modules: int
    checking: float
    loading: float


def handled(now: datetime) -> list[Handled]:
    """Return the figures of the shipped library and of one with eleven programmes. Nothing stays in the database."""
    with tempfile.TemporaryDirectory(prefix="ikbt-library-") as folder:
        return [_handled(LIBRARY, now), _handled(_of_eleven(Path(folder) / "library"), now)]


def _handled(library: Path, now: datetime) -> Handled:
    began = time.perf_counter()
    report = check_library(library)
    checked = time.perf_counter()
    with transaction.atomic():
        load_library(library=library, now=now)
        transaction.set_rollback(True)
    loaded = time.perf_counter()
    modules = sum(len(modules) for programme in report.programmes for modules in programme.texts.values())
    return Handled(len(report.programmes), modules, checked - began, loaded - checked)


def _of_eleven(library: Path) -> Path:
    """Copy the shipped library, and its programmes under further names until there are eleven."""
    shutil.copytree(LIBRARY, library)
    shipped = sorted(file.parent for file in library.glob(f"*/{FILE}"))
    for number, source in enumerate(islice(cycle(shipped), PROGRAMMES - len(shipped))):
        slug = f"{source.name}-{number}"
        copy = shutil.copytree(source, library / slug)
        facts = (copy / FILE).read_text(encoding="utf-8")
        (copy / FILE).write_text(facts.replace(f"slug: {source.name}\n", f"slug: {slug}\n", 1), encoding="utf-8")
    return library
