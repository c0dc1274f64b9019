"""Each function takes one control of the safety file away, in the process of a test. See without_controls.py."""

from __future__ import annotations

from collections.abc import Collection
from datetime import time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest


def a_row_is_tried_once(patch: pytest.MonkeyPatch) -> None:
    """As a queue does that forgets what a killed process had taken."""
    from messaging.models import Message

    queryset: Any = type(Message.objects.all())
    unscreened = queryset.unscreened
    patch.setattr(queryset, "unscreened", lambda rows, now: unscreened(rows, now).filter(screen_attempts=0))


def no_flag_is_missed(patch: pytest.MonkeyPatch) -> None:
    from riskmonitor.models import RaisedFlag

    patch.setattr(type(RaisedFlag.objects.all()), "missing", lambda rows: rows.none())


def the_same_is_the_same_to_the_letter(patch: pytest.MonkeyPatch) -> None:
    for module in ("raising", "rescanning"):
        patch.setattr(f"riskmonitor.actions.{module}.is_known", lambda found, held: found in list(held))


def no_flag_climbs(patch: pytest.MonkeyPatch) -> None:
    from riskmonitor.models import Flag

    patch.setattr(type(Flag.objects.all()), "due", lambda rows, _now: rows.none())


def who_tried_has_taken_it_on(patch: pytest.MonkeyPatch) -> None:
    from riskmonitor import actions

    kept = actions.not_reached

    def taken(**given: Any) -> object:
        actions.acknowledge(flag=given["flag"], by=given["by"], now=given["now"])
        return kept(**given)

    patch.setattr(actions, "not_reached", taken)


def no_try_comes(patch: pytest.MonkeyPatch) -> None:
    from riskmonitor.models import Flag

    patch.setattr(type(Flag.objects.all()), "to_remind", lambda rows, _now: rows.none())


def no_clock_is_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.sweeps.auditing.SLACK", timedelta(days=1))


def everybody_counts_as_present(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("clinics.cover.coverage.present", lambda *_asked: True)


def silence_is_no_absence(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.unanswered.away_from", lambda *_facts: None)


def no_gap_is_seen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("clinics.cover.coverage.gaps", lambda *_asked: [])


def the_flag_is_anothers(patch: pytest.MonkeyPatch) -> None:
    """The flag of whoever wrote goes to the therapist of another patient, at another clinic."""
    from programs.models import Treatment
    from riskmonitor import receivers

    raise_flags = receivers.raise_flags

    def mixed_up(**given: Any) -> object:
        other = Treatment.objects.exclude(patient__clinic=given["patient"].clinic).get()
        return raise_flags(**(given | {"patient": other.patient, "treatment": other}))

    patch.setattr(receivers, "raise_flags", mixed_up)


def clinics_are_open_to_each_other(patch: pytest.MonkeyPatch) -> None:
    from clinics.models import Clinic, Patient
    from programs.models import Treatment

    for model in (Patient, Treatment):
        patch.setattr(type(model.objects.all()), "visible_to", lambda rows, _user: rows)
    patch.setattr(type(Patient.objects.all()), "in_care_of", lambda rows, _user, _now: rows)
    patch.setattr("ikbt.casework.in_care.clinics_of", lambda *_asked: list(Clinic.objects.all()))


def absences_never_end(patch: pytest.MonkeyPatch) -> None:
    from clinics.models import Absence

    patch.setattr(type(Absence.objects.all()), "ongoing", lambda rows, _now: rows)


def agreements_never_end(patch: pytest.MonkeyPatch) -> None:
    from clinics.models import HubAgreement

    patch.setattr(type(HubAgreement.objects.all()), "in_force", lambda rows, _now: rows)


def grants_outlive_posts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.actions.covering.end_grants_of_who_left", lambda *_given: None)


def grants_outlive_agreements(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.actions.covering.keep_grants_to_agreements", lambda *_given: None)


def nothing_left_open_is_seen(patch: pytest.MonkeyPatch) -> None:
    from clinics.models import AccessGrant

    patch.setattr(type(AccessGrant.objects.all()), "left_behind", lambda rows, _now: rows.none())


def changes_uncover_nobody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("clinics.cover.change.uncovers", lambda *_asked: {})


def everything_alerts_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.actions.raising.worse", lambda *_asked: True)


def the_list_has_no_order(patch: pytest.MonkeyPatch) -> None:
    from ikbt.casework.order import Reason

    patch.setattr("ikbt.casework.order.STRENGTH", dict.fromkeys(Reason, 0))


def clinics_never_close(patch: pytest.MonkeyPatch) -> None:
    """As if nights, weekends and holidays were watched."""
    from clinics.cover.working_time import Hours

    patch.setattr(Hours, "on", lambda _hours, _day: ((time(0), time(0)),))


def who_had_it_is_not_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.actions.raising.tell_who_had_it", lambda flag, had, now: None)


def nobody_is_called_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.views.kind_words.call_at_once", lambda flag, now: None)


def kept_words_are_shown_unseen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.views.kind_words.audit", lambda **facts: None)


def words_are_begun_for_a_month(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.flags.once_told.BEGUN", timedelta(days=30))


def flags_come_after_the_commit(patch: pytest.MonkeyPatch) -> None:
    from django.db import transaction

    from riskmonitor import receivers

    raise_flags = receivers.raise_flags

    def later(**given: Any) -> list[object]:
        transaction.on_commit(partial(raise_flags, **given))
        return []

    patch.setattr(receivers, "raise_flags", later)


def the_guard_sweeps_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.watch.guard.safety_rounds", lambda _switch: [])


def no_night_looks_back(patch: pytest.MonkeyPatch) -> None:
    from riskmonitor.actions.rescanning import Looked

    patch.setattr("riskmonitor.sweeps.rescanning.look_back_at", lambda **_given: Looked.AS_HELD)


def no_bar_is_red(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ikbt.context.warnings", set)


def all_is_always_well(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.watch.dead_mans_switch.Switch._all_is_well", lambda *_asked: True)


def the_door_stands_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("clinics.access.enter", lambda *_asked, **_facts: None)


def readings_leave_no_row(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("clinics.access.audit", lambda **_facts: None)


def no_open_flag_is_seen(patch: pytest.MonkeyPatch) -> None:
    """Neither the question nor, under it, the database's own constraint: each holds without the other."""
    from django.db import connection

    from riskmonitor.actions import raising
    from riskmonitor.models import Flag

    raise_new = raising._raise_new

    def unconstrained(*given: Any) -> Flag:
        with connection.cursor() as cursor:  # until the test's transaction is rolled back
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; DROP INDEX IF EXISTS one_open_flag_per_patient_and_kind")
        return raise_new(*given)

    patch.setattr(raising, "_OPEN_FLAGS", Flag.objects.none())
    patch.setattr(raising, "_raise_new", unconstrained)


def notices_pile_up(patch: pytest.MonkeyPatch) -> None:
    from messaging.models import Notice

    patch.setattr(Notice, "is_about_a_flag", property(lambda _notice: False))


def the_guides_are_silent(patch: pytest.MonkeyPatch) -> None:
    read = Path.read_text
    patch.setattr(Path, "read_text", lambda path, *given: read(path, *given).replace("Ingen bevakar", "Vi bevakar"))


def flags_come_last(patch: pytest.MonkeyPatch) -> None:
    from ikbt.casework import order

    patch.setitem(order.STRENGTH, order.Reason.FLAG, len(order.Reason))
    patch.setitem(order.GROUP_OF, order.Reason.FLAG, order.Group.WEEK)


def deadlines_are_listed_late(patch: pytest.MonkeyPatch) -> None:
    from ikbt.casework import caseload

    read = caseload.open_flags

    def late(patients: Collection[int]) -> dict[int, list[Any]]:
        flags = read(patients)
        return {pk: [each._replace(due_at=each.due_at + timedelta(hours=1)) for each in flags[pk]] for pk in patients}

    patch.setattr(caseload, "open_flags", late)
