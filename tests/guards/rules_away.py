"""Takes away, in the process of a test, what finds danger (hazard H6). See without_controls.py."""

from __future__ import annotations

import pytest


def anybody_changes_the_rules(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.actions.activating._refuse_stranger", lambda _by: None)


def nothing_differs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.actions.trying.differences", lambda *_told: [])


def breaking_off_is_not_tried(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.sweeps.dry_runs._next_treatments", lambda _run: [])


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


def nobody_reads_what_cannot_be_screened(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.sweeps.screening.raise_unscreenable", lambda **_given: None)


def nothing_waits_to_be_read(patch: pytest.MonkeyPatch) -> None:
    from messaging.models import Message

    patch.setattr(type(Message.objects.all()), "unread_by_staff", lambda rows: rows.none())


def a_page_says_that_all_is_well(patch: pytest.MonkeyPatch) -> None:
    from django.utils.translation import trans_real

    patch.setitem(trans_real.translation("sv")._catalog._catalogs[0], "Is it urgent? Do not write here.", "Låg risk.")


def any_rules_will_do(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("riskmonitor.receivers.demand_rules", lambda: None)
