"""Runs the named tests of hazards H1 to H8 with their control taken away: each must then fail (a plugin of pytest).

Nothing in the product can switch a control off. Here a test's own process is patched before the test begins, so that a
test which would pass without its control is found: it proves nothing. See tests/guards/test_hazards.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import time, timedelta
from typing import Any

import pytest

Patch = Callable[[pytest.MonkeyPatch], None]

SCREENING, CLIMBING = "tests/riskmonitor/test_screening.py", "tests/riskmonitor/test_climbing.py"
RAISING, WATCHING = "tests/riskmonitor/test_raising.py", "tests/riskmonitor/test_watching.py"
LEXICON, LABELLED = "tests/riskmonitor/test_lexicon.py", "tests/riskmonitor/test_labelled_texts.py"
RULES, WORSENING = "tests/riskmonitor/test_rules.py", "tests/riskmonitor/test_deterioration.py"
ASKED_AGAIN, CALLED = "tests/riskmonitor/test_asked_again.py", "tests/riskmonitor/test_help_asked.py"
FLAG_LIFE, LEAVING = "tests/riskmonitor/test_flag_life.py", "tests/riskmonitor/test_leaving.py"
BREAK_OFF = "tests/riskmonitor/test_break_off.py"
MISSING, DRY_RUN = "tests/riskmonitor/test_missing_flags.py", "tests/riskmonitor/test_dry_run.py"
DRY_RUN_BREAK_OFF = "tests/riskmonitor/test_dry_run_break_off.py"
RESCAN = "tests/riskmonitor/test_rescan.py"
IN_FORCE = "tests/riskmonitor/test_rules_in_force.py"
NOT_SEEN = "tests/riskmonitor/test_silence_is_absence.py"
WORKLIST, ORDER = "tests/ikbt/test_worklist.py", "tests/ikbt/test_order.py"
HANDOVER = "tests/ikbt/test_handover.py"
TOLD_AGAIN, ELSEWHERE = "tests/riskmonitor/test_told_again.py", "tests/riskmonitor/test_flag_elsewhere.py"
NOT_REACHED = "tests/riskmonitor/test_not_reached.py"
KEPT_WORDS = "tests/riskmonitor/test_kept_words.py"
ABSENCES, BELONGING = "tests/clinics/test_absence_actions.py", "tests/clinics/test_belonging.py"


def a_row_is_tried_once(patch: pytest.MonkeyPatch) -> None:
    """As a queue does that forgets what a killed process had taken."""
    from messaging.models import Message

    unscreened: Any = Message.objects.unscreened
    patch.setattr(
        type(Message.objects.all()), "unscreened", lambda _rows, now: unscreened(now).filter(screen_attempts=0)
    )


def no_flag_is_missed(patch: pytest.MonkeyPatch) -> None:
    from riskmonitor.models import RaisedFlag

    patch.setattr(type(RaisedFlag.objects.all()), "missing", lambda rows: rows.none())


def anybody_changes_the_rules(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.actions.activating._refuse_stranger", lambda _by: None)


def the_same_is_the_same_to_the_letter(patch: pytest.MonkeyPatch) -> None:
    for module in ("raising", "rescanning"):
        patch.setattr(f"riskmonitor.actions.{module}.is_known", lambda found, held: found in list(held))


def nothing_differs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.actions.trying.differences", lambda *_told: [])


def breaking_off_is_not_tried(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.sweeps.dry_runs._next_treatments", lambda _run: [])


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


def the_word_list_is_empty(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.lexicon.Lexicon.screen", lambda *_asked: [])


def the_suicide_item_is_not_judged(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.rules.suicide._judge", lambda *_asked: None)


def no_worsening_is_found(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.screening.deterioration_findings", lambda *_given: [])


def no_late_answer_is_judged(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.screening.asked_again_findings", lambda *_given: [])


def no_call_is_asked_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.screening.help_asked_findings", lambda *_given: [])


def no_break_off_is_found(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.sweeps.break_off.break_off_findings", lambda *_given: [])


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


WITHOUT: dict[str, Patch] = {
    f"{MISSING}::test_a_flag_that_is_deleted_by_sql_is_read_by_a_human_and_told_to_everybody": no_flag_is_missed,
    f"{MISSING}::test_one_that_cannot_be_told_does_not_stop_those_behind_it": no_flag_is_missed,
    f"{RESCAN}::test_the_same_words_by_another_phrase_raise_no_closed_flag_anew": the_same_is_the_same_to_the_letter,
    f"{IN_FORCE}::test_a_changed_set_takes_two_people_with_the_right": anybody_changes_the_rules,
    f"{DRY_RUN}::test_what_would_go_come_later_or_stay_is_told_by_row_and_nothing_is_flagged": nothing_differs,
    f"{DRY_RUN_BREAK_OFF}::test_flags_of_breaking_off_come_and_go_with_a_limit_and_nothing_is_flagged": (
        breaking_off_is_not_tried
    ),
    f"{SCREENING}::test_a_killed_screener_leaves_a_trace_and_its_row_is_due_again": a_row_is_tried_once,
    f"{CLIMBING}::test_it_climbs_therapist_substitute_team_lead_and_the_lead_is_asked_again": no_flag_climbs,
    f"{WATCHING}::test_the_auditor_finds_a_flag_that_does_not_climb": no_clock_is_late,
    f"{TOLD_AGAIN}::test_whoever_had_the_flag_is_told_when_its_steps_begin_anew": who_had_it_is_not_told,
    f"{ELSEWHERE}::test_the_next_sweep_asks_others": nobody_is_called_at_once,
    f"{NOT_REACHED}::test_the_clock_runs_as_if_nobody_had_tried": who_tried_has_taken_it_on,
    f"{NOT_REACHED}::test_whoever_answers_for_the_flag_is_reminded_once_when_the_time_has_come": no_try_comes,
    f"{KEPT_WORDS}::test_each_showing_of_kept_words_leaves_a_row": kept_words_are_shown_unseen,
    f"{KEPT_WORDS}::test_what_is_begun_later_than_an_hour_after_is_not_kept": words_are_begun_for_a_month,
    f"{CLIMBING}::test_an_owner_who_leaves_is_followed_by_the_next_at_once": everybody_counts_as_present,
    f"{FLAG_LIFE}::test_a_flag_is_never_handed_to_who_is_away": everybody_counts_as_present,
    f"{NOT_SEEN}::test_a_flag_does_not_stay_with_somebody_whose_absence_nobody_reported": silence_is_no_absence,
    f"{ABSENCES}::test_an_absence_that_leaves_patients_alone_is_refused_and_names_them": no_gap_is_seen,
    f"{RAISING}::test_item_nine_raises_a_flag_with_the_therapist_as_owner": the_flag_is_anothers,
    f"{WORKLIST}::test_another_clinic_is_not_on_the_list": clinics_are_open_to_each_other,
    f"{WORKLIST}::test_the_substitute_sees_the_patients_only_while_the_absence_lasts": absences_never_end,
    f"{ABSENCES}::test_coming_back_ends_an_absence_now_and_the_substitutes_access_with_it": absences_never_end,
    f"{HANDOVER}::test_the_substitute_reads_it_while_the_absence_lasts_and_each_reading_is_logged": absences_never_end,
    "tests/riskmonitor/test_hub.py::test_the_access_ends_with_the_agreement_to_the_minute": agreements_never_end,
    f"{LEAVING}::test_what_a_flag_opened_ends_with_the_post_and_opens_nothing_in_the_next": grants_outlive_posts,
    f"{LEAVING}::test_who_leaves_and_helps_out_reads_on_until_the_agreement_ends_and_not_by_the_next": (
        grants_outlive_agreements
    ),
    f"{LEAVING}::test_what_could_not_be_closed_with_the_leaving_is_counted_and_closed_by_the_next_round": (
        nothing_left_open_is_seen
    ),
    f"{LEXICON}::test_risky_words_are_found": the_word_list_is_empty,
    f"{LABELLED}::test_the_share_of_each_label_that_is_found": the_word_list_is_empty,
    f"{WORSENING}::test_a_marked_worsening_raises_a_flag_with_an_owner_in_the_same_transaction": no_worsening_is_found,
    f"{ASKED_AGAIN}::test_a_mark_alerts_again_and_leads_to_help": no_late_answer_is_judged,
    f"{CALLED}::test_one_press_raises_a_flag_for_now_and_says_who_calls_and_when": no_call_is_asked_for,
    f"{BREAK_OFF}::test_every_patient_is_flagged_within_a_quarter_of_an_hour_of_the_limit": no_break_off_is_found,
    f"{BELONGING}::test_nobody_who_is_named_for_a_patient_goes": changes_uncover_nobody,
    f"{RULES}::test_every_value_of_the_suicide_item_has_its_urgency": the_suicide_item_is_not_judged,
    f"{RAISING}::test_a_higher_mark_alerts_again_and_a_lower_one_does_not": everything_alerts_again,
    f"{ORDER}::test_the_order_is_the_rules_then_the_clock_then_the_name": the_list_has_no_order,
    f"{CLIMBING}::test_waits_are_working_time_across_nights_and_holidays": clinics_never_close,
}


@pytest.fixture(autouse=True)
def without_its_control(request: pytest.FixtureRequest) -> Iterator[None]:
    """Take the control of this one test away before its other fixtures and its body run."""
    with pytest.MonkeyPatch.context() as patch:
        WITHOUT[request.node.nodeid.partition("[")[0]](patch)
        yield
