"""Who can have an account at all."""

from __future__ import annotations

import pytest

from clinics.models import Role


@pytest.mark.hazard("H16a")
def test_nobody_signs_in_as_a_guardian() -> None:
    """A guardian's page must be built with what a young patient may keep to themselves; until then there is none."""
    assert set(Role.values) == {"therapist", "lead", "deputy", "region", "author", "administrator"}
