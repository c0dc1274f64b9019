"""For twelve months after the end the patient can read everything and write nothing; on day 366 it is closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from messaging.models import Message
from programs.actions import end_treatment, send_module, send_tool_entry
from programs.models import Draft, Step, Submission, Treatment
from tests.cast import NOW, Cast

DAY = timedelta(days=1)
ENDS = [
    datetime(2026, 11, 20, 12, 0, tzinfo=UTC),  # winter to winter, two clock changes between
    datetime(2027, 3, 28, 0, 30, tzinfo=UTC),  # half an hour before the clock is put forward
    datetime(2027, 10, 31, 0, 30, tzinfo=UTC),  # half an hour before it is put back, 29 February 2028 ahead
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC),  # on a leap day
]


@pytest.fixture
def step(cast: Cast) -> Step:
    found = cast.annas.steps.select_related("module__revision", "treatment__patient__user").get(module__number=1)
    send_module(step=found, answers={"tanke": "Mina ord"}, key=uuid4(), by=cast.anna, now=NOW)
    entry: dict[str, object] = {"activity": "Gick ut", "mood": 5}
    send_tool_entry(treatment=cast.annas, tool="mood_log", entry=entry, key=uuid4(), by=cast.anna, now=NOW)
    return found


def pages(step: Step) -> dict[str, str]:
    """Return each page that stays readable, with something that must stand on it."""
    return {
        reverse("patient-home"): "Din behandling är avslutad",
        reverse("plan"): "Ett första steg",
        reverse("module-page", args=[step.code, "forsta"]): "Mina ord",
        reverse("module-short", args=[step.code]): "Ett steg.",
        reverse("module-receipt", args=[step.code]): "Din behandling är avslutad",
        reverse("tools"): "Min dag",
        reverse("tool", args=["mood_log"]): "Gick ut",
        reverse("messages"): "Din behandling är avslutad",
        reverse("stuck"): "Din behandling är avslutad",
    }


@pytest.mark.parametrize("end", ENDS, ids=str)
def test_all_of_it_is_readable_to_the_last_day_and_closed_the_day_after(
    client: Client, cast: Cast, step: Step, end: datetime
) -> None:
    end_treatment(treatment=Treatment.objects.get(pk=cast.annas.pk), by=cast.berit, now=end)
    for now in (end, end + 365 * DAY):
        with time_machine.travel(now, tick=False):
            client.force_login(cast.anna)
            for url, words in pages(step).items():
                answer = client.get(url)
                assert answer.status_code == 200, url
                assert words in answer.content.decode(), url
    with time_machine.travel(end + 365 * DAY + timedelta(seconds=1), tick=False):
        client.force_login(cast.anna)
        found = {url: client.get(url).status_code for url in pages(step)}
        assert found.pop(reverse("patient-home")) == 200
        assert set(found.values()) == {404}
        shown = client.get(reverse("patient-home")).content.decode()
        assert "året då du kunde läsa här är slut" in shown
        assert "har inte börjat" not in shown


def test_nothing_can_be_written_and_the_page_says_so_kindly(client: Client, cast: Cast, step: Step) -> None:
    end_treatment(treatment=Treatment.objects.get(pk=cast.annas.pk), by=cast.berit, now=NOW)
    before = Submission.objects.count(), Message.objects.count(), Draft.objects.exclude(form_key="message").count()
    posts: dict[str, dict[str, str]] = {
        reverse("module-page", args=[step.code, "forsta"]): {"q_tanke": "Nya ord"},
        reverse("module-send", args=[step.code]): {},
        reverse("tool", args=["mood_log"]): {"activity": "Nya ord", "mood": "5"},
        reverse("stuck"): {"reason": "time", "words": "Nya ord"},
        reverse("messages"): {"text": "Nya ord"},
    }
    with time_machine.travel(NOW + DAY, tick=False):
        client.force_login(cast.anna)
        for url, data in posts.items():
            shown = client.post(url, data).content.decode()
            assert "Din behandling är avslutad" in shown, url
            assert not data or "Nya ord" in shown, url
        for key in (f"page:{step.code}:forsta", "tool:mood_log", "message", "stuck"):
            assert client.post(reverse("autosave", args=[key]), {"text": "Nya ord", "version": "0"}).status_code == 404
    assert (
        Submission.objects.count(),
        Message.objects.count(),
        Draft.objects.exclude(form_key="message").count(),
    ) == before
