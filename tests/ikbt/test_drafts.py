"""The address where the autosave keeps what is being written: the contract in the head of static/js/autosave.js."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from clinics.models import Absence, AuditEvent
from programs.actions import end_treatment, send_measure
from programs.library_format.parse_module import PAGE_ID_MAX
from programs.models import Draft, Page, Step
from programs.shipped import instruments
from riskmonitor.models import Flag
from riskmonitor.sweeps import flag_marked_draft
from tests.cast import NOW, Cast

PHQ9 = "/my/drafts/measure:phq9/"

pytestmark = pytest.mark.usefixtures("friday_morning")


def test_each_save_gives_the_next_version_and_the_time_on_the_wall(anna: Client) -> None:
    assert anna.post(PHQ9, {"1": "2", "version": "0"}).json() == {"version": 1, "saved_at": "10.00", "help": False}
    assert anna.post(PHQ9, {"1": "3", "version": "1"}).json()["version"] == 2
    assert Draft.objects.get().data == {"1": "3"}


def test_nothing_new_is_answered_without_words(anna: Client) -> None:
    anna.post(PHQ9, {"1": "2", "version": "0"})
    again = anna.post(PHQ9, {"1": "2", "version": "1"})
    assert (again.status_code, again.content) == (204, b"")


def test_two_tabs_overwrite_nothing(anna: Client) -> None:
    anna.post("/my/drafts/message/", {"text": "första", "version": "0"})
    conflict = anna.post("/my/drafts/message/", {"text": "andra", "version": "0"})
    assert conflict.status_code == 409
    assert conflict.json() == {"version": 1, "data": {"text": "första"}, "saved_at": "10.00"}
    assert Draft.objects.get().data == {"text": "första"}


@pytest.mark.parametrize(("marked", "helps"), [("0", False), ("1", True), ("3", True), ("many", True)])
def test_a_marked_risk_item_asks_for_help_at_once(anna: Client, marked: str, helps: bool) -> None:
    assert anna.post(PHQ9, {"9": marked, "version": "0"}).json()["help"] is helps
    assert not Flag.objects.exists()


def test_marked_and_not_sent_raises_the_same_flag_after_a_quarter_of_an_hour(anna: Client) -> None:
    anna.post(PHQ9, {"9": "2", "form_version": "abc", "version": "0"})
    assert not flag_marked_draft(NOW + timedelta(minutes=14))
    assert flag_marked_draft(NOW + timedelta(minutes=16))
    assert (Flag.objects.get().kind, Flag.objects.get().urgency) == ("suicide", "now")


def test_saving_leaves_one_audit_row_per_draft_and_hour(cast: Cast, anna: Client) -> None:
    version = 0
    for minute in (0, 20, 40, 61):
        with time_machine.travel(NOW + timedelta(minutes=minute), tick=False):
            anna.force_login(cast.anna)  # half an hour without a sign ends the session
            saved = anna.post("/my/drafts/message/", {"text": f"minut {minute}", "version": str(version)})
        version = saved.json()["version"]
    assert AuditEvent.objects.filter(did="saved", actor=cast.anna.code).count() == 2


def test_a_page_of_an_open_module_may_be_saved_and_a_closed_one_not(cast: Cast, anna: Client) -> None:
    opened, closed = Step.objects.filter(treatment=cast.annas).order_by("module__number")
    saved = anna.post(f"/my/drafts/page:{opened.code}:forsta/", {"q_tanke": "ja", "version": "0"})
    assert saved.status_code == 200
    assert anna.post(f"/my/drafts/page:{opened.code}:no-such/", {"version": "0"}).status_code == 404
    assert anna.post(f"/my/drafts/page:{closed.code}:forsta/", {"version": "0"}).status_code == 404
    others = Step.objects.filter(treatment=cast.eriks).first()
    assert anna.post(f"/my/drafts/page:{others.code}:forsta/", {"version": "0"}).status_code == 404


def test_the_longest_name_that_a_page_may_have_fits(cast: Cast, anna: Client) -> None:
    step = cast.annas.steps.get(module__number=1)
    slug = "a" * PAGE_ID_MAX
    Page.objects.create(module=step.module, number=3, slug=slug, title="Sist", blocks=[])
    key = f"page:{step.code}:{slug}"
    assert anna.post(f"/my/drafts/{key}/", {"q_tanke": "ja", "version": "0"}).status_code == 200
    assert Draft.objects.get().form_key == key


@pytest.mark.parametrize(
    "form_key",
    [
        "measure:madrs_s",
        "measure",
        "tool:rocket",
        "message:1",
        "page:1:2",
        "reply:x",
        "flag:",
        "diary",
        "measure:phq9%00",
    ],
)
def test_any_other_form_is_not_found(anna: Client, form_key: str) -> None:
    assert anna.post(f"/my/drafts/{form_key}/", {"version": "0"}).status_code == 404
    assert not Draft.objects.exists()


def test_tools_may_be_saved(anna: Client) -> None:
    assert anna.post("/my/drafts/tool:goals/", {"x": ["1", "2"], "version": "0"}).status_code == 200
    assert Draft.objects.get().data == {"x": ["1", "2"]}


def test_a_reply_is_saved_by_those_in_care_only(cast: Cast, client: Client) -> None:
    url = f"/my/drafts/reply:{cast.annas.code}/"
    for user, status in [(cast.berit, 200), (cast.cecilia, 404), (cast.david, 404), (cast.lena, 404), (cast.anna, 404)]:
        client.force_login(user)
        assert client.post(url, {"text": "Hej", "version": "0"}).status_code == status, user.first_name
    Absence.objects.create(
        user=cast.berit, starts_at=NOW, ends_at=NOW + timedelta(days=1), created_at=NOW, created_by=cast.berit
    )
    client.force_login(cast.cecilia)
    assert client.post(url, {"text": "Hej", "version": "0"}).status_code == 200


def test_an_answer_to_a_flag_is_saved_by_those_in_care_only(cast: Cast, client: Client) -> None:
    phq9 = instruments()["phq9"]
    send_measure(
        treatment=cast.annas,
        instrument=phq9,
        version=phq9.version,
        answers={"9": 2},
        key=uuid4(),
        by=cast.anna,
        now=NOW,
    )
    url = f"/my/drafts/flag:{Flag.objects.get().code}/"
    for user, status in [(cast.berit, 200), (cast.tove, 404), (cast.david, 404), (cast.greta, 404), (cast.anna, 404)]:
        client.force_login(user)
        assert client.post(url, {"assessment": "Lugn", "version": "0"}).status_code == status, user.first_name


def test_strange_signs_and_a_megabyte_are_kept(anna: Client) -> None:
    text = "\U0001f642\0" + "å" * 1_000_000
    assert anna.post("/my/drafts/message/", {"text": text, "version": "0"}).status_code == 200
    assert Draft.objects.get().data["text"] == text.replace("\0", "")
    lone = anna.post(
        "/my/drafts/tool:goals/", b"x=%ED%A0%BD&version=%00", content_type="application/x-www-form-urlencoded"
    )
    assert lone.status_code == 200


def test_more_than_can_be_kept_is_refused_in_words(anna: Client) -> None:
    refused = anna.post("/my/drafts/message/", {"text": "a" * 2_000_001, "version": "0"})
    assert refused.status_code == 413
    assert "för lång" in refused.json()["error"]


def test_more_than_the_server_reads_is_refused_in_words_too(anna: Client, settings: Settings) -> None:
    enormous = b"text=" + b"a" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    form = "application/x-www-form-urlencoded"
    told = anna.post("/my/drafts/message/", enormous, content_type=form, headers={"Accept": "application/json"})
    assert told.status_code == 413
    assert "för lång" in told.json()["error"]
    page = anna.post("/my/messages/", enormous, content_type=form)
    assert page.status_code == 413
    assert "Den står kvar" in page.text


def test_after_the_treatment_nothing_is_kept_and_a_get_is_refused(cast: Cast, anna: Client) -> None:
    assert anna.get(PHQ9).status_code == 405
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    assert anna.post(PHQ9, {"1": "1", "version": "0"}).status_code == 404
