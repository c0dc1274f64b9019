"""The reply: one transaction, harmless when sent twice, and never lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEvent
from messaging.models import Message
from programs.actions import open_module
from programs.models import Draft
from tests.cast import NOW, Cast
from tests.ikbt.therapist_day import DAY, HOUR, absence, add_module, hand_in, measure, write


@pytest.fixture(autouse=True)
def _an_hour_later() -> Iterator[None]:
    with time_machine.travel(NOW + HOUR, tick=False):
        yield


def url(treatment, rest: str = "reply/") -> str:
    return f"/patients/{treatment.patient.code}/{rest}"


def fields(client: Client, treatment, **given: str) -> dict[str, Any]:
    """Return what the page's own form would post."""
    form = client.get(url(treatment, "")).context["reply"]
    known = {name: form.initial[name] for name in ("step", "idempotency_key", "seen_at") if form.initial.get(name)}
    return {"text": "Bra gjort.", **known, **given}


def save(client: Client, cast: Cast, data: dict[str, str]):
    """Autosave, to the address that the form names."""
    return client.post(reverse("autosave", args=[f"reply:{cast.annas.code}"]), data)


def sent() -> list[str]:
    return list(Message.objects.filter(from_patient=False).order_by("pk").values_list("text", flat=True))


def test_it_sends_opens_and_plans_in_one_go(client: Client, cast: Cast) -> None:
    write(cast.annas)
    hand_in(cast.annas)
    client.force_login(cast.berit)
    data = fields(client, cast.annas, open_next="on", next_contact_on="2026-11-27")
    response = client.post(url(cast.annas), data, follow=True)
    assert response.redirect_chain[0][0] == "/worklist/"
    assert "Ditt svar till Anna är skickat." in response.content.decode()
    cast.annas.refresh_from_db()
    assert sent() == ["Bra gjort."]
    assert cast.annas.steps.get(module__number=2).opened_by == cast.berit
    assert cast.annas.steps.get(module__number=1).answered_at == NOW + HOUR
    assert f"{cast.annas.next_contact_on}" == "2026-11-27"
    assert cast.annas.seen_by_therapist_at == NOW + HOUR
    assert not Message.objects.unread_by_staff().exists()
    assert AuditEvent.objects.filter(did="sent", actor=cast.berit.code).count() == 1


def test_it_answers_only_what_was_there_when_the_page_was_drawn(client: Client, cast: Cast) -> None:
    write(cast.annas, "Hej", NOW)
    hand_in(cast.annas)
    client.force_login(cast.berit)
    data = fields(client, cast.annas)
    late = write(cast.annas, "Ring mig, det är bråttom.", NOW + 1.1 * HOUR)
    hand_in(cast.annas, "Tillagt", NOW + 1.1 * HOUR)
    with time_machine.travel(NOW + 1.2 * HOUR, tick=False):
        assert client.post(url(cast.annas), data).url == "/worklist/"
    assert list(Message.objects.unread_by_staff()) == [late]
    assert cast.annas.steps.get(module__number=1).answered_at is None
    cast.annas.refresh_from_db()
    assert cast.annas.seen_by_therapist_at == NOW + HOUR


@pytest.mark.parametrize("seen_at", ["", "strax", "2026-99-99T10:00", "2026-11-20T10:00", "2999-01-01T00:00:00+01:00"])
def test_a_moment_that_says_nothing_marks_nothing_new_as_read(client: Client, cast: Cast, seen_at: str) -> None:
    write(cast.annas, "Hej", NOW + HOUR / 2)
    client.force_login(cast.berit)
    data = fields(client, cast.annas) | {"seen_at": seen_at}
    assert client.post(url(cast.annas), data).status_code == 302
    assert Message.objects.unread_by_staff().exists() is not seen_at.startswith("2999")


def test_a_double_click_is_one_message_and_opens_one_module(client: Client, cast: Cast) -> None:
    add_module(cast.annas)
    client.force_login(cast.berit)
    data = fields(client, cast.annas, open_next="on")
    for _click in range(2):
        assert client.post(url(cast.annas), data).status_code == 302
    assert sent() == ["Bra gjort."]
    assert cast.annas.steps.open().count() == 2


def test_two_tabs_with_the_same_words_are_one_and_with_other_words_two(client: Client, cast: Cast) -> None:
    client.force_login(cast.berit)
    first, second = fields(client, cast.annas), fields(client, cast.annas)
    client.post(url(cast.annas), first)
    client.post(url(cast.annas), second)
    assert sent() == ["Bra gjort."]
    client.post(url(cast.annas), second | {"text": "En sak till."})
    assert sent() == ["Bra gjort.", "En sak till."]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"text": "  "}, "Svaret är tomt."),
        ({"text": "å" * 10_001}, "Svaret är för långt."),
        ({"text": "Du skrev [patientens egna ord]."}, "Fyll i det som saknas i frasen: [patientens egna ord]"),
        ({"next_contact_on": "2026-11-19"}, "Den dagen har varit."),
    ],
)
def test_what_cannot_be_sent_comes_back_whole(client: Client, cast: Cast, given: dict[str, str], sentence: str) -> None:
    client.force_login(cast.berit)
    data = fields(client, cast.annas, **{"open_next": "on", "next_contact_on": "2026-11-27"} | given)
    response = client.post(url(cast.annas), data)
    assert response.status_code == 200
    html = response.content.decode()
    assert sentence in html
    assert "data-error-summary" in html
    form = response.context["reply"]
    assert form["text"].value() == data["text"]
    assert form["next_contact_on"].value() == data["next_contact_on"]
    assert form["open_next"].value() is True
    assert sent() == []
    assert cast.annas.steps.open().count() == 1


def test_the_draft_is_kept_shown_again_and_gone_when_sent(client: Client, cast: Cast) -> None:
    client.force_login(cast.berit)
    saved = save(client, cast, {"text": "Hej Anna, jag", "version": "0"})
    assert saved.json() == {"version": 1, "saved_at": "11.00", "help": False}
    assert save(client, cast, {"text": "Hej Anna, jag", "version": "1"}).status_code == 204
    assert "Hej Anna, jag" in client.get(url(cast.annas, "")).content.decode()
    client.post(url(cast.annas), fields(client, cast.annas) | {"text": ""})
    assert Draft.objects.get().data["text"] == "Hej Anna, jag"
    client.post(url(cast.annas), fields(client, cast.annas))
    assert not Draft.objects.exists()


def test_two_tabs_never_overwrite_each_others_draft(client: Client, cast: Cast) -> None:
    client.force_login(cast.berit)
    save(client, cast, {"text": "Första fliken", "version": "0"})
    answer = save(client, cast, {"text": "Andra fliken", "version": "0"})
    assert answer.status_code == 409
    assert answer.json()["data"]["text"] == "Första fliken"
    assert Draft.objects.get().data["text"] == "Första fliken"


def test_a_colleagues_draft_is_not_shown(client: Client, cast: Cast) -> None:
    client.force_login(cast.berit)
    save(client, cast, {"text": "Bara mitt", "version": "0"})
    absence(cast.berit, NOW, NOW + DAY)
    client.force_login(cast.cecilia)
    assert "Bara mitt" not in client.get(url(cast.annas, "")).content.decode()


def test_the_substitute_replies_during_the_absence_and_not_after(client: Client, cast: Cast) -> None:
    absence(cast.berit, NOW, NOW + DAY)
    client.force_login(cast.cecilia)
    data = fields(client, cast.annas)
    assert client.post(url(cast.annas), data).status_code == 302
    with time_machine.travel(NOW + DAY, tick=False):
        client.force_login(cast.cecilia)
        refused = client.post(url(cast.annas), data | {"text": "Sent."})
        assert refused.status_code == 403
        assert "Sent." in refused.content.decode()
        assert "Anna Lind" not in refused.content.decode()
        assert Draft.objects.get(owner=cast.cecilia).data["text"] == "Sent."
    assert sent() == ["Bra gjort."]


def test_the_round_goes_on_to_the_next_patient(client: Client, cast: Cast) -> None:
    write(cast.annas)
    measure(cast.eriks, i9=2)
    client.force_login(cast.berit)
    client.post("/worklist/round/")
    assert client.post(url(cast.eriks), fields(client, cast.eriks)).url == url(cast.annas, "")
    assert client.post(url(cast.annas), fields(client, cast.annas)).url == "/worklist/"


def test_an_ended_treatment_takes_no_reply(client: Client, cast: Cast) -> None:
    client.force_login(cast.berit)
    data = fields(client, cast.annas)
    cast.annas.state, cast.annas.ended_at = "completed", NOW
    cast.annas.save()
    refused = client.post(url(cast.annas), data)
    assert refused.status_code == 404
    assert "Bra gjort." in refused.content.decode()
    assert Draft.objects.get().data["text"] == "Bra gjort."
    again = client.get(url(cast.annas, "")).content.decode()
    assert "Skicka svaret" not in again
    assert "Bra gjort." in again


def test_the_modules_phrases_are_offered_with_their_gaps(client: Client, cast: Cast) -> None:
    notes = [
        {"type": "phrases", "slot": "bekrafta", "items": ['Hej {{fornamn}}. Du skrev "{{citat}}".']},
        {"type": "phrases", "slot": "nasta_steg", "items": ["Sedan kommer {{nasta_avsnitt}}."]},
        {"type": "therapist", "part": "look", "html": "<p>Syns målet?</p>"},
    ]
    step = add_module(cast.annas, notes)
    open_module(treatment=cast.annas, module=step.module, by=cast.berit, now=NOW)
    client.force_login(cast.berit)
    html = client.get(url(cast.annas, "")).content.decode()
    assert "Hej Anna. Du skrev &quot;[patientens egna ord]&quot;." in html
    assert "Sedan kommer avsnitt 2." in html
    assert "<p>Syns målet?</p>" in html
