"""For whom the shipped programmes are written."""

from __future__ import annotations

import pytest
import yaml

from programs.shipped import LIBRARY

PROGRAMMES = sorted(LIBRARY.glob("*/programme.yaml"))


@pytest.mark.hazard("H16b")
@pytest.mark.parametrize("file", PROGRAMMES, ids=lambda file: file.parent.name)
def test_each_shipped_programme_is_for_adults(file) -> None:
    audience = yaml.safe_load(file.read_text())["audience"]
    assert (audience["track"], audience["age_min"] >= 18) == ("adult", True)


def test_there_are_programmes_to_look_at() -> None:
    assert len(PROGRAMMES) >= 11
