"""A draft on a slow net that arrives after what was sent does not stand there anew; who writes on is kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client

from programs.actions import add_tool, save_crisis_plan, send_measure, send_tool_entry
from programs.models import Draft, Page, Submission
from programs.shipped import instruments
from tests.cast import NOW, Cast, make_cast

MARKED = {**{str(item): "0" for item in range(1, 9)}, "9": "1"}
FORMS = [
    ("/my/measures/phq9/", "measure:phq9", {**MARKED, "form_version": instruments()["phq9"].version}),
    ("/my/messages/", "message", {"text": "Hej"}),
    ("/my/tools/mood_log/", "tool:mood_log", {"activity": "Promenad", "mood": "6"}),
    ("/my/stuck/", "stuck", {"reason": "time", "words": "Hej"}),
    ("/my/crisis-plan/edit/", "crisisplan", {"signs": "Sover inte"}),
]

pytestmark = pytest.mark.usefixtures("friday_morning")


def autosave(key: str) -> str:
    return f"/my/drafts/{key}/"


@pytest.mark.parametrize(("url", "form_key", "data"), FORMS, ids=[form[1] for form in FORMS])
def test_a_draft_that_comes_after_its_form_was_sent_is_refused(
    anna: Client, url: str, form_key: str, data: dict[str, str]
) -> None:
    key = str(uuid4())
    assert anna.post(url, {**data, "idempotency_key": key}).status_code == 302
    late = anna.post(autosave(form_key), {**data, "version": "0", "idempotency_key": key})
    assert (late.status_code, late.json()) == (409, {"sent": True})
    assert not Draft.objects.exists()


def test_without_the_key_of_what_was_sent_it_is_kept(anna: Client) -> None:
    """The red twin of the test above, and what a page does that is still there and is written in."""
    for key in (str(uuid4()), "", "no key"):
        url, form_key, data = FORMS[1]
        anna.post(url, {**data, "idempotency_key": str(uuid4())})
        assert anna.post(autosave(form_key), {**data, "version": "0", "idempotency_key": key}).status_code == 200
        assert Draft.objects.get().data == data


def test_a_key_that_somebody_else_has_sent_with_refuses_nobody(cast: Cast, anna: Client) -> None:
    url, form_key, data = FORMS[1]
    other, key = Client(), str(uuid4())
    other.force_login(cast.erik)
    other.post(url, {**data, "idempotency_key": key})
    assert anna.post(autosave(form_key), {**data, "version": "0", "idempotency_key": key}).status_code == 200


@pytest.mark.parametrize("where", ["forsta", "skicka"])
def test_each_page_of_a_module_says_with_which_key_the_module_is_sent(cast: Cast, anna: Client, where: str) -> None:
    step = cast.annas.steps.get(module__number=1)
    Page.objects.create(module=step.module, number=9, slug="skicka-in", title="Skicka in", blocks=[])
    url, form_key = f"/my/modules/{step.code}/", f"page:{step.code}:{where}"
    page = anna.get(f"{url}{where}/").content.decode()
    key = page.partition('name="idempotency_key" value="')[2].partition('"')[0]
    assert anna.post(f"{url}send/", {"idempotency_key": key}).status_code == 302
    late = anna.post(autosave(form_key), {"q_tanke": "H", "version": "0", "idempotency_key": key})
    assert late.json() == {"sent": True}
    assert not Draft.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_arrives_while_the_form_is_being_sent_waits_and_is_refused() -> None:
    cast, key, stored, go_on = make_cast(), uuid4(), Event(), Event()
    phq9 = instruments()["phq9"]
    answers = {name: int(value) for name, value in MARKED.items()}

    def send() -> None:
        with transaction.atomic():
            send_measure(
                treatment=cast.annas, instrument=phq9, version=phq9.version, answers=answers, key=key, by=cast.anna,
                now=NOW,
            )  # fmt: skip
            stored.set()
            assert go_on.wait(10)
        connection.close()

    def save_late() -> int:
        late = Client()
        late.force_login(cast.anna)
        answer = late.post(autosave("measure:phq9"), {**MARKED, "version": "0", "idempotency_key": str(key)})
        connection.close()
        return answer.status_code

    with ThreadPoolExecutor(2) as tabs:
        sending = tabs.submit(send)
        assert stored.wait(10)
        saving = tabs.submit(save_late)
        assert not _ends_within(saving, 1)
        go_on.set()
        sending.result(10)
        assert saving.result(10) == 409
    assert Submission.objects.count() == 1
    assert not Draft.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("holds", ["plan", "night", "switch"])
def test_a_draft_is_saved_while_something_else_of_the_treatment_is_changed(holds: str) -> None:
    """Who holds the treatment may wait for the draft's form: the draft must not wait for the treatment."""
    cast, held, go_on = make_cast(), Event(), Event()
    night = {"date": "2026-11-20", "bed": "23:00", "to_sleep": 30, "awake": 30, "rise": "07:00"}
    changes: dict[str, Callable[[], object]] = {
        "plan": lambda: save_crisis_plan(
            treatment=cast.annas, plan={"signs": "Ord"}, based_on="", key=uuid4(), by=cast.anna, now=NOW
        ),
        "night": lambda: send_tool_entry(
            treatment=cast.annas, tool="sleep_diary", entry=night, key=uuid4(), by=cast.anna, now=NOW
        ),
        "switch": lambda: add_tool(treatment=cast.annas, tool="map", by=cast.berit, now=NOW),
    }

    def change() -> None:
        with transaction.atomic():
            changes[holds]()
            held.set()
            assert go_on.wait(10)
        connection.close()

    def save() -> int:
        tab = Client()
        tab.force_login(cast.anna)
        status = tab.post(autosave("message"), {"text": "Hej", "version": "0"}).status_code
        connection.close()
        return status

    with ThreadPoolExecutor(2) as tabs:
        changing = tabs.submit(change)
        assert held.wait(10)
        saving = tabs.submit(save)
        in_time = _ends_within(saving, 5)
        go_on.set()
        changing.result(10)
    assert in_time
    assert saving.result() == 200


def _ends_within(saving: Future[int], seconds: int) -> bool:
    return bool(wait([saving], timeout=seconds).done)
