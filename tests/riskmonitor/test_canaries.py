"""Two patients who are nobody test the chain, alternating; each broken link is seen in time; nobody counts them."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from clinics.models import Clinic, Patient, User
from followup.figures import count_flags, count_treatments
from ikbt.casework.caseload import Tab, read_caseload
from messaging.models import Attempt, Delivery, Message
from messaging.sweeps import send_one
from riskmonitor import break_off_signs, tasks
from riskmonitor.actions import climbing, prepare_canaries
from riskmonitor.models import CanaryRun, Flag
from riskmonitor.sweeps import audit_chain, check_cover, screen_one, watch_canaries
from riskmonitor.sweeps.canaries import LIMIT, SLOW_GUARD
from riskmonitor.unanswered import _sent
from riskmonitor.watch.chain import warnings
from tests.cast import NOW, Cast
from tests.riskmonitor.canary_runs import EVERY, SECOND, begin, round_trip, sweep, worker_reads


def test_a_whole_chain_passes_and_leaves_nothing_open(
    canaries: Clinic, woken, django_capture_on_commit_callbacks
) -> None:
    run = round_trip(NOW, django_capture_on_commit_callbacks, woken)
    assert run.passed_at == NOW + 3 * SECOND
    assert run.web_at == NOW
    assert not Flag.objects.open().exists()
    assert audit_chain(NOW + 4 * SECOND) == {}
    assert "canary" not in warnings(NOW)


def test_the_two_write_in_turns_at_the_interval(canaries: Clinic, woken, django_capture_on_commit_callbacks) -> None:
    runs = [round_trip(NOW + turn * EVERY, django_capture_on_commit_callbacks, woken) for turn in range(3)]
    watch_canaries(NOW + 2 * EVERY + 4 * SECOND)  # not due yet
    assert CanaryRun.objects.count() == 3
    first, second, third = (run.treatment_id for run in runs)
    assert first == third != second


@pytest.mark.parametrize(
    ("fault", "missing"),
    [
        ("screening", "screening,list,climb"),
        ("raising", "screening,list,climb"),
        ("climbing", "climb"),
        ("queue", "worker"),
    ],
)
def test_a_fault_in_each_link_is_red_within_the_limit(
    canaries: Clinic,
    woken,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks,
    fault: str,
    missing: str,
) -> None:
    if fault == "raising":
        monkeypatch.setattr("riskmonitor.sweeps.screening.raise_flags", lambda **given: [])
    if fault == "climbing":
        monkeypatch.setattr(climbing, "climb", lambda *_, **__: None)
        monkeypatch.setattr("riskmonitor.sweeps.escalating.climb", lambda flag, now: None)
    run = begin(NOW, django_capture_on_commit_callbacks)
    if fault != "screening":
        while screen_one(NOW):
            pass
    if fault != "queue":
        worker_reads(woken)
    watch_canaries(NOW + LIMIT)
    assert audit_chain(NOW + LIMIT).get("canary") is None  # there was time left
    watch_canaries(NOW + LIMIT + 3 * SECOND)
    run.refresh_from_db()
    assert run.missing == missing
    assert audit_chain(NOW + LIMIT + 3 * SECOND)["canary"] == 1
    assert "canary" in warnings(NOW)


def test_it_is_green_again_after_the_next_run_that_passes(
    canaries: Clinic, woken, django_capture_on_commit_callbacks
) -> None:
    begin(NOW, django_capture_on_commit_callbacks)
    watch_canaries(NOW + LIMIT + SECOND)
    assert audit_chain(NOW + LIMIT + SECOND)["canary"] == 1
    sweep(NOW + 2 * LIMIT)  # too late for this run; its flag is closed before the same patient writes again
    woken.clear()
    for turn in (1, 2):
        run = round_trip(NOW + turn * EVERY, django_capture_on_commit_callbacks, woken)
        assert run.passed_at
    assert audit_chain(NOW + 2 * EVERY + 4 * SECOND) == {}


def test_a_guard_that_begins_no_run_is_seen(canaries: Clinic, woken, django_capture_on_commit_callbacks) -> None:
    round_trip(NOW, django_capture_on_commit_callbacks, woken)
    late = NOW + EVERY + LIMIT + SLOW_GUARD
    assert "canary" not in audit_chain(late)
    assert audit_chain(late + SECOND)["canary"] == 1


def test_canaries_that_never_begin_are_seen(canaries: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    late = NOW + EVERY + LIMIT + SLOW_GUARD
    assert "canary" not in audit_chain(late)
    assert audit_chain(late + SECOND)["canary"] == 1
    monkeypatch.setattr("riskmonitor.sweeps.canaries.canaries_made_at", lambda: late)  # the red twin
    assert "canary" not in audit_chain(late + SECOND)


def test_doctor_says_that_there_are_none(cast: Cast, settings, capsys: pytest.CaptureFixture[str]) -> None:
    said = "There are no canaries, so nothing tests the chain"
    for seconds, is_said in ((0, False), (300, True)):
        settings.CANARY_SECONDS = seconds
        call_command("doctor")
        assert (said in capsys.readouterr().out) is is_said
    prepare_canaries(now=NOW)
    call_command("doctor")
    assert said not in capsys.readouterr().out


def test_what_they_wrote_is_read_when_a_run_ends_and_waits_for_nobody(
    canaries: Clinic, woken, django_capture_on_commit_callbacks
) -> None:
    """A hundred thousand a year would else stand in the index of what is unread, which a sweep walks."""
    run = begin(NOW, django_capture_on_commit_callbacks)
    assert Message.objects.unread_by_staff().filter(pk=run.message_id).exists()
    assert _sent(NOW + timedelta(days=1)) == {}
    watch_canaries(NOW + LIMIT + SECOND)
    assert not Message.objects.unread_by_staff().exists()


def test_without_reading_them_they_would_grow(
    canaries: Clinic, woken, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.actions.canaries.mark_read", lambda **_given: 0)
    for turn in range(3):
        round_trip(NOW + turn * EVERY, django_capture_on_commit_callbacks, woken)
    assert Message.objects.unread_by_staff().count() == 3


def test_the_worker_is_asked_through_the_queue_that_screening_uses(settings) -> None:
    assert settings.CELERY_TASK_ROUTES["riskmonitor.tasks.*"] == {"queue": "safety"}
    assert tasks.answer_canary.name == "riskmonitor.tasks.answer_canary"


def test_staff_see_the_red_bar(
    canaries: Clinic, cast: Cast, client: Client, django_capture_on_commit_callbacks
) -> None:
    begin(NOW, django_capture_on_commit_callbacks)
    watch_canaries(NOW + LIMIT + SECOND)
    audit_chain(NOW + LIMIT + SECOND)
    client.force_login(cast.berit)
    assert "Det senaste provet av hela kedjan misslyckades." in client.get("/worklist/").content.decode()


def test_they_are_made_once_and_nobody_can_sign_in_as_them(canaries: Clinic) -> None:
    assert not prepare_canaries(now=NOW)
    assert Patient.objects.filter(clinic=canaries).count() == 2
    assert not any(user.has_usable_password() for user in User.objects.filter(email__endswith="@canary.invalid"))


PAGES = ["worklist", "clinic-flags", "cover-calendar", "dashboard", "clinic-follow-ups", "clinic-people", "deliveries"]


def everything_counted(cast: Cast, client: Client) -> dict[str, object]:
    """Return each figure, list and export that could hold them."""
    out = StringIO()
    call_command("cover_report", "--json", stdout=out)
    metrics = client.get("/metrics/", headers={"X-Metrics-Key": "for-tests-only"}).content.decode()
    counted: dict[str, object] = {
        "cover": json.loads(out.getvalue()),
        "gaps": check_cover(NOW),
        "breaking off": set(break_off_signs.long_enough(NOW + timedelta(days=20)).values_list("pk", flat=True)),
        "metrics": metrics,
        "clinic": [count_treatments(clinic, NOW) | count_flags(clinic, NOW) for clinic in (cast.eken, cast.linden)],
        "mail": (Delivery.objects.count(), Attempt.objects.count()),
    }
    for name in ("berit", "lena", "omar", "greta", "frida"):
        user = getattr(cast, name)
        client.force_login(user)
        for page in PAGES:
            answer = client.get(reverse(page))
            counted[f"{name} {page}"] = (answer.status_code, "canary" in answer.content.decode().lower())
        counted[f"{name} list"] = [row.patient for tab in Tab for row in read_caseload(user, tab, NOW, "sv").rows]
        counted[f"{name} known"] = set(Patient.objects.visible_to(user).values_list("pk", flat=True))
    return counted


def test_they_are_counted_nowhere(
    cast: Cast, client: Client, settings, woken, door, django_capture_on_commit_callbacks
) -> None:
    before = everything_counted(cast, client)
    assert [key for key, found in before.items() if found == (200, False)]  # the pages are walked, not refused
    settings.CANARY_SECONDS = 300
    prepare_canaries(now=NOW)
    begin(NOW, django_capture_on_commit_callbacks)
    sweep(NOW)
    assert Flag.objects.open().exists()
    while send_one(NOW + timedelta(minutes=1)):
        pass
    assert everything_counted(cast, client) == before


def test_without_the_one_queryset_they_would_be_counted(
    cast: Cast,
    client: Client,
    settings,
    woken,
    door,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks,
) -> None:
    """The red twin."""
    before = everything_counted(cast, client)
    settings.CANARY_SECONDS = 300
    prepare_canaries(now=NOW)
    begin(NOW, django_capture_on_commit_callbacks)
    sweep(NOW)
    monkeypatch.setattr(type(Clinic.objects), "real", lambda clinics: clinics.all())
    after = everything_counted(cast, client)
    assert {key for key in before if before[key] != after[key]} >= {"cover", "metrics"}
