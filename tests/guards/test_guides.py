"""What the guides for therapists and clinics must never leave out."""

from __future__ import annotations

import pytest

from .source import ROOT


@pytest.mark.hazard("H8b")
@pytest.mark.parametrize("guide", ["guide-therapist-sv.md", "guide-clinic-sv.md"])
def test_each_guide_says_that_nobody_watches_when_the_clinic_is_closed(guide: str) -> None:
    text = " ".join((ROOT / "docs" / guide).read_text().split())
    assert "**Ingen bevakar plattformen när ni har stängt.**" in text
    assert "öppettid" in text
