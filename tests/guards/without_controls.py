"""Runs the named tests of hazards H1 to H8 with their control taken away: each must then fail (a plugin of pytest).

Nothing in the product can switch a control off. Here a test's own process is patched before the test begins, so that a
test which would pass without its control is found: it proves nothing. See tests/guards/test_hazards.py.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

import pytest

from . import controls_away as without
from . import rules_away as finding

Patch = Callable[[pytest.MonkeyPatch], None]
FAILED_BY = "failed-by"

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
DEAD_CHAIN, SWITCH = "tests/riskmonitor/test_dead_chain.py", "tests/riskmonitor/test_dead_mans_switch.py"
PATIENT_VIEW = "tests/ikbt/test_patient_view.py"
NOT_REACHED = "tests/riskmonitor/test_not_reached.py"
KEPT_WORDS = "tests/riskmonitor/test_kept_words.py"
ABSENCES, BELONGING = "tests/clinics/test_absence_actions.py", "tests/clinics/test_belonging.py"


WITHOUT: dict[str, Patch] = {
    f"{MISSING}::test_a_flag_that_is_deleted_by_sql_is_read_by_a_human_and_told_to_everybody": (
        without.no_flag_is_missed
    ),
    f"{MISSING}::test_one_that_cannot_be_told_does_not_stop_those_behind_it": without.no_flag_is_missed,
    f"{RESCAN}::test_the_same_words_by_another_phrase_raise_no_closed_flag_anew": (
        without.the_same_is_the_same_to_the_letter
    ),
    f"{IN_FORCE}::test_a_changed_set_takes_two_people_with_the_right": finding.anybody_changes_the_rules,
    f"{DRY_RUN}::test_what_would_go_come_later_or_stay_is_told_by_row_and_nothing_is_flagged": finding.nothing_differs,
    f"{DRY_RUN_BREAK_OFF}::test_flags_of_breaking_off_come_and_go_with_a_limit_and_nothing_is_flagged": (
        finding.breaking_off_is_not_tried
    ),
    f"{SCREENING}::test_a_killed_screener_leaves_a_trace_and_its_row_is_due_again": without.a_row_is_tried_once,
    f"{CLIMBING}::test_it_climbs_therapist_substitute_team_lead_and_the_lead_is_asked_again": without.no_flag_climbs,
    f"{WATCHING}::test_the_auditor_finds_a_flag_that_does_not_climb": without.no_clock_is_late,
    f"{TOLD_AGAIN}::test_whoever_had_the_flag_is_told_when_its_steps_begin_anew": without.who_had_it_is_not_told,
    f"{ELSEWHERE}::test_the_next_sweep_asks_others": without.nobody_is_called_at_once,
    f"{NOT_REACHED}::test_the_clock_runs_as_if_nobody_had_tried": without.who_tried_has_taken_it_on,
    f"{NOT_REACHED}::test_whoever_answers_for_the_flag_is_reminded_once_when_the_time_has_come": without.no_try_comes,
    f"{KEPT_WORDS}::test_each_showing_of_kept_words_leaves_a_row": without.kept_words_are_shown_unseen,
    f"{KEPT_WORDS}::test_what_is_begun_later_than_an_hour_after_is_not_kept": without.words_are_begun_for_a_month,
    f"{CLIMBING}::test_an_owner_who_leaves_is_followed_by_the_next_at_once": without.everybody_counts_as_present,
    f"{FLAG_LIFE}::test_a_flag_is_never_handed_to_who_is_away": without.everybody_counts_as_present,
    f"{NOT_SEEN}::test_a_flag_does_not_stay_with_somebody_whose_absence_nobody_reported": without.silence_is_no_absence,
    f"{ABSENCES}::test_an_absence_that_leaves_patients_alone_is_refused_and_names_them": without.no_gap_is_seen,
    f"{RAISING}::test_item_nine_raises_a_flag_with_the_therapist_as_owner": without.the_flag_is_anothers,
    f"{WORKLIST}::test_another_clinic_is_not_on_the_list": without.clinics_are_open_to_each_other,
    f"{WORKLIST}::test_the_substitute_sees_the_patients_only_while_the_absence_lasts": without.absences_never_end,
    f"{ABSENCES}::test_coming_back_ends_an_absence_now_and_the_substitutes_access_with_it": without.absences_never_end,
    f"{HANDOVER}::test_the_substitute_reads_it_while_the_absence_lasts_and_each_reading_is_logged": (
        without.absences_never_end
    ),
    "tests/riskmonitor/test_hub.py::test_the_access_ends_with_the_agreement_to_the_minute": (
        without.agreements_never_end
    ),
    f"{LEAVING}::test_what_a_flag_opened_ends_with_the_post_and_opens_nothing_in_the_next": (
        without.grants_outlive_posts
    ),
    f"{LEAVING}::test_who_leaves_and_helps_out_reads_on_until_the_agreement_ends_and_not_by_the_next": (
        without.grants_outlive_agreements
    ),
    f"{LEAVING}::test_what_could_not_be_closed_with_the_leaving_is_counted_and_closed_by_the_next_round": (
        without.nothing_left_open_is_seen
    ),
    f"{LEXICON}::test_risky_words_are_found": finding.the_word_list_is_empty,
    f"{LABELLED}::test_the_share_of_each_label_that_is_found": finding.the_word_list_is_empty,
    f"{WORSENING}::test_a_marked_worsening_raises_a_flag_with_an_owner_in_the_same_transaction": (
        finding.no_worsening_is_found
    ),
    f"{ASKED_AGAIN}::test_a_mark_alerts_again_and_leads_to_help": finding.no_late_answer_is_judged,
    f"{CALLED}::test_one_press_raises_a_flag_for_now_and_says_who_calls_and_when": finding.no_call_is_asked_for,
    f"{BREAK_OFF}::test_every_patient_is_flagged_within_a_quarter_of_an_hour_of_the_limit": (
        finding.no_break_off_is_found
    ),
    f"{BELONGING}::test_nobody_who_is_named_for_a_patient_goes": without.changes_uncover_nobody,
    f"{RULES}::test_every_value_of_the_suicide_item_has_its_urgency": finding.the_suicide_item_is_not_judged,
    f"{RAISING}::test_a_higher_mark_alerts_again_and_a_lower_one_does_not": without.everything_alerts_again,
    f"{ORDER}::test_the_order_is_the_rules_then_the_clock_then_the_name": without.the_list_has_no_order,
    f"{CLIMBING}::test_waits_are_working_time_across_nights_and_holidays": without.clinics_never_close,
    f"{RAISING}::test_answers_and_flag_become_visible_in_the_same_commit": without.flags_come_after_the_commit,
    f"{WATCHING}::test_the_guard_screens_and_climbs_without_a_broker_and_stops_when_told": (
        without.the_guard_sweeps_nothing
    ),
    f"{RESCAN}::test_a_screening_that_found_too_little_is_seen_by_the_rules_of_tonight": without.no_night_looks_back,
    f"{WORKLIST}::test_the_flag_stands_first_with_its_words": without.flags_come_last,
    f"{WORKLIST}::test_the_flag_stands_with_its_deadline": without.deadlines_are_listed_late,
    f"{DEAD_CHAIN}::test_the_flag_is_in_the_list_and_a_red_bar_tells_that_text_screening_is_late": (
        without.no_bar_is_red
    ),
    f"{SWITCH}::test_a_process_that_is_missed_silences_us": without.all_is_always_well,
    f"{CLIMBING}::test_an_absent_therapist_is_passed_in_the_same_instant": without.everybody_counts_as_present,
    f"{PATIENT_VIEW}::test_another_clinic_is_404_and_no_care_relation_403": without.the_door_stands_open,
    f"{PATIENT_VIEW}::test_reading_leaves_one_audit_row_and_the_title_is_neutral": without.readings_leave_no_row,
    f"{SCREENING}::test_a_scanner_that_breaks_fails_open_to_a_human": finding.nobody_reads_what_cannot_be_screened,
    f"{PATIENT_VIEW}::test_looking_marks_nothing_as_read_and_the_button_does": finding.nothing_waits_to_be_read,
    "tests/ikbt/test_never_promised.py::test_no_page_calls_calm_answers_safe": finding.a_page_says_that_all_is_well,
    f"{IN_FORCE}::test_with_an_empty_rule_set_every_submission_is_a_flag_for_a_human": finding.any_rules_will_do,
    f"{RAISING}::test_new_danger_of_a_kind_attaches_to_the_flag_that_is_open": without.no_open_flag_is_seen,
    "tests/messaging/test_notices.py::test_a_newer_word_about_the_same_flag_replaces_the_older": (
        without.notices_pile_up
    ),
    "tests/guards/test_guides.py::test_each_guide_says_that_nobody_watches_when_the_clinic_is_closed": (
        without.the_guides_are_silent
    ),
    "tests/riskmonitor/test_flag_review.py::test_a_flag_of_the_night_is_shown_with_an_hour_when_the_clinic_is_open": (
        without.clinics_never_close
    ),
}


@pytest.fixture(autouse=True)
def without_its_control(request: pytest.FixtureRequest) -> Iterator[None]:
    """Take the control of this one test away before its other fixtures and its body run."""
    with pytest.MonkeyPatch.context() as patch:
        WITHOUT[request.node.nodeid.partition("[")[0]](patch)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and call.excinfo is not None:
        report.user_properties.append((FAILED_BY, call.excinfo.typename))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say by what each test failed, one a line: its own assertions, or a patch that is wrong."""
    for report in terminalreporter.getreports("failed"):
        name = report.nodeid.partition("[")[0]
        terminalreporter.write_line(f"{FAILED_BY} {dict(report.user_properties)[FAILED_BY]} {name}")
