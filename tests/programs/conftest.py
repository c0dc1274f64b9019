"""A library of its own for each test, with one whole reviewed programme, and that programme published."""

from __future__ import annotations

from pathlib import Path

import pytest

from programs.actions import publish
from programs.models import Revision
from tests.cast import NOW, Cast
from tests.programs.whole import loaded, shared_files, write_whole


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """The shared files of the library, and one whole reviewed programme."""
    made = shared_files(tmp_path / "shelf")
    write_whole(made)
    return made


@pytest.fixture
def edition(cast: Cast, shelf: Path) -> Revision:
    """Edition 1 of the invented programme, published."""
    revision = loaded(shelf)
    publish(revision=revision, by=cast.frida, now=NOW)
    revision.refresh_from_db()
    return revision
