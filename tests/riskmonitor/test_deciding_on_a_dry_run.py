"""Two people decide on a dry run that has looked at whatever the next night looks back at, and on no other."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from messaging.actions import send_message
from messaging.models import Message
from riskmonitor import lexicon
from riskmonitor.actions import (
    ActivationRefused,
    Refusal,
    activate_rules,
    activating,
    order_dry_run,
    propose_rules,
)
from riskmonitor.activation import in_force
from riskmonitor.activation.rule_changes import standing_now
from riskmonitor.models import DryRun, Flag, Rescan
from riskmonitor.rules import rule_set
from riskmonitor.sweeps import rescan_some, screen_one, try_some
from tests.cast import NOW, Cast

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
DAY_TEN = NOW - 10 * DAY
LATER = NOW + timedelta(hours=1)
NIGHT = NOW + timedelta(hours=17)  # three o'clock in Stockholm
RISKY = "Jag vill inte leva mer."


@pytest.fixture
def release(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Ten days ago Anna wrote what the rules of then did not know. Those of this release do, and are not in force."""
    with monkeypatch.context() as before:
        before.setattr(lexicon, "screen", lambda text: [])
        write(cast, DAY_TEN)
        while screen_one(DAY_TEN):
            pass
    assert not Flag.objects.exists()
    monkeypatch.setattr(in_force, "boot", in_force.Boot())
    monkeypatch.setattr("riskmonitor.watch.chain.boot", in_force.boot)
    monkeypatch.setattr(rule_set, "RULES_VERSION", "another")
    return cast


def write(cast: Cast, now: datetime) -> Message:
    return send_message(treatment=cast.annas, text=RISKY, key=uuid4(), by=cast.anna, now=now)


def tried(cast: Cast, days: int, now: datetime = LATER) -> DryRun:
    run = order_dry_run(days=days, key=uuid4(), by=cast.hassan, now=now)
    while try_some(now):
        pass
    return run


def changes(run: DryRun) -> list[str]:
    return list(run.differences.values_list("change", flat=True))


def decide(cast: Cast, now: datetime = LATER) -> None:
    propose_rules(reason="Nya ord", by=cast.lena, now=now)
    activate_rules(by=cast.omar, now=now)


def look_back() -> Rescan:
    while rescan_some(NIGHT):
        pass
    return Rescan.objects.get()


def refusal_of(cast: Cast, now: datetime = LATER) -> Refusal:
    with pytest.raises(ActivationRefused) as refused:
        propose_rules(reason="Nya ord", by=cast.lena, now=now)
    return refused.value.refusal


def rules_page(cast: Cast, now: datetime = LATER) -> str:
    with time_machine.travel(now, tick=False):
        client = Client()
        client.force_login(cast.lena)
        return client.get(reverse("rules")).content.decode()


def test_what_the_night_raises_was_shown_before_anybody_decided(release: Cast) -> None:
    """A row of day ten: shown, decided on, and raised the night after."""
    assert changes(tried(release, days=14)) == ["came"]
    decide(release)
    assert (look_back().newly_found, look_back().lost) == (1, 0)
    assert Flag.objects.open().get().kind == "suicide"


def test_nobody_decides_on_fewer_days_than_the_night_looks_back(release: Cast) -> None:
    """Seven days show nothing of day ten, and "nothing would differ" would be believed."""
    assert changes(tried(release, days=7)) == []
    assert refusal_of(release) is Refusal.NOT_TRIED
    assert standing_now(LATER).dry_run is None
    page = rules_page(release)
    assert reverse("rules-propose") not in page
    assert "14 dagar eller mer" in page


def test_without_the_demand_the_night_would_raise_what_nobody_was_shown(
    release: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    assert changes(tried(release, days=7)) == []
    monkeypatch.setattr(activating, "BACK", 7 * DAY)
    decide(release)
    assert look_back().newly_found == 1


@pytest.fixture
def came_back(release: Cast) -> Cast:
    """After the dry run the release before came back for a while, and screened what Anna wrote then."""
    tried(release, days=14)
    message = write(release, LATER + MINUTE)
    Message.objects.filter(pk=message.pk).update(screened_at=LATER + 2 * MINUTE)
    return release


def test_nobody_decides_when_other_rules_have_screened_something_since(came_back: Cast) -> None:
    assert refusal_of(came_back, LATER + 3 * MINUTE) is Refusal.NOT_TRIED


def test_the_page_says_why_a_dry_run_that_is_done_cannot_be_proposed_on(came_back: Cast) -> None:
    said = "andra regler har granskat något sedan dess"
    page = rules_page(came_back, LATER + 3 * MINUTE)
    assert said in page
    assert reverse("rules-propose") not in page
    tried(came_back, days=14, now=LATER + 4 * MINUTE)
    page = rules_page(came_back, LATER + 4 * MINUTE)
    assert said not in page
    assert reverse("rules-propose") in page


def test_what_was_screened_since_is_looked_for_among_the_latest_rows_only(came_back: Cast) -> None:
    """By key, as the look back goes: the tables hold all that was ever sent."""
    asked = str(activating._tried(LATER, None).query)
    assert asked.count('."id" > (COALESCE((SELECT ') == 2


def test_a_proposal_no_longer_holds_when_other_rules_have_screened_something_since(release: Cast) -> None:
    tried(release, days=14)
    propose_rules(reason="Nya ord", by=release.lena, now=LATER)
    message = write(release, LATER + MINUTE)
    assert standing_now(LATER + MINUTE).proposal, "what waits is screened by the new rules, before any look back"
    Message.objects.filter(pk=message.pk).update(screened_at=LATER + 2 * MINUTE)
    with pytest.raises(ActivationRefused) as refused:
        activate_rules(by=release.omar, now=LATER + 3 * MINUTE)
    assert refused.value.refusal is Refusal.NOT_PROPOSED


def test_without_looking_for_it_what_was_screened_since_would_come_as_news(
    came_back: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr(activating, "tried_rows", lambda _now, _days: Q(pk=None))
    decide(came_back, LATER + 3 * MINUTE)
    assert look_back().newly_found == 2
