"""Many flags at once, and a mail server that refuses, delays, hangs up, or accepts and forgets (reliability F24).

In the platform all of them stand at once, whatever the server does; when it is well again each mail arrives; and that
something was sent closes no flag. The ordinary run takes a few flags; IKBT_FLAGS=1000 takes as many as that.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from messaging import sweeps
from messaging.models import Attempt, Delivery, Notice
from messaging.sweeps import LEASE, send_one
from riskmonitor.actions import raise_flag
from riskmonitor.models import Flag
from riskmonitor.rules import Finding, Kind, Urgency
from riskmonitor.screening import FoundIn
from tests.cast import NOW, Cast, make_treatment, make_user
from tests.messaging.sinks import LATE, MODES, MailSink, mail_sink

FLAGS = int(os.environ.get("IKBT_FLAGS", "12"))
HEALED = NOW + timedelta(hours=3)


@pytest.fixture
def sink(settings) -> Iterator[MailSink]:
    with mail_sink() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 30
        yield server


@pytest.fixture
def patients(cast: Cast) -> list[object]:
    return [
        make_treatment(make_user(f"P{n}", "Prov"), cast.eken, cast.berit, cast.cecilia, cast.revision)
        for n in range(FLAGS)
    ]


def raise_all(patients: list[object]) -> None:
    for treatment in patients:
        found = [FoundIn(Finding(Kind.SUICIDE, Urgency.NOW, "phq9.9", "test"))]
        raise_flag(patient=treatment.patient, treatment=treatment, found=found, now=NOW)


def send_all(now: datetime) -> None:
    while send_one(now):
        pass


def assert_all_stand(cast: Cast) -> None:
    """Each flag is open, with its owner, taken by nobody: sending says nothing about the flag."""
    flags = Flag.objects.open().filter(acknowledged_at=None, owner=cast.berit)
    assert flags.count() == FLAGS


def ids() -> set[str]:
    return {f"<{Delivery(notice=each).key}@ikbt.invalid>" for each in Notice.objects.all()}


@pytest.mark.parametrize("mode", MODES)
def test_all_stand_at_once_and_each_mail_arrives_when_the_server_is_well_again(
    cast: Cast, sink: MailSink, patients: list[object], mode: str, settings
) -> None:
    sink.mode, settings.EMAIL_TIMEOUT = mode, LATE / 3 if mode == "delay" else 30
    raise_all(patients)
    assert_all_stand(cast)
    send_all(NOW)
    assert Attempt.objects.count() == FLAGS, "the first attempt does not wait"
    assert_all_stand(cast)

    sink.mode, settings.EMAIL_TIMEOUT = "accept", 30
    send_all(HEALED)
    assert set(sink.ids) == ids()
    assert len(ids()) == FLAGS
    assert_all_stand(cast)
    if mode in {"refuse", "drop"}:  # what was forgotten or came too late is a copy; what was refused is not
        assert len(sink.ids) == FLAGS


def test_a_server_that_stays_away_loses_none(cast: Cast, sink: MailSink, patients: list[object]) -> None:
    sink.mode = "refuse"
    raise_all(patients)
    for hours in range(0, 72, 12):
        send_all(NOW + timedelta(hours=hours))
    assert Delivery.objects.unsent().count() == FLAGS
    assert_all_stand(cast)


def test_each_death_between_sending_and_marking_costs_one_copy_at_the_most(
    cast: Cast, sink: MailSink, patients: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """F25: every third attempt dies with its mail already gone."""
    mark, attempts, deaths = sweeps._mark, iter(range(10 * FLAGS)), []

    def dies_sometimes(delivery: Delivery, *others: object) -> None:
        if next(attempts) % 3 == 0:
            deaths.append(delivery.pk)
            raise KeyboardInterrupt
        mark(delivery, *others)

    monkeypatch.setattr(sweeps, "_mark", dies_sometimes)
    raise_all(patients)
    at = NOW
    while Delivery.objects.unsent().exists() or Notice.objects.unspread().exists():
        try:
            while send_one(at):
                pass
            at += LEASE
        except KeyboardInterrupt:
            continue
    assert set(sink.ids) == ids()
    assert FLAGS < len(sink.ids) <= FLAGS + len(deaths)
    assert Notice.objects.count() == FLAGS, "in the platform each is one"
    assert_all_stand(cast)


def test_marking_before_sending_would_lose_mails(
    cast: Cast, sink: MailSink, patients: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red twin of at-least-once."""

    def marks_first(delivery: Delivery) -> sweeps.Outcome:
        return sweeps.Outcome(Attempt.Result.SENT)

    monkeypatch.setattr(sweeps, "_tried", marks_first)
    raise_all(patients)
    send_all(NOW)
    assert sink.ids == []
    assert not Delivery.objects.unsent().exists()


def test_without_copies_what_a_server_forgets_never_comes(
    cast: Cast, sink: MailSink, patients: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red twin of sending again until the flag is taken."""
    monkeypatch.setattr(sweeps, "FIRST_COPY", timedelta(days=400))
    monkeypatch.setattr(sweeps, "LONGEST_COPY", timedelta(days=400))
    sink.mode = "forget"
    raise_all(patients)
    send_all(NOW)
    sink.mode = "accept"
    send_all(HEALED)
    assert sink.ids == []


def test_the_first_attempt_comes_within_seconds_of_the_flag(
    cast: Cast, sink: MailSink, patients: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R8: p99 at most 30 seconds; here by the clock on the wall, with nothing else to do."""
    began = timezone.now()
    raise_all(patients)
    send_all(NOW)
    assert (timezone.now() - began).total_seconds() < 30 + FLAGS / 10
    assert len(sink.ids) == FLAGS
