"""The three questions after a risk item: asked after COMMIT, with help beside them, and never lowering anything."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from clinics.models import Absence, AuditEvent, User
from messaging.models import Notice
from programs.actions import end_treatment, send_follow_up, send_measure
from programs.models import Submission
from programs.shipped import instruments
from riskmonitor.actions import close_flag
from riskmonitor.follow_up import open_danger
from riskmonitor.models import Flag, FlagEvent, FlagFinding
from riskmonitor.sweeps import escalate_one, screen_one
from tests.cast import NOW, Cast, make_patient, make_user

URL = "/my/follow-up/"
ZEROS = {str(item): 0 for item in range(1, 10)}

pytestmark = pytest.mark.usefixtures("friday_morning")


def sent(cast: Cast, answers: dict[str, int]) -> Submission:
    phq9 = instruments()["phq9"]
    return send_measure(
        treatment=cast.annas, instrument=phq9, version=phq9.version, answers=answers,
        key=cast.annas.code, by=cast.anna, now=NOW,
    )  # fmt: skip


@pytest.fixture
def marked(cast: Cast, client: Client) -> Submission:
    client.force_login(cast.anna)
    return sent(cast, ZEROS | {"9": 1})


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(idempotency_key)" value="([^"]*)"', page))


def test_help_and_who_reads_stand_beside_questions_without_preset_answers(client: Client, marked: Submission) -> None:
    page = client.get(f"{URL}?after={marked.code}").text
    assert "Tack för att du berättar" in page
    assert "90101" in page
    assert 'href="tel:112"' in page
    assert "Berit Almgren läser det här senast" in page
    assert page.count('type="radio"') == 6
    assert "checked" not in page


def test_the_questions_may_be_skipped_and_lead_to_the_receipt(client: Client, marked: Submission) -> None:
    receipt = f"/my/measures/phq9/receipt/{marked.code}/"
    page = client.get(f"{URL}?after={marked.code}").text
    assert f'href="{receipt}"' in page
    assert client.post(f"{URL}?after={marked.code}", hidden(page)).url == receipt
    flag = Flag.objects.get()
    assert (flag.urgency, flag.asked_at) == ("today", None)


@pytest.mark.parametrize("answers", [{"plan": "yes"}, {"today": "yes"}, {"safe": "no"}])
def test_an_alarming_answer_alerts_again_as_now(client: Client, marked: Submission, answers: dict[str, str]) -> None:
    page = client.get(f"{URL}?after={marked.code}").text
    client.post(f"{URL}?after={marked.code}", hidden(page) | answers)
    flag = Flag.objects.get()
    assert (flag.urgency, flag.climbs, flag.asked_at) == ("now", 2, NOW)
    assert Submission.objects.filter(kind="follow_up").count() == 1


def test_calm_answers_are_kept_and_lower_nothing(client: Client, marked: Submission) -> None:
    client.post(f"{URL}?after={marked.code}", {"plan": "no", "today": "no", "safe": "yes"})
    flag = Flag.objects.get()
    assert (flag.urgency, flag.asked_plan, flag.asked_today, flag.asked_safe) == ("today", False, False, True)
    assert flag.closed_at is None


def test_a_double_click_alerts_once(client: Client, marked: Submission) -> None:
    answers = hidden(client.get(URL).text) | {"plan": "yes"}
    client.post(URL, answers)
    with time_machine.travel(NOW.replace(second=2), tick=False):
        client.post(URL, answers)
    assert Flag.objects.get().climbs == 2
    assert FlagEvent.objects.filter(kind="asked").count() == 1


def test_nonsense_counts_as_left_out(client: Client, marked: Submission) -> None:
    answer = client.post(f"{URL}?after=nonsense\0", {"plan": "perhaps\0", "idempotency_key": "x", "safe": "no"})
    assert answer.url == "/"
    assert (Flag.objects.get().asked_plan, Flag.objects.get().asked_safe) == (None, False)


def test_an_alarming_answer_raises_a_flag_when_none_is_open(cast: Cast, client: Client, marked: Submission) -> None:
    close_flag(
        flag=Flag.objects.get(), by=cast.berit, outcome="contacted", assessment="Talat.", action="", contact_at=NOW,
        contact_with="Anna", now=NOW,
    )  # fmt: skip
    client.post(URL, {"today": "yes"})
    assert Flag.objects.open().get().urgency == "now"


def test_a_left_out_question_is_asked_about_in_other_words(cast: Cast, client: Client) -> None:
    submission = sent(cast, {str(item): 0 for item in range(1, 9)})
    client.force_login(cast.anna)
    page = client.get(f"{URL}?after={submission.code}").text
    assert "blev inte besvarad" in page
    assert "Tack för att du berättar" not in page


def test_anothers_submission_leads_nowhere(cast: Cast, client: Client, marked: Submission) -> None:
    client.force_login(cast.erik)
    page = client.get(f"{URL}?after={marked.code}").text
    assert str(marked.code) not in re.search(r"<main.*</main>", page, re.S)[0]
    client.post(f"{URL}?after={marked.code}", {"safe": "yes"})
    assert Flag.objects.get(patient=cast.annas.patient).asked_at is None


def test_staff_are_refused_and_reading_leaves_a_row(cast: Cast, client: Client, marked: Submission) -> None:
    client.get(URL)
    assert AuditEvent.objects.filter(actor=cast.anna.code, did="read", what="follow-up").count() == 1
    client.force_login(cast.berit)
    assert client.get(URL).status_code == 403
    assert client.delete(URL).status_code in {403, 405}


def test_few_questions_to_the_database(client: Client, marked: Submission, django_assert_max_num_queries) -> None:
    client.get(URL)  # the first page of a session also writes the session
    with django_assert_max_num_queries(12):
        client.get(f"{URL}?after={marked.code}")


def close(cast: Cast) -> None:
    close_flag(
        flag=Flag.objects.open().get(), by=cast.berit, outcome="contacted", assessment="Talat.", action="",
        contact_at=NOW, contact_with="Anna", now=NOW,
    )  # fmt: skip


def answer(cast: Cast, **answers: object) -> Submission:
    """The follow-up page's answers as the app below stores them, without the page."""
    return send_follow_up(treatment=cast.annas, answers=answers, texts=[], key=uuid4(), by=cast.anna, now=NOW)


def away(*people: User) -> None:
    for person in people:
        Absence.objects.create(
            user=person, starts_at=NOW, ends_at=NOW + timedelta(days=1), created_at=NOW, created_by=person
        )


def findings() -> set[tuple[str, int | None]]:
    return set(FlagFinding.objects.filter(rule="follow_up").values_list("item", "value"))


def main_of(page: str) -> str:
    return re.search(r"<main.*</main>", page, re.S)[0]


def test_the_answers_are_judged_where_they_are_stored(cast: Cast) -> None:
    submission = answer(cast, plan=True, today=False, safe=False)
    flag = Flag.objects.get()
    assert (flag.kind, flag.urgency, submission.items_screened_at) == ("suicide", "now", NOW)
    assert findings() == {("plan", 1), ("safe", 0)}


def test_the_worker_finds_what_net_one_did_not_raise(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as blind:
        blind.setattr("riskmonitor.receivers.item_findings_of", lambda submission: [])
        answer(cast, today=True)
    assert not Flag.objects.exists()
    while screen_one(NOW):
        pass
    assert findings() == {("today", 1)}
    assert Flag.objects.get().urgency == "now"


def test_the_worker_raises_nothing_twice(cast: Cast) -> None:
    answer(cast, plan=True)
    while screen_one(NOW):
        pass
    flag = Flag.objects.get()
    assert (flag.climbs, flag.findings.count()) == (1, 1)


def test_an_answer_that_cannot_be_judged_is_read_by_a_human(cast: Cast) -> None:
    answer(cast, plan="perhaps")
    flag = Flag.objects.get()
    assert (flag.kind, flag.urgency) == ("unscreenable", "now")


def test_a_plan_is_not_lost_when_the_flag_was_closed_meanwhile(cast: Cast, client: Client, marked: Submission) -> None:
    page = client.get(f"{URL}?after={marked.code}").text
    close(cast)
    client.post(f"{URL}?after={marked.code}", hidden(page) | {"plan": "yes"})
    flag = Flag.objects.open().get()
    assert (flag.urgency, flag.asked_plan, flag.findings.get().item) == ("now", True, "plan")


def test_a_plan_after_a_mark_that_was_for_now_is_told_again(cast: Cast) -> None:
    sent(cast, ZEROS | {"9": 3})
    answer(cast, plan=True)
    assert [event.to for event in FlagEvent.objects.filter(kind="notified")] == [cast.berit, cast.berit]
    assert not FlagEvent.objects.filter(kind="realerted").exists(), "the steps go on, they do not begin anew"


@pytest.mark.parametrize("mark", [None, 1, 3])
def test_alarming_answers_give_each_person_one_notice(cast: Cast, client: Client, mark: int | None) -> None:
    client.force_login(cast.anna)
    if mark is not None:
        sent(cast, ZEROS | {"9": mark})
    before = list(Notice.objects.values_list("pk", flat=True))
    client.post(URL, {"plan": "yes", "today": "yes", "safe": "no"})
    told = list(Notice.objects.exclude(pk__in=before).values_list("recipient", flat=True))
    assert told == [cast.berit.pk]


def test_a_yes_after_the_treatment_has_ended_is_told_to_its_people(cast: Cast, client: Client) -> None:
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    client.force_login(cast.anna)
    assert client.get(URL).status_code == 200
    client.post(URL, {"plan": "yes"})
    flag = Flag.objects.get()
    assert (flag.treatment, flag.owner, flag.urgency) == (cast.annas, cast.berit, "now")


def test_who_never_had_a_treatment_is_led_to_help_and_asked_nothing(cast: Cast, client: Client) -> None:
    newcomer = make_user("Ny", "Patient")
    make_patient(cast.eken, newcomer)
    client.force_login(newcomer)
    assert client.get(URL).url == "/help/"
    assert client.post(URL, {"plan": "yes"}).url == "/help/"


def test_nobody_is_named_when_nobody_is_there(cast: Cast, client: Client) -> None:
    away(cast.berit, cast.cecilia, cast.tove, cast.lena, cast.hassan)
    client.force_login(cast.anna)
    page = main_of(client.get(f"{URL}?after={sent(cast, ZEROS | {'9': 2}).code}").text)
    assert "Din vårdcentral har fått veta det." in page
    assert "Berit Almgren" not in page


def test_a_lead_who_may_not_read_is_not_named(cast: Cast, client: Client) -> None:
    away(cast.berit, cast.cecilia, cast.tove)
    client.force_login(cast.anna)
    page = main_of(client.get(f"{URL}?after={sent(cast, ZEROS | {'9': 2}).code}").text)
    assert Flag.objects.get().owner == cast.lena
    assert "Lena" not in page
    assert "Din vårdcentral har fått veta det." in page


def test_who_is_away_when_the_clinic_opens_is_not_named_while_it_is_closed(
    cast: Cast, client: Client, marked: Submission
) -> None:
    monday = NOW + timedelta(days=2, hours=14)
    Absence.objects.create(
        user=cast.berit, starts_at=monday, ends_at=monday + timedelta(days=7), created_at=NOW, created_by=cast.berit
    )
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        client.force_login(cast.anna)
        page = client.get(URL).text
    assert "Berit Almgren läser" not in page
    assert "Din vårdcentral är stängd just nu. Den öppnar 23 november 08.00." in page


def test_a_closed_account_is_not_named(cast: Cast, marked: Submission) -> None:
    assert vars(open_danger(cast.annas.patient, NOW))["owner_reads"] is True
    User.objects.filter(pk=cast.berit.pk).update(is_active=False)
    assert vars(open_danger(cast.annas.patient, NOW))["owner_reads"] is False


def test_when_the_steps_have_moved_on_the_owner_of_now_is_named(cast: Cast, client: Client) -> None:
    submission = sent(cast, ZEROS | {"9": 2})
    later = NOW + timedelta(minutes=31)
    while escalate_one(later):
        pass
    with time_machine.travel(later, tick=False):
        client.force_login(cast.anna)
        assert "Cecilia Ek läser det här senast" in client.get(f"{URL}?after={submission.code}").text


def test_the_therapist_reads_the_follow_up_answers_in_words(cast: Cast, client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        client.force_login(cast.anna)
        client.post("/my/follow-up/", {"plan": "yes", "safe": "no"})
        client.force_login(cast.berit)
        listed = client.get("/worklist/").content.decode()
        flag = client.get(f"/flags/{Flag.objects.get().code}/").content.decode()
    assert "Följdfråga: " in listed
    assert "Har du tänkt på hur du skulle göra?" in flag
    assert "FOLLOW_UP" not in listed + flag
