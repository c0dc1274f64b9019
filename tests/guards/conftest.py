"""The small world of tests/guards/world.py, for every rule that visits pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import override_settings

from tests.cast import Cast
from tests.guards.world import LATER, NOW, World, make_world


@pytest.fixture
def world(cast: Cast) -> Iterator[World]:
    """Made on Friday morning, looked at on Friday noon. Nobody is stopped for asking often."""
    with time_machine.travel(NOW, tick=False):
        made = make_world(cast)
    with time_machine.travel(LATER, tick=False), override_settings(ACCOUNT_RATE_LIMITS=False):
        yield made
