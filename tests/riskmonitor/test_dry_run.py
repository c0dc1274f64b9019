"""Changed rules are tried on stored answers, then proposed by one person and put in force by another."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from urllib.parse import quote
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinics.models import AuditEvent, Membership, Role, User
from messaging.actions import send_message
from programs.actions import send_measure
from programs.shipped import instruments
from riskmonitor import lexicon
from riskmonitor.actions import ActivationRefused, Refusal, activate_rules, order_dry_run, propose_rules
from riskmonitor.actions.activating import TRIED_WITHIN
from riskmonitor.activation import in_force
from riskmonitor.activation.rule_changes import standing_now
from riskmonitor.models import DryRun, DryRunDifference, Flag, RuleActivation, RuleProposal
from riskmonitor.rules import Change, Kind, Told, Urgency, differences, is_known, known_forms, rule_set, suicide
from riskmonitor.sweeps import dry_runs, screen_one, try_some
from tests.cast import NOW, Cast

LATER = NOW + timedelta(hours=1)
RISKY = "Jag vill inte leva mer."
NOW_FOUND, TODAY_FOUND = Told(Kind.SUICIDE, Urgency.NOW), Told(Kind.SUICIDE, Urgency.TODAY)
PASSWORD = "fyra ögon ser mer än två"


@pytest.fixture
def sent(cast: Cast) -> Cast:
    """Anna wrote something risky and marked a two, Nils marked a one; all is screened with the rules in force."""
    send_message(treatment=cast.annas, text=RISKY, key=uuid4(), by=cast.anna, now=NOW)
    answer(cast.annas, cast.anna, 2)
    answer(cast.nilss, cast.nils, 1)
    while screen_one(NOW):
        pass
    return cast


@pytest.fixture
def stricter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release in which only a three is for now, and which does not know Anna's words."""
    monkeypatch.setattr(in_force, "boot", in_force.Boot())
    monkeypatch.setattr("riskmonitor.watch.chain.boot", in_force.boot)
    monkeypatch.setattr(rule_set, "RULES_VERSION", "another")
    phq9 = known_forms.FORMS["phq9"]
    rule = known_forms.ItemRule("phq9.item9", "9", now_from=3, today_from=2)
    changed = type(phq9)(phq9.versions, 9, 0, 3, (rule,), change=phq9.change)
    monkeypatch.setitem(suicide.FORMS, "phq9", changed)
    known = lexicon.screen
    monkeypatch.setattr(lexicon, "screen", lambda text: [] if text == RISKY else known(text))
    monkeypatch.setattr("riskmonitor.rules.self_test.RISKY_WORDS", ("jag tar livet av mig i natt",))


def answer(treatment, by: User, item9: int, now=NOW) -> None:
    phq9 = instruments()["phq9"]
    answers = {str(item): 0 for item in range(1, 9)} | {"9": item9}
    send_measure(
        treatment=treatment, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(), by=by, now=now
    )


def tried(by: User, days: int = 14, now=LATER) -> DryRun:
    run = order_dry_run(days=days, key=uuid4(), by=by, now=now)
    while try_some(now):
        pass
    run.refresh_from_db()
    return run


def found(run: DryRun) -> set[tuple[str, str, str, str]]:
    return set(run.differences.values_list("clinic__name", "change", "held", "found"))


# -- what differs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "now", "change"),
    [
        ([], [TODAY_FOUND], Change.CAME),
        ([TODAY_FOUND], [], Change.GONE),
        ([TODAY_FOUND], [NOW_FOUND], Change.MORE_URGENT),
        ([NOW_FOUND, TODAY_FOUND], [TODAY_FOUND], Change.CALMER),
        ([NOW_FOUND, TODAY_FOUND], [NOW_FOUND], None),
        ([], [], None),
    ],
)
def test_of_one_row_the_most_urgent_finding_of_a_kind_decides(held, now, change: Change | None) -> None:
    assert [each.change for each in differences(held, now)] == ([change] if change else [])


def words(start: int, end: int, urgency: Urgency = Urgency.NOW, address: str = "") -> Told:
    return Told(Kind.SUICIDE, urgency, address=address, start=start, end=end)


def item(value: int | None, urgency: Urgency = Urgency.TODAY) -> Told:
    return Told(Kind.SUICIDE, urgency, item="9", value=value)


@pytest.mark.parametrize(
    ("held", "found", "changes"),
    [
        (words(9, 20), words(3, 14), []),
        (words(9, 20), words(20, 30), [Change.CAME]),
        (words(9, 20, address="1"), words(9, 20, address="2"), [Change.CAME]),
        (words(9, 20, Urgency.TODAY), words(3, 14), [Change.MORE_URGENT]),
        (words(9, 20), words(3, 14, Urgency.TODAY), [Change.CALMER]),
        (words(9, 20), words(30, 40, Urgency.TODAY), [Change.CALMER, Change.CAME]),
        (words(9, 20), item(2, Urgency.NOW), [Change.CAME]),
        (item(1), item(1), []),
        (item(1), item(2), [Change.CAME]),
        (item(None), item(1), [Change.CAME]),
        (Told(Kind.DETERIORATION, Urgency.TODAY, value=110), Told(Kind.DETERIORATION, Urgency.TODAY, value=130), []),
    ],
)
def test_the_same_place_answer_or_row_as_urgent_is_known(held: Told, found: Told, changes: list[Change]) -> None:
    assert [each.change for each in differences([held], [found])] == changes


PLACES = [(0, 4), (2, 6), (4, 8), (20, 25)]
SAID = [words(*place, urgency) for place in PLACES for urgency in Urgency] + [item(mark) for mark in (None, 1, 2)]
SEVERAL = st.lists(st.sampled_from([*SAID, NOW_FOUND, TODAY_FOUND]), max_size=4)


@given(SEVERAL, SEVERAL)
def test_what_a_dry_run_does_not_show_of_a_row_is_never_raised_from_it(held: list[Told], found: list[Told]) -> None:
    raised = [each for each in found if not is_known(each, held)]
    shown = {each.change for each in differences(held, found)} & {Change.CAME, Change.MORE_URGENT}
    assert bool(raised) == bool(shown)


def test_rules_that_are_in_force_differ_from_nothing_they_flagged(sent: Cast) -> None:
    run = tried(sent.lena)
    assert (run.rows, run.planned, run.unscreened, found(run)) == (3, 3, 0, set())
    assert run.ended_at == LATER


@pytest.mark.hazard("H6")
def test_what_would_go_come_later_or_stay_is_told_by_row_and_nothing_is_flagged(sent: Cast, stricter: None) -> None:
    before = set(Flag.objects.values_list("pk", "urgency"))
    assert found(tried(sent.lena)) == {
        ("Eken", "gone", "now", ""),
        ("Eken", "calmer", "now", "today"),
        ("Linden", "gone", "today", ""),
    }
    assert set(Flag.objects.values_list("pk", "urgency")) == before


def test_what_the_new_rules_cannot_read_would_be_a_flag_for_a_human(
    sent: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexicon, "screen", lambda text: 1 / 0)
    kinds = tried(sent.lena).differences.values_list("kind", "change")
    assert set(kinds) == {("unscreenable", "came"), ("suicide", "gone")}


def test_a_lost_finding_shows_as_one_that_would_come(sent: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flags in the database are the other side: what they do not hold is new."""
    with monkeypatch.context() as blind:
        blind.setattr(lexicon, "screen", lambda text: [])
        send_message(treatment=sent.eriks, text=RISKY, key=uuid4(), by=sent.erik, now=NOW)
        while screen_one(NOW):
            pass
    assert found(tried(sent.lena)) == {("Eken", "came", "", "now")}


def test_what_has_not_been_screened_is_left_out_and_counted(sent: Cast) -> None:
    send_message(treatment=sent.annas, text="Hej.", key=uuid4(), by=sent.anna, now=NOW)
    run = tried(sent.lena)
    assert (run.rows, run.unscreened) == (3, 1)


def test_only_the_days_that_were_asked_for_are_looked_at(sent: Cast) -> None:
    assert tried(sent.lena, days=7, now=NOW + timedelta(days=7, hours=-1)).rows == 3
    assert tried(sent.lena, days=7, now=NOW + timedelta(days=7, hours=1)).rows == 0


# -- in batches --------------------------------------------------------------------------------------------------------


def test_it_goes_on_in_batches_and_tells_how_far_it_has_come(sent: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskmonitor.watch.looking_back.BATCH", 1)
    run = order_dry_run(days=14, key=uuid4(), by=sent.lena, now=LATER)
    seen = []
    while try_some(LATER):
        run.refresh_from_db()
        seen.append((run.rows, run.ended_at is not None))
    assert seen == [(1, False), (2, False), (3, False), (3, True)]


def test_who_asks_does_not_wait_until_it_is_counted(sent: Cast) -> None:
    """A page would have to read every answer of ninety days. The worker counts, with its first batch."""
    with CaptureQueriesContext(connection) as asked:
        run = order_dry_run(days=90, key=uuid4(), by=sent.lena, now=LATER)
    assert not [sql for sql in map(str, asked) if "programs_submission" in sql or "messaging_message" in sql]
    assert (run.planned, run.unscreened) == (None, None)
    assert "Först räknas" in visit(sent.lena, "dry-run", code=run.code).content.decode()
    assert try_some(LATER)
    run.refresh_from_db()
    assert (run.planned, run.unscreened) == (3, 0)


def test_the_same_key_is_one_dry_run(sent: Cast) -> None:
    key = uuid4()
    first, second = (order_dry_run(days=14, key=key, by=sent.lena, now=LATER) for _click in range(2))
    assert first == second


def test_a_worker_with_other_rules_leaves_it_alone(sent: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    order_dry_run(days=14, key=uuid4(), by=sent.lena, now=LATER)
    monkeypatch.setattr(rule_set, "RULES_VERSION", "another")
    assert not try_some(LATER)


def test_a_batch_that_fails_is_tried_three_times_and_then_given_up(sent: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_runs, "try_rows", lambda **given: 1 / 0)
    run, now = order_dry_run(days=14, key=uuid4(), by=sent.lena, now=LATER), LATER
    for _attempt in range(4):
        assert try_some(now)
        assert not try_some(now + timedelta(seconds=1))  # its lease has not ended
        now += dry_runs.LEASE
    run.refresh_from_db()
    assert run.failed_at
    assert (run.rows, run.ended_at) == (0, None)
    assert not try_some(now)


# -- two people --------------------------------------------------------------------------------------------------------


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


def test_the_command_tries_and_tells(sent: Cast, stricter: None) -> None:
    with time_machine.travel(LATER, tick=False):
        out = StringIO()
        call_command("rules", "try", "--by", sent.lena.email, "--days", "7", stdout=out)
        assert "Looked at 3 answers and messages of 7 days." in out.getvalue()
        assert "gone suicide: 2" in out.getvalue()
    assert "terminal" in AuditEvent.objects.get(what__startswith="dry-run:").why


def test_a_terminal_decides_nothing(sent: Cast, stricter: None) -> None:
    tried(sent.lena)
    for word in ("propose", "activate"):
        with pytest.raises(CommandError, match="invalid choice"):
            call_command("rules", word, "--by", sent.lena.email)
    assert not RuleProposal.objects.exists()
    assert not in_force.rules_stand()


# -- pages -------------------------------------------------------------------------------------------------------------


def visit(user: User, name: str, data: dict[str, str] | None = None, **parts):
    client = Client()
    with time_machine.travel(LATER, tick=False):
        client.force_login(user)
        url = reverse(name, kwargs=parts)
        return client.get(url) if data is None else client.post(url, data, follow=True)


def decide(user: User, name: str, data: dict[str, str]):
    """Send the form, give the password that is asked for, and return the page that comes of it."""
    client = Client()
    with time_machine.travel(LATER, tick=False):
        client.force_login(user)
        asked = client.post(reverse(name), data)
        assert asked.url == f"{reverse('account_reauthenticate')}?next={quote(reverse(name), safe='')}"
        return client.post(asked.url, {"password": PASSWORD}, follow=True)


@pytest.fixture
def passwords(sent: Cast) -> None:
    for user in (sent.lena, sent.omar):
        user.set_password(PASSWORD)
        user.save()


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


def test_an_unfinished_dry_run_says_how_far_it_is_without_javascript(
    sent: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskmonitor.watch.looking_back.BATCH", 2)
    run = order_dry_run(days=14, key=uuid4(), by=sent.lena, now=LATER)
    assert try_some(LATER)
    page = visit(sent.lena, "dry-run", code=run.code).content.decode()
    assert "2 av 3." in page
    assert f'href="{reverse("dry-run", args=[run.code])}"' in page


def test_the_poll_is_empty_until_something_changed(sent: Cast) -> None:
    run = order_dry_run(days=14, key=uuid4(), by=sent.lena, now=LATER)
    client = Client()
    client.force_login(sent.lena)
    url = reverse("dry-run-progress", args=[run.code])
    assert client.get(f"{url}?seen=0").status_code == 204
    assert client.get(f"{url}?seen=7").status_code == 200


def test_the_region_sees_figures_and_a_lead_the_lines_of_the_own_clinic(sent: Cast, stricter: None) -> None:
    run = tried(sent.lena)
    region = visit(sent.omar, "dry-run", code=run.code)
    assert region.context["listed"] == []
    assert {row[0]: row[1:] for row in region.context["by_clinic"]} == {"Eken": [1, 1, 0, 0], "Linden": [1, 0, 0, 0]}
    lead = visit(sent.lena, "dry-run", code=run.code)
    assert {row[0]: row[1:] for row in lead.context["by_clinic"]} == {
        "Eken": [1, 1, 0, 0],
        "Andra vårdcentraler": [1, 0, 0, 0],
    }
    assert [(each.clinic, each.found) for each in lead.context["listed"]] == [
        ("Eken", "ingen flagga"),
        ("Eken", "i dag"),
    ]
    assert {each.url for each in lead.context["listed"]} == {""}  # who leads and does not treat reads no words
    for page in (region, lead):
        assert not any(name in page.content.decode() for name in ("Anna", "Lind<", "Nils", RISKY))


def test_who_also_treats_the_patient_reads_through_the_patients_door_and_is_logged(sent: Cast, stricter: None) -> None:
    Membership.objects.filter(user=sent.lena).update(ended_at=NOW)
    Membership.objects.create(user=sent.berit, clinic=sent.eken, role=Role.LEAD, started_at=NOW)
    run = tried(sent.berit)
    listed = visit(sent.berit, "dry-run", code=run.code).context["listed"]
    assert {each.url.split("/")[2] for each in listed} == {str(sent.annas.patient.code)}
    assert AuditEvent.objects.filter(what=f"dry-run:{run.code}", did="listed").count() == 1


@pytest.mark.parametrize("times", [1, 10])
def test_the_list_costs_the_same_for_many(
    sent: Cast, request: pytest.FixtureRequest, django_assert_max_num_queries, times: int
) -> None:
    for _time in range(times):
        answer(sent.annas, sent.anna, 2)
    while screen_one(NOW):
        pass
    request.getfixturevalue("stricter")
    run = tried(sent.lena)
    client = Client()
    client.force_login(sent.lena)
    client.get(reverse("rules"))  # the first visit of a session writes it
    with django_assert_max_num_queries(12):
        client.get(reverse("dry-run", args=[run.code]))
    with django_assert_max_num_queries(12):
        client.get(reverse("rules"))


def test_a_difference_is_stored_once_for_a_row_and_kind(sent: Cast, stricter: None) -> None:
    first = tried(sent.lena).differences.earliest("pk")
    first.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        DryRunDifference.objects.bulk_create([first])


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
