"""A marked worsening: the rule as a table, and the flag that it raises in the answers' own transaction."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from programs.actions import send_measure
from programs.models import Submission
from programs.shipped import instruments
from riskmonitor.models import Flag
from riskmonitor.rules import FORMS, UnknownForm, deterioration_findings, rose, rule_set_hash
from riskmonitor.rules import deterioration as rule
from riskmonitor.sweeps import screen_one
from tests.cast import NOW, Cast

WEEK = timedelta(days=7)
START, BEFORE, RISES = "worse_than_start", "worse_than_before", "two_rises"


def totals(*points: float) -> list[Decimal]:
    return [Decimal(str(point)) for point in points]


# Reliable change: PHQ-9 6 and GAD-7 4 (NHS Talking Therapies), SCI 7 where higher is better (Espie 2018), MADRS-S 7.8
# (computed). Half of it, for two rises in a row: 3, 2, 3.5 and 3.9.
@pytest.mark.parametrize(
    ("form", "course", "found"),
    [
        ("phq9", [], []),
        ("phq9", [20], []),  # one total says nothing about a change
        ("phq9", [10, 15], []),
        ("phq9", [10, 16], [(START, 10, 100)]),
        ("phq9", [10, 5, 11], [(BEFORE, 5, 100)]),  # five to eleven, and one above the start
        ("phq9", [10, 9, 16], [(START, 10, 100), (BEFORE, 9, 116)]),
        ("phq9", [10, 16, 16], [(START, 10, 100)]),  # stays: each new form says so
        ("phq9", [10, 16, 9], []),  # better again
        ("phq9", [10, 11, 13], [(RISES, 10, 50)]),  # 3 in two rises: half the reliable change
        ("phq9", [10, 11, 12], []),  # 2 in two rises
        ("phq9", [10, 10, 13], []),  # one rise
        ("phq9", [10, 8, 9, 11], [(RISES, 8, 50)]),  # from the lowest of the last three, wherever it began
        ("phq9", [10, 12, 11, 13], []),  # up, down, up
        ("phq9", [10, 13, 17], [(START, 10, 116), (RISES, 10, 116)]),
        ("gad7", [5, 8], []),
        ("gad7", [5, 9], [(START, 5, 100)]),
        ("gad7", [5, 6, 7], [(RISES, 5, 50)]),
        ("sci", [20, 13], [(START, 20, 100)]),  # lower is worse
        ("sci", [13, 20], []),
        ("sci", [20, 18, 16], [(RISES, 20, 57)]),
        ("madrs_s", [20, 27], []),
        ("madrs_s", [20, 28], [(START, 20, 102)]),
        ("self_week", [1, 10], []),  # own scales are never called better or worse
        ("peg", [1, 10], []),  # no figure that was checked against its source
    ],
)
def test_a_worsening_counts_from_the_reliable_change(
    form: str, course: list[float], found: list[tuple[str, int, int]]
) -> None:
    judged = deterioration_findings(form, totals(*course))
    assert [(each.rule, each.before, each.value) for each in judged] == [
        (f"{form}.{name}", before, share) for name, before, share in found
    ]
    assert {(each.kind, each.urgency) for each in judged} <= {("deterioration", "today")}


def test_a_form_without_rules_is_not_judged() -> None:
    with pytest.raises(UnknownForm):
        deterioration_findings("nobody", totals(1, 20))


@pytest.mark.parametrize(
    ("course", "risen"),
    [([10, 13], True), ([10, 12], False), ([10, 8, 11], True), ([10, 16, 12], False), ([10], False)],
)
def test_a_rise_that_makes_breaking_off_urgent_is_half_the_reliable_change(course: list[float], risen: bool) -> None:
    assert rose("phq9", totals(*course)) is risen


def test_the_rule_sets_hash_changes_with_how_much_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    before = rule_set_hash()
    monkeypatch.setattr(rule, "SLOW_SHARE", Decimal("0.6"))
    assert rule_set_hash() != before


def send(cast: Cast, total: int, week: int, form: str = "gad7") -> Submission:
    """Send GAD-7 with this total, so many weeks from the start."""
    values = {str(item): min(3, max(0, total - 3 * (item - 1))) for item in range(1, FORMS[form].items + 1)}
    sent = send_measure(
        treatment=cast.annas, instrument=instruments()[form], version=instruments()[form].version, answers=values,
        key=uuid4(), by=cast.anna, now=NOW + week * WEEK,
    )  # fmt: skip
    assert sent.total == total
    return sent


@pytest.mark.hazard("H6c")
def test_a_marked_worsening_raises_a_flag_with_an_owner_in_the_same_transaction(cast: Cast) -> None:
    send(cast, 5, 0)
    assert not Flag.objects.exists()
    send(cast, 10, 1)
    assert Flag.objects.count() == 1
    flag = Flag.objects.get()
    assert (flag.kind, flag.urgency, flag.owner) == ("deterioration", "today", cast.berit)
    assert [(each.rule, each.before, each.value) for each in flag.findings.all()] == [(f"gad7.{START}", 5, 125)]


def test_without_the_rule_nobody_would_hear_of_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: what raises the flag is this rule and nothing else."""
    monkeypatch.setattr("riskmonitor.screening.deterioration_findings", lambda *_given: [])
    send(cast, 5, 0)
    send(cast, 10, 1)
    assert not Flag.objects.exists()


def test_the_worker_agrees_also_when_more_has_come_since(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    for week, total in enumerate((5, 10, 4)):
        send(cast, total, week)
    while screen_one(NOW + 3 * WEEK):
        pass
    assert Flag.objects.get().findings.count() == 1
    assert "net_one.disagrees" not in caplog.text


def test_the_worker_raises_what_the_first_net_missed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("riskmonitor.receivers.raise_flags", lambda **_given: [])
        send(cast, 5, 0)
        send(cast, 10, 1)
    assert not Flag.objects.exists()
    while screen_one(NOW + WEEK):
        pass
    assert Flag.objects.get().kind == "deterioration"


def test_worse_still_alerts_again_and_the_same_does_not(cast: Cast) -> None:
    for week, total in enumerate((5, 10, 10)):
        send(cast, total, week)
    assert Flag.objects.get().alerted_at == NOW + WEEK
    send(cast, 12, 2)
    flag = Flag.objects.get()
    assert (flag.alerted_at, flag.findings.count()) == (NOW + 2 * WEEK, 3)


def test_the_flag_shows_the_arithmetic_and_how_it_may_be_closed(cast: Cast, client: Client) -> None:
    send(cast, 5, 0)
    send(cast, 10, 1)
    client.force_login(cast.berit)
    page = client.get(reverse("flag", args=[Flag.objects.get().code])).content.decode()
    assert "GAD-7 från 5 vid starten till 10" in page
    assert "Mer än slump från 4 poäng. Den här ändringen är 125 % av det." in page
    assert "Bedömd utan kontakt" in page
    assert "Läst, inte om suicid" not in page
    assert "GAD-7 från 5 vid starten till 10" in client.get("/worklist/").content.decode()
