from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.system.browser import chromium
from tests.system.platform import Platform, demo_platform


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """The whole platform with the demo region, shared by the stories of a run."""
    with demo_platform() as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed")
    with chromium() as running:
        yield running
