"""With worker, guard and Valkey dead, the therapist still sees what was marked, and that texts are not being read."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from programs.shipped import instruments
from riskmonitor.models import Flag, Heartbeat
from riskmonitor.watch import wakeup
from tests.cast import NOW, Cast

ZEROS = {str(item): "0" for item in range(1, 10)} | {"form_version": instruments()["phq9"].version}


@pytest.mark.hazard("H2f")
def test_the_flag_is_in_the_list_and_a_red_bar_tells_that_text_screening_is_late(
    cast: Cast, client: Client, settings, monkeypatch
) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"  # nobody listens there
    monkeypatch.setattr(wakeup, "breaker", wakeup.Breaker())
    wakeup._connection.__dict__.clear()
    with time_machine.travel(NOW, tick=False):
        client.force_login(cast.anna)
        assert client.post("/my/measures/phq9/", ZEROS | {"9": "2"}).status_code == 302
        assert client.post("/my/messages/", {"text": "Jag orkar inte leva."}).status_code == 302
        client.force_login(cast.berit)
        page = client.get("/worklist/").content.decode()
        assert "PHQ-9 fråga 9 = 2" in page
        assert RED_BAR not in page
    with time_machine.travel(NOW + timedelta(seconds=31), tick=False):
        page = client.get("/worklist/").content.decode()
    assert "PHQ-9 fråga 9 = 2" in page
    assert RED_BAR in page
    assert Flag.objects.get().findings.get().item == "9"  # the text waits: nobody has screened it
    assert not Heartbeat.objects.exists()
    wakeup._connection.__dict__.clear()


RED_BAR = "Granskningen av texter är sen."
