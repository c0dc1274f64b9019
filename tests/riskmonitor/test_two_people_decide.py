"""Changed rules are proposed by one person and put in force by another, after a dry run."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from clinics.models import User
from riskmonitor.actions import ActivationRefused, Refusal, activate_rules, propose_rules
from riskmonitor.actions.activating import TRIED_WITHIN
from riskmonitor.activation import in_force
from riskmonitor.activation.rule_changes import standing_now
from riskmonitor.models import DryRun, RuleActivation, RuleProposal
from riskmonitor.rules import rule_set
from riskmonitor.sweeps import try_some
from tests.cast import NOW, Cast
from tests.riskmonitor.dry_runs import LATER, tried, visit

PASSWORD = "fyra ögon ser mer än två"


@pytest.fixture
def passwords(sent: Cast) -> None:
    for user in (sent.lena, sent.omar):
        user.set_password(PASSWORD)
        user.save()


def decide(user: User, name: str, data: dict[str, str]):
    """Send the form, give the password that is asked for, and return the page that comes of it."""
    client = Client()
    with time_machine.travel(LATER, tick=False):
        client.force_login(user)
        asked = client.post(reverse(name), data)
        assert asked.url == f"{reverse('account_reauthenticate')}?next={quote(reverse(name), safe='')}"
        return client.post(asked.url, {"password": PASSWORD}, follow=True)


def test_nobody_proposes_what_was_not_tried_this_week(sent: Cast, stricter: None) -> None:
    with pytest.raises(ActivationRefused) as refused:
        propose_rules(reason="Nya gränser", by=sent.lena, now=LATER)
    assert refused.value.refusal is Refusal.NOT_TRIED
    run = tried(sent.omar)
    with pytest.raises(ActivationRefused):
        propose_rules(reason="Nya gränser", by=sent.lena, now=LATER + TRIED_WITHIN + timedelta(seconds=1))
    assert propose_rules(reason="Nya gränser", by=sent.lena, now=LATER).dry_run == run


def test_nobody_decides_on_a_dry_run_that_has_grown_old(sent: Cast, stricter: None) -> None:
    tried(sent.lena)
    propose_rules(reason="Nya gränser", by=sent.lena, now=LATER)
    with pytest.raises(ActivationRefused) as refused:
        activate_rules(by=sent.omar, now=LATER + TRIED_WITHIN + timedelta(seconds=1))
    assert refused.value.refusal is Refusal.NOT_PROPOSED
    assert standing_now(LATER + TRIED_WITHIN + timedelta(seconds=1)).proposal is None
    assert activate_rules(by=sent.omar, now=LATER).proposed_by == sent.lena


def test_nobody_decides_on_a_dry_run_against_other_rules_than_those_in_force(sent: Cast, stricter: None) -> None:
    tried(sent.lena)
    propose_rules(reason="Nya gränser", by=sent.lena, now=LATER)
    RuleActivation.objects.create(hash="between", version="1", reason="x", activated_at=NOW)
    with pytest.raises(ActivationRefused) as refused:
        activate_rules(by=sent.omar, now=LATER)
    assert refused.value.refusal is Refusal.NOT_PROPOSED


def test_without_asking_again_the_first_dry_run_would_do(
    sent: Cast, stricter: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    tried(sent.lena)
    propose_rules(reason="Nya gränser", by=sent.lena, now=LATER)
    monkeypatch.setattr("riskmonitor.actions.activating._tried", lambda now, in_force: DryRun.objects.all())
    assert activate_rules(by=sent.omar, now=LATER + TRIED_WITHIN + timedelta(seconds=1))


def test_a_dry_run_against_rules_that_are_no_longer_in_force_is_none(sent: Cast, stricter: None) -> None:
    tried(sent.lena)
    RuleActivation.objects.create(hash="between", version="1", reason="x", activated_at=NOW)
    with pytest.raises(ActivationRefused):
        propose_rules(reason="Nya gränser", by=sent.lena, now=LATER)


def test_the_database_refuses_a_proposal_without_a_dry_run(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="was_tried"), transaction.atomic():
        RuleProposal.objects.create(hash="x", version="1", reason="x", proposed_at=NOW, proposed_by=cast.lena)


def test_without_the_demand_for_a_second_person_one_would_do(
    sent: Cast, stricter: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin: the verb's own check taken away, the database still refuses."""
    tried(sent.lena)
    proposal = propose_rules(reason="Nya gränser", by=sent.lena, now=LATER)
    proposal.proposed_by_id = sent.omar.pk
    monkeypatch.setattr("riskmonitor.actions.activating.open_proposal", lambda now, in_force: proposal)
    proposal.proposed_by = sent.lena
    proposal.__dict__["proposed_by_id"] = sent.omar.pk  # what the verb compares is a lie
    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        activate_rules(by=sent.lena, now=LATER)


def test_a_terminal_decides_nothing(sent: Cast, stricter: None) -> None:
    tried(sent.lena)
    for word in ("propose", "activate"):
        with pytest.raises(CommandError, match="invalid choice"):
            call_command("rules", word, "--by", sent.lena.email)
    assert not RuleProposal.objects.exists()
    assert not in_force.rules_stand()


def test_two_people_change_the_rules_on_the_page(sent: Cast, stricter: None, passwords: None) -> None:
    page = visit(sent.lena, "rules").content.decode()
    assert "Prova mot sparade svar" in page
    assert reverse("rules-propose") not in page
    asked = visit(sent.lena, "rules-try", {"days": "14", "idempotency_key": str(uuid4())}).content.decode()
    assert "Torrkörningen pågår" in asked
    while try_some(LATER):
        pass
    assert "Skriv vad som har ändrats" in visit(sent.lena, "rules-propose", {"reason": " "}).content.decode()
    page = decide(sent.lena, "rules-propose", {"reason": "Färre flaggor för tvåor."}).content.decode()
    assert reverse("rules-activate") not in page
    assert "därför beslutar någon annan" in page
    shown = {"hash": rule_set.rule_set_hash()}
    assert "Du föreslog de här reglerna själv" in decide(sent.lena, "rules-activate", shown).content.decode()
    assert "Färre flaggor för tvåor." in visit(sent.omar, "rules").content.decode()
    assert "visade andra regler" in visit(sent.omar, "rules-activate", {"hash": "older"}).content.decode()
    page = decide(sent.omar, "rules-activate", shown).content.decode()
    assert "Reglerna används nu." in page
    assert "Föreslagna av Lena Norén" in page
    assert in_force.rules_stand()


def test_neither_proposes_nor_decides_who_does_not_give_the_password(
    sent: Cast, stricter: None, passwords: None
) -> None:
    tried(sent.lena)
    client = Client()
    with time_machine.travel(LATER, tick=False):
        client.force_login(sent.lena)
        asked = client.post(reverse("rules-propose"), {"reason": "Nya gränser"})
        assert "lösenord" in client.get(asked.url).content.decode()
        client.post(asked.url, {"password": "fel"})
        assert not RuleProposal.objects.exists()
        propose_rules(reason="Nya gränser", by=sent.lena, now=LATER)
        client.force_login(sent.omar)
        client.post(reverse("rules-activate"), {"hash": rule_set.rule_set_hash()}, follow=True)
    assert not in_force.rules_stand()


def test_without_being_asked_again_an_open_screen_would_do(
    sent: Cast, stricter: None, passwords: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    flow = "allauth.account.internal.flows.reauthentication.is_reauthentication_required"
    monkeypatch.setattr(flow, lambda request, app: False)
    tried(sent.lena)
    visit(sent.lena, "rules-propose", {"reason": "Nya gränser"})
    visit(sent.omar, "rules-activate", {"hash": rule_set.rule_set_hash()})
    assert in_force.rules_stand()


def test_a_password_counts_for_five_minutes(sent: Cast, stricter: None, passwords: None) -> None:
    tried(sent.lena)
    client, url = Client(), reverse("rules-propose")
    with time_machine.travel(LATER, tick=False) as clock:
        client.force_login(sent.lena)
        asked = client.post(url, {"reason": "Nya gränser"}).url
        client.post(asked, {"password": PASSWORD})
        clock.shift(timedelta(minutes=4))
        client.post(url, {"reason": "Igen"})
        assert RuleProposal.objects.count() == 2
        clock.shift(timedelta(minutes=1))
        assert client.post(url, {"reason": "Igen"}).url == asked


def test_who_has_nothing_to_show_is_refused(sent: Cast, stricter: None) -> None:
    """Without a password here, as when another service signs one in."""
    tried(sent.lena)
    assert visit(sent.lena, "rules-propose", {"reason": "Nya gränser"}).status_code == 403
    propose_rules(reason="Nya gränser", by=sent.lena, now=LATER)
    assert visit(sent.omar, "rules-activate", {"hash": rule_set.rule_set_hash()}).status_code == 403
    assert not in_force.rules_stand()
