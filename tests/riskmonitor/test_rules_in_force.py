"""Rules that are broken, or that nobody has put in force, screen nothing: a human reads, and everybody is told."""

from __future__ import annotations

import shutil
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from clinics.models import User
from messaging.actions import send_message
from messaging.models import Message
from programs.actions import send_measure
from programs.shipped import instruments
from riskmonitor import lexicon
from riskmonitor.actions import ActivationRefused, activate_rules, activate_shipped, order_dry_run, propose_rules
from riskmonitor.activation import in_force
from riskmonitor.activation.in_force import Fault, fault_of_rules, rules_stand
from riskmonitor.models import Flag, RuleActivation
from riskmonitor.rules import FORMS, break_off, deterioration, help_asked, rule_set, suicide
from riskmonitor.rules.rule_set import JUDGING, ROOT, code_hash
from riskmonitor.rules.self_test import failed_trials
from riskmonitor.sweeps import audit_chain, check_break_off, flag_marked_draft, screen_one, try_some
from riskmonitor.watch.chain import beat, read_chain, warnings
from tests.cast import NOW, Cast

RISKY = "Jag vill inte leva längre."


WHOLE = lexicon.screen


def only_wishes(text: str) -> list[lexicon.TextFinding]:
    """A word list that was cut to one kind of phrase."""
    return [found for found in WHOLE(text) if found.kind is lexicon.TextKind.PASSIVE]


@pytest.fixture
def booted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has just started and has not asked about its rules yet."""
    monkeypatch.setattr(in_force, "boot", in_force.Boot())
    monkeypatch.setattr("riskmonitor.watch.chain.boot", in_force.boot)


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch, booted: None) -> None:
    """A release with other rules than those in force."""
    monkeypatch.setattr(rule_set, "RULES_VERSION", "another")


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch, booted: None) -> None:
    """A release that was shipped without its word list; somebody has even put it in force."""
    monkeypatch.setattr(lexicon, "screen", lambda text: [])


def message(cast: Cast, text: str = "Hej.") -> None:
    send_message(treatment=cast.annas, text=text, key=uuid4(), by=cast.anna, now=NOW)


def measure(cast: Cast) -> None:
    answers = {str(item): 0 for item in range(1, 10)}
    phq9 = instruments()["phq9"]
    send_measure(
        treatment=cast.annas, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(), by=cast.anna, now=NOW
    )


def tried(cast: Cast) -> None:
    """Somebody has let the rules of this release run over the stored answers: there are none."""
    order_dry_run(days=14, key=uuid4(), by=cast.hassan, now=timezone.now())
    while try_some(timezone.now()):
        pass


def kinds() -> set[str]:
    return {flag.kind for flag in Flag.objects.open()}


def test_the_shipped_rules_pass_their_self_test_and_are_in_force(cast: Cast, booted: None) -> None:
    assert failed_trials() == []
    assert fault_of_rules() is None
    message(cast)
    measure(cast)
    while screen_one(NOW):
        pass
    assert kinds() == set()


@pytest.mark.parametrize("send", [message, measure])
def test_with_changed_rules_every_submission_is_a_flag_for_a_human(cast: Cast, changed: None, send) -> None:
    send(cast)
    assert kinds() == {"unscreenable"}


@pytest.mark.hazard("H6j")
@pytest.mark.parametrize("send", [message, measure])
def test_with_an_empty_rule_set_every_submission_is_a_flag_for_a_human(cast: Cast, empty: None, send) -> None:
    assert failed_trials() == ["risky words"]
    send(cast)
    assert kinds() == {"unscreenable"}


def test_a_message_is_never_refused_because_nobody_can_be_told_to_read_it(
    cast: Cast, changed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(**_given: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")  # an error that would end the transaction

    with monkeypatch.context() as broken:
        broken.setattr("riskmonitor.receivers.raise_unscreenable", breaks)
        message(cast, RISKY)
        assert kinds() == set()
    assert Message.objects.get().screened_at is None
    assert "unscreened" in " ".join(audit_chain(NOW + timedelta(hours=1)))


def test_without_the_demand_the_empty_rule_set_would_let_it_pass(
    cast: Cast, empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr(in_force, "fault_of_rules", lambda _failed: None)
    message(cast, RISKY)
    while screen_one(NOW):
        pass
    assert kinds() == set()


def test_worker_and_guard_refuse_to_screen_and_say_so_until_the_rules_are_in_force(
    cast: Cast, booted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as release:
        release.setattr(rule_set, "RULES_VERSION", "another")
        message(cast, RISKY)
        assert not screen_one(NOW)
        assert not flag_marked_draft(timezone.now())
        assert check_break_off(NOW + timedelta(days=30)) == 0
        beat("guard")
        assert read_chain().refusing == {"guard": "not_activated"}
        assert audit_chain(NOW)["rules_not_in_force"] == 1
        assert "rules" in warnings(NOW)
    while screen_one(NOW):
        pass
    beat("guard")
    assert kinds() == {"suicide", "unscreenable"}
    assert check_break_off(NOW + timedelta(days=30))
    assert read_chain().refusing == {}
    assert "rules_not_in_force" not in audit_chain(NOW)
    assert "rules" not in warnings(NOW)


def test_staff_see_the_red_bar_and_monitoring_is_told(cast: Cast, client: Client, changed: None) -> None:
    client.force_login(cast.berit)
    page = client.get("/", follow=True).content.decode()
    assert "Reglerna som letar efter fara används inte." in page
    assert "rules" in client.get("/ready/").json()["degraded"]


@pytest.mark.parametrize(
    "changed", ["rules/deterioration.py", "lexicon/slips.py", "screening.py", "break_off_signs.py"]
)
def test_a_line_of_code_that_judges_is_part_of_the_fingerprint(tmp_path: Path, changed: str) -> None:
    for pattern in JUDGING:
        for path in ROOT.glob(pattern):
            copy = tmp_path / "as it is" / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    shutil.copytree(tmp_path / "as it is", tmp_path / "changed")
    turned = tmp_path / "changed" / changed
    turned.write_text(turned.read_text("utf-8").replace(">=", ">").replace("return ", "return  ", 1), "utf-8")
    assert code_hash(tmp_path / "as it is") == code_hash(ROOT) != code_hash(tmp_path / "changed")


def blind(*given: object, **more: object) -> list[object]:
    """A rule that finds nothing any more."""
    return []


@pytest.mark.parametrize(
    ("module", "name", "value", "trial"),
    [
        (suicide, "FORMS", {}, "risk items"),
        (deterioration, "deterioration_findings", blind, "worsening"),
        (deterioration, "SLOW_SHARE", Decimal(2), "worsening"),
        (break_off, "break_off_findings", blind, "breaking off"),
        (break_off, "LIMIT_TOGETHER", 99_999, "breaking off"),
        (help_asked, "help_asked_findings", blind, "asking to be called"),
        (suicide.lexicon, "screen", only_wishes, "risky words"),
        (suicide, "FOLLOW_UP_ALARMS", {}, "follow-up questions"),
        (suicide.lexicon, "screen", lambda text: 1 / 0, "risky words"),
        (suicide.lexicon, "screen", lambda text: ["all is danger"], "harmless words"),
    ],
)
def test_the_self_test_sees_a_set_that_is_empty_or_broken(
    monkeypatch: pytest.MonkeyPatch, module, name, value, trial
) -> None:
    monkeypatch.setattr(module, name, value)
    assert trial in failed_trials()


def test_the_self_test_sees_that_there_are_no_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(FORMS):
        monkeypatch.delitem(FORMS, name)
    assert "risk items" in failed_trials()


def test_the_shipped_rules_are_put_in_force_once_and_a_changed_set_is_not(cast: Cast, changed: None) -> None:
    assert RuleActivation.objects.count() == 1
    assert activate_shipped(now=NOW) is None
    assert fault_of_rules() is Fault.NOT_ACTIVATED


@pytest.mark.hazard("H6l")
def test_a_changed_set_takes_two_people_with_the_right(cast: Cast, changed: None) -> None:
    tried(cast)
    with pytest.raises(ActivationRefused, match="Nobody has proposed"):
        activate_rules(by=cast.lena, now=timezone.now())
    with pytest.raises(ActivationRefused, match="Only those who lead"):
        propose_rules(reason="Nya gränser", by=cast.berit, now=timezone.now())
    propose_rules(reason="Nya gränser", by=cast.lena, now=timezone.now())
    with pytest.raises(ActivationRefused, match="another person"):
        activate_rules(by=cast.lena, now=timezone.now())
    assert not rules_stand()
    activate_rules(by=cast.omar, now=timezone.now())
    assert rules_stand()  # without a restart
    newest = RuleActivation.objects.newest_first()[0]
    assert (newest.proposed_by, newest.activated_by) == (cast.lena, cast.omar)


def test_a_broken_set_cannot_be_put_in_force(cast: Cast, changed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "screen", lambda text: [])
    with pytest.raises(ActivationRefused, match="self test: risky words"):
        propose_rules(reason="Nya gränser", by=cast.lena, now=NOW)


def test_going_back_to_older_rules_is_a_change_too(cast: Cast, booted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as release:
        release.setattr(rule_set, "RULES_VERSION", "another")
        tried(cast)
        propose_rules(reason="Nya gränser", by=cast.lena, now=timezone.now())
        activate_rules(by=cast.omar, now=timezone.now())
    assert fault_of_rules() is Fault.NOT_ACTIVATED


def test_the_database_refuses_the_same_eyes_twice(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        RuleActivation.objects.create(
            hash="x", version="1", reason="x", proposed_at=NOW, proposed_by=cast.lena, activated_at=NOW,
            activated_by=cast.lena,
        )  # fmt: skip


def test_the_command_shows_and_tries(cast: Cast, changed: None) -> None:
    def run(*words: str) -> str:
        out = StringIO()
        call_command("rules", *words, stdout=out)
        return out.getvalue()

    with pytest.raises(CommandError, match="not in force"):
        run("show")
    assert "Nothing would differ." in run("try", "--by", cast.lena.email)
    propose_rules(reason="Nya gränser", by=cast.lena, now=timezone.now())
    activate_rules(by=cast.omar, now=timezone.now())
    assert "They are in force" in run("show")
    with pytest.raises(CommandError, match="active person"):
        run("try", "--by", "nobody@example.org")


def test_while_they_do_not_stand_it_is_said_once_a_minute_and_tried_once(
    cast: Cast, changed: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In those hours somebody reads the log, and every page asks."""
    tried_at: list[float] = []
    monkeypatch.setattr(in_force, "failed_trials", lambda: tried_at.append(0.0) or [])
    for at in (1000.0, 1030.0, 1059.0, 1060.0):
        monkeypatch.setattr(in_force.time, "monotonic", lambda at=at: at)
        assert not rules_stand()
    assert (caplog.text.count("rules.not_in_force"), len(tried_at)) == (2, 1)
    monkeypatch.setattr(in_force, "SAID_EVERY", 0.0)  # the red twin
    assert not rules_stand()
    assert caplog.text.count("rules.not_in_force") == 3


def test_a_process_asks_the_database_once(cast: Cast, booted: None, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        assert all(rules_stand() for _time in range(3))
    assert connection.connection is not None
    assert User.objects.exists()
