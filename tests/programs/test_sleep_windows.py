"""A sleep window is proposed with its arithmetic, and nothing of it applies before a therapist has decided."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEvent
from programs.actions import Kept, WindowRefused, decide_sleep_window, end_treatment, shown_as
from programs.models import SleepWindow, Treatment
from programs.plans import sleep_windows
from programs.plans.sleep_windows import WindowCase, proposal_waits, window_case, window_on
from programs.sleep.window import Careful, Reason
from tests.cast import NOW, Cast
from tests.programs.sleepers import comes_to_the_window, keeps_a_diary, seven_nights, tell_nights

pytestmark = pytest.mark.usefixtures("friday_morning")
TODAY = date(2026, 11, 20)
ADULT = Careful(age=34)


@pytest.fixture
def annas(cast: Cast) -> Treatment:
    return seven_nights(cast)


@pytest.fixture
def berit(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.berit)
    return client


def page(treatment: Treatment) -> str:
    return reverse("patient-sleep-window", args=[treatment.patient.code])


def decide(treatment: Treatment, cast: Cast, **instead: Any) -> SleepWindow:
    proposal = window_case(treatment, TODAY).proposal(ADULT)
    assert proposal is not None
    given: dict[str, Any] = {
        "careful": ADULT, "seen": shown_as(proposal), "kept": Kept(proposal.minutes, time(6, 30), TODAY), "words": "",
        "key": uuid4(), "by": cast.berit, "now": NOW,
    }  # fmt: skip
    return decide_sleep_window(treatment=treatment, **(given | instead))


def posted(client: Client, treatment: Treatment, **instead: Any) -> dict[str, Any]:
    """Return the form as the page shows it, and what is changed in it."""
    context = client.get(page(treatment)).context
    form = context["form"]
    shown = {name: form[name].value() for name in ("minutes", "rise", "from_date", "words")}
    shown = {name: value or "" for name, value in shown.items()}
    return shown | {"seen": context["seen"], "idempotency_key": str(uuid4())} | instead


def send(client: Client, treatment: Treatment, **instead: Any) -> Any:
    url = reverse("sleep-window-decide", args=[treatment.patient.code])
    return client.post(url, posted(client, treatment, **instead))


def test_the_proposal_stands_there_with_its_arithmetic(berit: Client, annas: Treatment) -> None:
    shown = berit.get(page(annas)).text
    assert "7 nätter: i snitt 7 tim sömn av 8 tim i sängen, 88 procent." in shown
    assert "Första fönstret: sömn i snitt 7 tim och 30 minuter till blir 7 tim 30 min." in shown
    assert "ingen bedömning" in shown
    assert SleepWindow.objects.count() == 0


@pytest.mark.hazard("H21d")
def test_nothing_applies_before_it_is_decided(anna: Client, annas: Treatment) -> None:
    assert "sömnfönster" not in anna.get("/my/tools/sleep_diary/").text
    assert "sömnfönster" not in anna.get("/my/").text
    assert window_on(annas, TODAY) is None


def test_a_confirmed_window_is_told_to_the_patient(berit: Client, anna: Client, annas: Treatment, cast: Cast) -> None:
    assert send(berit, annas, rise="06:30").status_code == 302
    window = SleepWindow.objects.get()
    assert (window.decision, window.minutes, window.proposed_minutes) == ("confirmed", 450, 450)
    assert (window.decided_by, window.decided_at, window.rule) == (cast.berit, NOW, Reason.START)
    assert (window.nights, window.mean_sleep, window.mean_in_bed) == (7, 420, 480)
    assert "I säng tidigast klockan 23.00. Upp klockan 06.30, varje dag." in anna.get("/my/tools/sleep_diary/").text
    assert "I säng tidigast 23.00, upp 06.30. Från och med natten till 21 november." in anna.get("/my/").text
    assert AuditEvent.objects.filter(what=f"sleep-window:{window.code}", actor=cast.berit.code).exists()


@pytest.mark.hazard("H21e")
def test_the_warning_stands_beside_the_window(annas: Treatment, cast: Cast, anna: Client) -> None:
    warning = "Kör inte, och skriv till din behandlare samma dag."
    assert warning not in anna.get("/my/tools/sleep_diary/").text
    decide(annas, cast, kept=Kept(450, time(6, 10), TODAY))
    assert warning in anna.get("/my/tools/sleep_diary/").text


def test_the_window_fills_in_the_next_morning_card(annas: Treatment, cast: Cast, anna: Client) -> None:
    decide(annas, cast, kept=Kept(450, time(6, 10), TODAY))
    shown = anna.get("/my/tools/sleep_diary/").text
    assert 'value="06:10"' in shown
    assert 'value="22:40"' in shown


def test_a_change_and_a_refusal_need_a_reason(berit: Client, annas: Treatment) -> None:
    refused = send(berit, annas, minutes="480")
    assert "Skriv varför, med några ord" in refused.text
    assert 'value="480"' in refused.text
    assert "Skriv varför, med några ord" in send(berit, annas, decline="1").text
    assert not SleepWindow.objects.exists()
    send(berit, annas, minutes="480", words="Småbarn hemma")
    assert SleepWindow.objects.get().decision == "changed"


def test_a_declined_proposal_changes_nothing_for_the_patient(berit: Client, anna: Client, annas: Treatment) -> None:
    send(berit, annas, decline="1", words="Väntar på läkare")
    window = SleepWindow.objects.get()
    assert (window.decision, window.minutes, window.words) == ("declined", None, "Väntar på läkare")
    assert window_on(annas, TODAY) is None
    assert "sömnfönster" not in anna.get("/my/tools/sleep_diary/").text


@pytest.mark.parametrize(
    ("kept", "reason"),
    [
        (Kept(299, time(6, 30), TODAY), "floor"),
        (Kept(1081, time(6, 30), TODAY), "longest"),
        (Kept(450, time(6, 30), TODAY - timedelta(days=1)), "date"),
    ],
)
def test_what_may_not_be_decided_is_refused(annas: Treatment, cast: Cast, kept: Kept, reason: str) -> None:
    with pytest.raises(WindowRefused) as refused:
        decide(annas, cast, kept=kept, words="Ändå")
    assert refused.value.reason == reason


@pytest.mark.hazard("H21a")
def test_the_floor_is_higher_for_those_who_drive(berit: Client, annas: Treatment) -> None:
    tell_nights(annas, 7, to_sleep=180)
    assert "Aldrig mindre än" not in berit.get(page(annas)).text  # 4 h 30 of sleep and 30 minutes: 5 hours
    url = reverse("sleep-window-decide", args=[annas.patient.code])
    counted = berit.post(url, posted(berit, annas, count="1", drives="on")).text
    assert "Aldrig mindre än 5 tim 30 min: det avgör här." in counted
    assert "checked" in counted
    assert not SleepWindow.objects.exists()


@pytest.mark.hazard("H21c")
def test_without_the_ticked_list_no_window_can_begin(cast: Cast, berit: Client) -> None:
    keeps_a_diary(cast)
    treatment = comes_to_the_window(cast, is_open=False)
    tell_nights(treatment, 7)
    assert "Checklistan före sömnfönstret är inte avbockad" in berit.get(page(treatment)).text
    assert "Checklistan före sömnfönstret är inte avbockad" in send(berit, treatment).text
    assert not SleepWindow.objects.exists()
    send(berit, treatment, decline="1", words="Inte nu")
    assert SleepWindow.objects.get().decision == "declined"


def test_without_the_gate_it_would_begin(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin of the test above: what is refused there is taken here."""
    keeps_a_diary(cast)
    treatment = comes_to_the_window(cast, is_open=False)
    tell_nights(treatment, 7)
    with pytest.raises(WindowRefused, match="gate"):
        decide(treatment, cast)
    monkeypatch.setattr("programs.actions.sleep_windows.window_gate_is_open", lambda treatment: True)
    assert decide(treatment, cast).minutes == 450


def test_nobody_confirms_other_numbers_than_those_shown(berit: Client, annas: Treatment) -> None:
    form = posted(berit, annas)
    tell_nights(annas, 1, awake=200)
    answer = berit.post(reverse("sleep-window-decide", args=[annas.patient.code]), form)
    assert "Dagboken har ändrats sedan du öppnade sidan." in answer.text
    assert not SleepWindow.objects.exists()


def test_a_double_click_decides_once(annas: Treatment, cast: Cast) -> None:
    proposal, key = window_case(annas, TODAY).proposal(ADULT), uuid4()
    assert proposal is not None
    seen = shown_as(proposal)
    assert decide(annas, cast, key=key) == decide_sleep_window(
        treatment=annas, careful=ADULT, seen=seen, kept=Kept(450, time(6, 30), TODAY), words="", key=key,
        by=cast.berit, now=NOW,
    )  # fmt: skip
    assert SleepWindow.objects.count() == 1


def test_a_window_is_adjusted_from_nights_that_kept_it(annas: Treatment, cast: Cast) -> None:
    decide(annas, cast)
    assert not window_case(annas, TODAY).is_due
    week_later = TODAY + timedelta(days=7)
    assert window_case(annas, week_later).nights == []
    tell_nights(annas, 6, last=week_later, bed="23:00", rise="06:30", to_sleep=60, awake=60)
    case = window_case(annas, week_later)
    proposal = case.proposal(ADULT)
    assert case.is_due
    assert proposal is not None
    assert (proposal.reason, proposal.before, proposal.minutes) == (Reason.NARROWER, 450, 435)


def test_a_proposal_waits_in_the_patient_view_until_it_is_decided(berit: Client, annas: Treatment, cast: Cast) -> None:
    patient = reverse("patient", args=[annas.patient.code])
    assert "ett förslag väntar" in berit.get(patient).text
    decide(annas, cast)
    assert "ett förslag väntar" not in berit.get(patient).text


def test_a_proposal_waits_in_the_work_list_until_it_is_decided(berit: Client, annas: Treatment, cast: Cast) -> None:
    assert "Sömnfönster att besluta om" in berit.get("/worklist/").text
    decide(annas, cast)
    assert "Sömnfönster att besluta om" not in berit.get("/worklist/").text


@pytest.mark.parametrize(("nights", "is_open", "waits"), [(5, True, True), (4, True, False), (5, False, True)])
def test_list_and_patient_view_agree(cast: Cast, berit: Client, nights: int, is_open: bool, waits: bool) -> None:
    keeps_a_diary(cast)
    treatment = comes_to_the_window(cast, is_open=is_open)
    tell_nights(treatment, nights)
    assert proposal_waits(treatment, list(treatment.steps.select_related("module")), TODAY) == waits
    assert ("Sömnfönster att besluta om" in berit.get("/worklist/").text) == waits


def test_no_proposal_waits_where_no_window_is_near(cast: Cast) -> None:
    treatment = keeps_a_diary(cast)
    tell_nights(treatment, 7)
    assert not proposal_waits(treatment, list(treatment.steps.select_related("module")), TODAY)


def test_a_decision_never_changes(annas: Treatment, cast: Cast) -> None:
    rows = SleepWindow.objects.filter(pk=decide(annas, cast).pk)
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        rows.update(minutes=600)
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        rows._raw_delete(rows.db)


def test_after_the_end_nothing_is_decided(berit: Client, annas: Treatment, cast: Cast) -> None:
    form = posted(berit, annas)
    end_treatment(treatment=annas, reason="", by=cast.berit, now=NOW)
    assert berit.post(reverse("sleep-window-decide", args=[annas.patient.code]), form).status_code == 404
    assert not SleepWindow.objects.exists()


def test_other_clinics_and_other_roles_have_no_window(annas: Treatment, cast: Cast, client: Client) -> None:
    client.force_login(cast.david)
    assert client.get(page(annas)).status_code == 404
    client.force_login(cast.lena)
    assert client.get(page(annas)).status_code == 403


def test_the_page_costs_as_much_for_five_nights_as_for_thirty(
    berit: Client, annas: Treatment, django_assert_max_num_queries: Any
) -> None:
    berit.get(page(annas))  # the session is saved once
    with django_assert_max_num_queries(12):
        berit.get(page(annas))
    tell_nights(annas, 30)
    with django_assert_max_num_queries(12):
        berit.get(page(annas))


def test_a_case_without_nights_has_no_proposal(annas: Treatment) -> None:
    assert WindowCase(annas, [], None, [], TODAY).proposal(ADULT) is None
    assert sleep_windows.GATE == "sleep-window-ok"
