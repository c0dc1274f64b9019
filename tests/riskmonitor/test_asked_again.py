"""A question about suicide that was left out: unknown, seen by a human today, and asked again by itself."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from programs.actions import AnswersRefused, end_treatment, send_asked_again, send_measure
from programs.models import Submission
from programs.shipped import instruments
from riskmonitor.actions import close_flag, outcomes_for
from riskmonitor.models import Flag, FlagFinding
from riskmonitor.rules import FORMS, BadAnswer, Finding, Kind, UnknownForm, Urgency, asked_again_findings, item_findings
from riskmonitor.screening import item_findings_of
from riskmonitor.sweeps import screen_one
from tests.cast import NOW, Cast

URL, HOME = "/my/one-question/", "/my/"
LEFT_OUT = {str(item): 0 for item in range(1, 9)}
LATER = NOW + timedelta(minutes=5)
VERSION = {name: min(form.versions) for name, form in FORMS.items()}
CLOSING = {"assessment": "Svarade noll.", "action": "", "contact_at": None, "contact_with": ""}


def send(cast: Cast, answers: dict[str, int], at=NOW) -> Submission:
    phq9 = instruments()["phq9"]
    return send_measure(
        treatment=cast.annas, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(), by=cast.anna, now=at
    )


def answer(client: Client, value: str = "", at=LATER):
    with time_machine.travel(at, tick=False):
        version = instruments()["phq9"].version
        return client.post(URL, {"form_version": version} | ({"9": value} if value else {}))


@pytest.fixture
def asked(cast: Cast, client: Client) -> Client:
    send(cast, LEFT_OUT)
    with time_machine.travel(LATER, tick=False):
        client.force_login(cast.anna)
    return client


MEASURE, ASKED_AGAIN = Submission.Kind.MEASURE, Submission.Kind.ASKED_AGAIN
# What item 9 of MADRS-S was, None where it was left out, and what the last answer raises: it is up by two or more.
RISES = {
    "after a question that was left out": ([(MEASURE, 0), (MEASURE, None), (MEASURE, 2)], "madrs_s.item9.rise"),
    "when it is asked again": ([(MEASURE, 0), (MEASURE, None), (ASKED_AGAIN, 2)], "madrs_s.item9.rise"),
    "from what was asked again": ([(MEASURE, None), (ASKED_AGAIN, 0), (MEASURE, 2)], "madrs_s.item9.rise"),
    "not from what was asked again": ([(MEASURE, 0), (ASKED_AGAIN, 1), (MEASURE, 2)], None),
    "from nothing that is known": ([(MEASURE, None), (MEASURE, 2)], None),
}


@pytest.mark.parametrize("case", RISES)
def test_a_rise_is_counted_from_the_last_answer_that_is_known(cast: Cast, case: str) -> None:
    told, rule = RISES[case]
    for number, (kind, value) in enumerate(told):
        answers = {"9": value} if kind == ASKED_AGAIN else {str(item): 0 for item in range(1, 9)} | {"9": value}
        last = Submission.objects.create(
            key=uuid4(), treatment=cast.annas, kind=kind, form="madrs_s", form_version=VERSION["madrs_s"],
            answers=answers, texts=[], sent_at=NOW + timedelta(weeks=number), screen_after=NOW, entered_by=cast.anna,
        )  # fmt: skip
    found = [each.finding.rule for each in item_findings_of(last)]
    assert found == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("form", "value", "before", "urgency"),
    [
        ("phq9", None, None, None),  # still left out: the first finding stands
        ("phq9", 0, None, None),
        ("phq9", 1, None, Urgency.TODAY),
        ("phq9", 2, None, Urgency.NOW),
        ("phq9", 3, None, Urgency.NOW),
        ("madrs_s", 2, None, None),
        ("madrs_s", 2, 0, Urgency.TODAY),  # up by two
        ("madrs_s", 3, None, Urgency.TODAY),
        ("madrs_s", 4, None, Urgency.NOW),
    ],
)
def test_the_answer_is_judged_as_in_the_whole_form(
    form: str, value: int | None, before: int | None, urgency: Urgency | None
) -> None:
    found = asked_again_findings(form, VERSION[form], {"9": value}, {"9": before})
    assert [(each.kind, each.urgency, each.value) for each in found] == (
        [] if urgency is None else [(Kind.SUICIDE, urgency, value)]
    )


def test_what_was_not_asked_is_not_judged() -> None:
    with pytest.raises(BadAnswer):
        asked_again_findings("phq9", VERSION["phq9"], {"1": 1, "9": 0})
    with pytest.raises(UnknownForm):
        asked_again_findings("phq9", "0", {"9": 0})


def test_the_next_visit_asks_that_question_alone(asked: Client) -> None:
    with time_machine.travel(LATER, tick=False):
        assert f'href="{URL}"' in asked.get(HOME).text
        page = asked.get(URL).text
    assert page.count('type="radio"') == 4
    assert page.count('name="9"') == 4
    assert 'href="tel:112"' in page
    assert "checked" not in page


def test_a_zero_is_kept_beside_the_form_and_a_human_closes(asked: Client, cast: Cast) -> None:
    flag = Flag.objects.get()
    assert "asked_again" not in outcomes_for(flag)
    assert answer(asked, "0").headers["Location"] == "/"
    again = Submission.objects.get(kind="again")
    assert (again.form, again.answers, again.total) == ("phq9", {"9": 0}, None)
    assert Submission.objects.measures().get().answers == LEFT_OUT  # what was sent stays as it was sent
    assert FlagFinding.objects.get().answered_in == again
    flag.refresh_from_db()
    assert (flag.closed_at, flag.urgency) == (None, "today")  # nothing is lowered by the system
    assert "asked_again" in outcomes_for(flag)
    close_flag(flag=flag, by=cast.berit, outcome="asked_again", now=LATER, **CLOSING)
    with time_machine.travel(LATER, tick=False):
        assert asked.get(URL).status_code == 302
        assert URL not in asked.get(HOME).text


@pytest.mark.hazard("H6e")
@pytest.mark.parametrize(("value", "urgency"), [("1", "today"), ("3", "now")])
def test_a_mark_alerts_again_and_leads_to_help(asked: Client, value: str, urgency: str) -> None:
    assert answer(asked, value).headers["Location"] == "/my/follow-up/"
    flag = Flag.objects.get()
    assert (flag.urgency, flag.alerted_at) == (urgency, LATER)  # known where it was missing
    assert "asked_again" not in outcomes_for(flag)


def test_left_out_again_stays_unknown_and_is_asked_the_next_time(asked: Client, cast: Cast) -> None:
    page = answer(asked)
    assert page.status_code == 200
    assert not Submission.objects.filter(kind="again").exists()
    with time_machine.travel(LATER + timedelta(days=1), tick=False):
        asked.force_login(cast.anna)
        assert f'href="{URL}"' in asked.get(HOME).text


def test_a_double_click_is_one_answer(asked: Client) -> None:
    answer(asked, "0")
    answer(asked, "0")
    assert Submission.objects.filter(kind="again").count() == 1


def test_the_next_weeks_form_answers_it_too(cast: Cast) -> None:
    send(cast, LEFT_OUT)
    later = send(cast, LEFT_OUT | {"9": 0}, NOW + timedelta(days=7))
    assert FlagFinding.objects.get().answered_in == later
    assert "asked_again" in outcomes_for(Flag.objects.get())


def test_an_answer_to_another_form_answers_nothing(cast: Cast) -> None:
    send(cast, LEFT_OUT)
    gad7 = instruments()["gad7"]
    send_measure(
        treatment=cast.annas, instrument=gad7, version=gad7.version, answers={str(n): 0 for n in range(1, 8)},
        key=uuid4(), by=cast.anna, now=LATER,
    )  # fmt: skip
    assert FlagFinding.objects.unanswered().count() == 1


def test_two_left_out_and_one_answered_is_not_answered(cast: Cast) -> None:
    send(cast, LEFT_OUT)
    send(cast, LEFT_OUT, LATER)
    FlagFinding.objects.filter(pk=FlagFinding.objects.order_by("pk").first().pk).update(
        answered_in=Submission.objects.order_by("pk").last()
    )
    assert "asked_again" not in outcomes_for(Flag.objects.get())


@pytest.mark.parametrize("answers", [{}, {"9": None}, {"9": 7}, {"1": 0, "9": 0}])
def test_nothing_but_an_answer_to_that_question_is_taken(cast: Cast, answers: dict) -> None:
    with pytest.raises(AnswersRefused):
        send_asked_again(
            treatment=cast.annas, instrument=instruments()["phq9"], answers=answers, key=uuid4(), by=cast.anna, now=NOW
        )


def test_the_worker_agrees_and_notes_what_the_first_net_could_not(
    asked: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("riskmonitor.receivers.note_answered", lambda **_given: None)
        answer(asked, "0")
    assert FlagFinding.objects.get().answered_in is None
    while screen_one(LATER):
        pass
    assert FlagFinding.objects.get().answered_in is not None
    assert Flag.objects.get().events.filter(kind="answered").count() == 1


def test_the_flag_shows_both_the_gap_and_the_answer(asked: Client, cast: Cast) -> None:
    answer(asked, "0")
    staff = Client()
    with time_machine.travel(LATER, tick=False):
        staff.force_login(cast.berit)
        page = staff.get(reverse("flag", args=[Flag.objects.get().code])).text
    assert "<mark>Inte besvarad</mark>" in page
    assert "Frågades igen" in page
    assert "0: Inte alls" in page


def test_it_is_asked_after_the_end_too(asked: Client, cast: Cast) -> None:
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    with time_machine.travel(LATER, tick=False):
        assert f'href="{URL}"' in asked.get(HOME).text


def test_without_the_check_a_flag_could_be_closed_unanswered(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: that nobody has answered is what bars the outcome."""
    send(cast, LEFT_OUT)
    monkeypatch.setattr(
        "riskmonitor.actions.closing.allowed_outcomes", lambda kind, **_given: ("contacted", "asked_again")
    )
    assert "asked_again" in outcomes_for(Flag.objects.get())


def test_missing_counts_as_today_and_never_as_zero() -> None:
    assert item_findings("phq9", VERSION["phq9"], LEFT_OUT) == [
        Finding(Kind.SUICIDE, Urgency.TODAY, "phq9.item9", item="9", value=None)
    ]
