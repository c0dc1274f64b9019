"""A dry run tries breaking off too: what is missing in each active treatment, against what flags hold of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.models import AuditEvent, Clinic, Membership, Role
from messaging.actions import mark_read
from programs.actions import end_treatment, pause_treatment
from programs.models import Treatment
from riskmonitor import break_off_signs
from riskmonitor.actions import close_flag, order_dry_run
from riskmonitor.models import DryRun, DryRunDifference, Flag
from riskmonitor.rules import Sign, Signs, Telling, Urgency, break_off, break_off_differences
from riskmonitor.sweeps import check_break_off, dry_runs, try_some
from tests.cast import NOW, Cast, make_treatment, make_user
from tests.riskmonitor.dry_runs import tried
from tests.riskmonitor.test_break_off import CLOSING, DAY, STORIES, Anna, only_anna

Q, M, U, R = Sign.QUIET, Sign.MEASURE, Sign.UNSENT, Sign.UNREAD
WEEK, TODAY = Urgency.WEEK, Urgency.TODAY
EVERYBODY = {"Anna", "Erik", "Nils"}


def found(run: DryRun) -> set[tuple[str, str, str, str]]:
    """Return whose treatments differ, and how."""
    names = "treatment__patient__user__first_name"
    return set(run.differences.filter(kind="break_off").values_list(names, "change", "held", "found"))


def differs_in_nothing(run: DryRun, treatment: Treatment) -> bool:
    """Tell whether the run came to the treatment, could judge all it looked at, and found nothing of any kind."""
    run.refresh_from_db()
    assert run.ended_at
    assert run.treatment_done == treatment.pk
    assert run.rows == run.planned >= 1
    return not run.differences.exists()


def on_day(cast: Cast, day: float, days: int = 14) -> DryRun:
    return tried(cast.lena, days=days, now=NOW + day * DAY)


def differing(signs: dict[Sign, int], told: dict[Sign, int], told_on: int = 0, **more: Any) -> list[tuple[str, str]]:
    """Return what differs today of signs of so many days, after a telling of so many days some days ago."""
    telling = Telling(NOW - told_on * DAY, more.get("urgency", WEEK), told) if told else None
    since = {sign: NOW - days * DAY for sign, days in signs.items()}
    open_as = more.get("open_as", WEEK) if told else None
    changes = break_off_differences(Signs(since, (), told), telling, open_as, NOW)
    return [(each.change, each.found or "") for each in changes]


def test_rules_as_they_were_differ_from_no_telling() -> None:
    assert differing({Q: 10, M: 7}, {Q: 10, M: 7}) == []
    assert differing({Q: 15}, {Q: 14}, 1) == []
    assert differing({Q: 1, R: 8}, {Q: 10, R: 7}, 1) == []  # the patient is back, and has not read: nobody's rule
    assert differing({Q: 14}, {Q: 10, R: 7}, 4) == []  # told again, as urgent
    assert differing({Q: 14}, {}) == [("came", "week")]  # due since somebody looked last


def test_another_limit_takes_away_what_it_would_not_have_told_and_does_not_tell_today(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(break_off, "LIMIT_TOGETHER", 12)
    assert differing({Q: 11, M: 8}, {Q: 10, M: 7}, 1) == [("gone", "")]
    assert differing({Q: 1, M: 1}, {Q: 10, M: 7}, 5) == [("gone", "")]
    assert differing({Q: 12, M: 9}, {Q: 10, M: 7}, 2) == []  # two days later, and it stands
    assert differing({Q: 1, R: 15}, {Q: 14, R: 14}, 1) == []


@pytest.mark.parametrize("story", [row[0] for row in STORIES], ids=[row[0].__name__ for row in STORIES])
def test_rules_that_are_in_force_differ_from_nothing_they_flagged(cast: Cast, story: Callable[[Anna], None]) -> None:
    """Whatever is done about it: Anna comes back in part, reads what lay unread, and Berit closes."""
    anna = only_anna(cast)
    story(anna)
    for day in range(6, 32, 2):
        check_break_off(NOW + day * DAY)
        assert differs_in_nothing(on_day(cast, day), cast.annas)
        if day == 16:
            anna.writes(day)
        if day == 18:
            anna.measures(day)
            mark_read(treatment=cast.annas, by=cast.anna, now=NOW + day * DAY)
        if day == 20:
            for flag in Flag.objects.open().filter(kind="break_off"):
                close_flag(flag=flag, by=cast.berit, outcome="no_contact", now=NOW + day * DAY, **CLOSING)


@pytest.mark.hazard("H6m")
def test_flags_of_breaking_off_come_and_go_with_a_limit_and_nothing_is_flagged(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(break_off, "LIMIT_TOGETHER", 8)
    run = on_day(cast, 9)
    assert found(run) == {(name, "came", "", "week") for name in EVERYBODY}
    assert not Flag.objects.exists()
    assert set(run.differences.values_list("at", flat=True)) == {NOW}  # since when something is missing
    check_break_off(NOW + 9 * DAY)
    monkeypatch.setattr(break_off, "LIMIT_TOGETHER", 12)
    before = set(Flag.objects.values_list("pk", "urgency"))
    assert found(on_day(cast, 10)) == {(name, "gone", "week", "") for name in EVERYBODY}
    assert set(Flag.objects.values_list("pk", "urgency")) == before


def test_what_makes_it_more_urgent_is_tried_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anna's total rose by eight points; others have answered nothing."""
    anna = only_anna(cast)
    anna.measures(0)
    anna.measures(1, first=1)
    with monkeypatch.context() as blind:
        blind.setattr("riskmonitor.break_off_course.rose", lambda _form, _totals: False)
        check_break_off(NOW + 15 * DAY)
    assert found(on_day(cast, 16)) == {("Anna", "more_urgent", "week", "today")}
    check_break_off(NOW + 17 * DAY)
    monkeypatch.setattr("riskmonitor.break_off_course.rose", lambda _form, _totals: False)
    assert found(on_day(cast, 18)) == {("Anna", "calmer", "today", "week")}


def test_a_closed_flag_counts_for_as_long_as_the_run_goes_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = only_anna(cast)
    check_break_off(NOW + 10 * DAY)
    anna.measures(10.5)
    flag = Flag.objects.get()
    close_flag(flag=flag, by=cast.berit, outcome="no_contact", now=NOW + 11 * DAY, **CLOSING)
    monkeypatch.setattr(break_off, "LIMIT_TOGETHER", 12)
    assert found(on_day(cast, 18)) == {("Anna", "gone", "week", "")}
    assert found(on_day(cast, 18, days=7)) == set()


def test_what_the_sweep_raises_when_the_rules_come_was_shown(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    Anna(cast).measures(5)
    monkeypatch.setattr(break_off, "LIMIT_TOGETHER", 8)
    shown = {name for name, change, *_urgency in found(on_day(cast, 9)) if change == "came"}
    check_break_off(NOW + 9 * DAY)
    assert set(Flag.objects.values_list("patient__user__first_name", flat=True)) == shown == {"Erik", "Nils"}


def test_without_the_treatments_the_sweep_would_raise_what_nobody_was_shown(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr(break_off, "LIMIT_TOGETHER", 8)
    monkeypatch.setattr(dry_runs, "_next_treatments", lambda _run: [])
    assert found(on_day(cast, 9)) == set()
    assert check_break_off(NOW + 9 * DAY) == 3


def test_canaries_breaks_and_what_is_over_are_left_out(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(break_off, "LIMIT_TOGETHER", 8)
    Clinic.objects.filter(pk=cast.linden.pk).update(is_canary=True)
    pause_treatment(treatment=cast.annas, by=cast.berit, now=NOW + 8 * DAY)
    run = on_day(cast, 9)
    assert (found(run), run.rows, run.planned) == ({("Erik", "came", "", "week")}, 1, 1)
    end_treatment(treatment=cast.eriks, by=cast.berit, now=NOW + 9 * DAY)
    assert on_day(cast, 9.1).rows == 0


def test_it_is_judged_as_of_the_moment_it_was_asked_for(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker comes to it three days later; meanwhile flags were raised, by whatever rules."""
    only_anna(cast)
    asked = NOW + 8.5 * DAY
    run = order_dry_run(days=14, key=uuid4(), by=cast.lena, now=asked)
    check_break_off(NOW + 10 * DAY)
    assert Flag.objects.count() == 1
    while try_some(NOW + 11 * DAY):
        pass
    assert differs_in_nothing(run, cast.annas)


def test_what_cannot_be_judged_is_a_difference(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: of breaking off alone there is none."""
    only_anna(cast)
    monkeypatch.setattr("riskmonitor.actions.trying_break_off.break_off_differences", lambda *_given: 1 / 0)
    run = on_day(cast, 6)
    assert found(run) == set()
    assert not differs_in_nothing(run, cast.annas)


def test_a_run_over_no_treatment_proves_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    only_anna(cast)
    monkeypatch.setattr(dry_runs, "_next_treatments", lambda _run: [])
    with pytest.raises(AssertionError):
        differs_in_nothing(on_day(cast, 6), cast.annas)


def test_a_batch_whose_worker_is_killed_is_made_once_more_and_counted_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(break_off, "LIMIT_TOGETHER", 8)
    monkeypatch.setattr(dry_runs, "BATCH", 2)
    now, whole = NOW + 9 * DAY, dry_runs.try_treatments
    run = order_dry_run(days=14, key=uuid4(), by=cast.lena, now=now)

    def dies(**given: Any) -> None:
        whole(**given)
        raise ZeroDivisionError

    with monkeypatch.context() as dying:
        dying.setattr(dry_runs, "try_treatments", dies)
        assert try_some(now)
    assert not try_some(now + timedelta(seconds=1))  # its lease has not ended
    seen = []
    while try_some(now + dry_runs.LEASE):
        run.refresh_from_db()
        seen.append((run.rows, run.differences.count(), run.ended_at is not None))
    assert seen == [(2, 2, False), (3, 3, False), (3, 3, True)]


def test_what_the_new_rules_cannot_tell_would_be_a_flag_for_a_human(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(row: break_off_signs.Row, *given: Any) -> Any:
        return 1 / 0 if row.pk == cast.annas.pk else whole(row, *given)

    whole = break_off_signs._measure_since
    monkeypatch.setattr(break_off_signs, "_measure_since", broken)
    monkeypatch.setattr("riskmonitor.actions.trying_break_off.break_off_differences", lambda *_given: 1 / 0)
    kinds = on_day(cast, 9).differences.values_list("treatment", "kind", "change", "found")
    assert set(kinds) == {(each.pk, "unscreenable", "came", "now") for each in (cast.annas, cast.eriks, cast.nilss)}
    check_break_off(NOW + 9 * DAY)  # a human is told of Anna
    told_of = on_day(cast, 9.1).differences.values_list("treatment", flat=True)
    assert set(told_of) == {cast.eriks.pk, cast.nilss.pk}


def test_a_batch_costs_the_same_for_one_and_for_many(cast: Cast) -> None:
    def queries() -> int:
        run = order_dry_run(days=14, key=uuid4(), by=cast.lena, now=NOW + 20 * DAY)
        with CaptureQueriesContext(connection) as captured:
            dry_runs.try_treatments(dry_run=run, treatments=dry_runs._next_treatments(run))
        assert run.differences.exists()
        return len(captured)

    only_anna(cast).gets_message(1)
    few = queries()
    for number in range(5):
        make_treatment(make_user(f"Pat{number}", "Lund"), cast.eken, cast.berit, cast.cecilia, cast.revision)
    assert queries() == few <= 12


def test_the_page_counts_them_with_the_others_and_leads_through_the_patients_door(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(break_off, "LIMIT_TOGETHER", 8)
    Membership.objects.filter(user=cast.lena).update(ended_at=NOW)
    Membership.objects.create(user=cast.berit, clinic=cast.eken, role=Role.LEAD, started_at=NOW)
    run = on_day(cast, 9)
    client = Client()
    with time_machine.travel(NOW + 9 * DAY, tick=False):
        client.force_login(cast.berit)
        page = client.get(reverse("dry-run", args=[run.code]))
    assert {row[0]: row[1:] for row in page.context["by_kind"]} == {"Kan vara på väg att avbryta": [0, 0, 3, 0]}
    assert {row[0]: row[1:] for row in page.context["by_clinic"]} == {
        "Eken": [0, 0, 2, 0],
        "Andra vårdcentraler": [0, 0, 1, 0],
    }
    patients = {cast.annas.patient, cast.eriks.patient}
    assert {each.url for each in page.context["listed"]} == {reverse("patient", args=[each.code]) for each in patients}
    assert {each.what for each in page.context["listed"]} == {"Det som saknas"}
    assert "3 svar, meddelanden och behandlingar gicks igenom." in page.text
    assert AuditEvent.objects.filter(what=f"dry-run:{run.code}", did="listed").count() == 2
    assert not any(name in page.text for name in ("Anna", "Nils"))


def test_breaking_off_is_of_a_treatment_and_a_difference_of_one_thing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(break_off, "LIMIT_TOGETHER", 8)
    run = on_day(cast, 9)
    first: DryRunDifference = run.differences.earliest("pk")
    Anna(cast).measures(9)
    answer = Treatment.objects.get(pk=cast.annas.pk).submissions.latest("pk")
    for changed in (
        {"kind": "suicide"}, {"treatment": None}, {"treatment": None, "submission": answer}, {"submission": answer}, {},
    ):  # fmt: skip
        first.pk = None
        wrong = {field.name: getattr(first, field.name) for field in first._meta.concrete_fields} | changed
        with pytest.raises(IntegrityError), transaction.atomic():
            DryRunDifference.objects.create(**wrong)
