"""A clinic's own wording: what the upload takes, what it refuses and how it says so, and who sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client

from programs.actions import WordingRefused, load_wording
from programs.forms.wordings import _SENTENCES, sentence
from programs.instruments import WordingFault, read_wording, with_wording
from programs.measures.wordings import as_sent, showable
from programs.models import Wording
from programs.shipped import instruments
from tests.cast import NOW, Cast

STEPS = {
    0: "Det har jag inte känt alls",
    2: "Det har jag känt lite av",
    4: "Det har jag ofta",
    6: "Hela tiden har jag det",
}
MADRS: dict[str, Any] = {  # invented: no word of the real form
    "window": "Tänk på hur du har haft det de senaste tre dagarna.",
    "items": [{"text": f"Påhittad fråga om hur du mår, nummer {n}", "options": dict(STEPS)} for n in range(1, 10)],
}
ISI: dict[str, Any] = {
    "window": "Tänk på hur du har sovit den senaste veckan.",
    "options": {n: f"Det är steg {n} av fyra" for n in range(5)},
    "items": [f"Påhittad fråga om hur du har sovit, {n}" for n in range(1, 8)],
}


def written(wording: dict[str, Any], **instead: Any) -> str:
    return yaml.safe_dump(wording | instead, allow_unicode=True)


def reasons(name: str, text: str, language: str = "sv") -> set[str]:
    return {fault.reason for fault in read_wording(instruments()[name], language, text).faults}


def load(cast: Cast, name: str = "madrs_s", text: str = "", minutes: int = 0) -> Wording:
    return load_wording(
        clinic=cast.eken, instrument=instruments()[name], language="sv", written=text or written(MADRS),
        licence="Avtal 12, till 2030.", by=cast.lena, now=NOW + timedelta(minutes=minutes),
    )  # fmt: skip


def test_half_steps_may_be_without_words_and_can_still_be_marked() -> None:
    read = read_wording(instruments()["madrs_s"], "sv", written(MADRS))
    assert read.faults == ()
    shown = with_wording(instruments()["madrs_s"], "sv", read.wording)
    assert shown.has_wording
    assert [option.value for option in shown.options_of(shown.items[8])] == [0, 1, 2, 3, 4, 5, 6]
    assert [dict(option.words) for option in shown.options_of(shown.items[0])][:2] == [{"sv": STEPS[0]}, {}]
    assert shown.version.startswith(f"{instruments()['madrs_s'].version}.")


def test_one_set_of_options_may_hold_for_all_questions() -> None:
    read = read_wording(instruments()["isi"], "sv", written(ISI))
    assert read.faults == ()
    assert read.wording["items"][6]["options"]["4"] == "Det är steg 4 av fyra"


def test_of_the_common_options_an_item_keeps_those_that_it_takes() -> None:
    audit = {**ISI, "items": [f"Påhittad fråga om hur du har det, {n}" for n in range(1, 11)]}
    read = read_wording(instruments()["audit"], "sv", written(audit))
    assert read.faults == ()
    assert list(read.wording["items"][8]["options"]) == ["0", "2", "4"]


def test_the_printed_order_becomes_our_numbering() -> None:
    """On paper fear and avoidance of a situation stand side by side."""
    lines = [f"Situation som är svår, nummer {n} och {what}" for n in range(1, 25) for what in ("rädsla", "undvikande")]
    scales = {scale: {n: f"{scale} på steg {n}" for n in range(4)} for scale in ("fear", "avoidance")}
    facts = {"window": "Hur har du haft det?", "options_of": scales, "items": lines}
    read = read_wording(instruments()["lsas_sr"], "sv", written(facts))
    assert read.faults == ()
    by_id = {each["id"]: each for each in read.wording["items"]}
    assert by_id["1"]["text"] == "Situation som är svår, nummer 1 och rädsla"
    assert by_id["25"]["text"] == "Situation som är svår, nummer 1 och undvikande"
    assert by_id["48"]["options"]["3"] == "avoidance på steg 3"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [", "yaml"), ("- 1", "not_a_mapping"), ("window: &a x\noptions: *a\nitems: []", "alias"),
        ("x" * 100_001, "too_large"), (written(ISI, items="sju"), "no_items"),
        (written(ISI, items=ISI["items"][:6]), "count"), (written(ISI, items=[*ISI["items"], "En till"]), "count"),
        (written(ISI, window=" "), "no_window"), (written(ISI, author="X"), "unknown_key"),
        (written(ISI, items=[*ISI["items"][:6], "…"]), "no_text"), (written(ISI, options=None), "no_options"),
        (written(ISI, options={n: f"Det är steg {n}" for n in range(4)}), "options_missing"),
        (written(ISI, options={n: f"Det är steg {n}" for n in range(6)}), "options_unknown"),
        (written(ISI, options=dict.fromkeys(range(5), "Det är lika")), "options_twice"),
        (written(ISI, items=[*ISI["items"][:6], ISI["items"][0].upper()]), "twice"),
        (written(ISI, window="Tänk <b>på</b> hur du har sovit"), "markup"),
        (written(ISI, window="Tänk på hur du har sovit <script>alert(1)</script>"), "markup"),
        (written(ISI, window="Tänk p&aring; hur du har sovit"), "markup"),
        (written(ISI, window="hur " * 200), "too_long"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_the_whole_wording_is_refused_with_a_reason(text: str, reason: str) -> None:
    assert reason in reasons("isi", text)


def test_every_reason_has_a_sentence() -> None:
    values = dict.fromkeys(("line", "key", "found", "needed", "number", "values", "text", "most", "name"), "7")
    for reason in _SENTENCES:
        assert "%(" not in sentence(WordingFault(reason, values))


ENGLISH = {
    "window": "Think of how you have been over the last week.",
    "options": {n: f"That is step {n} of the four" for n in range(5)},
    "items": [f"A made up question about how you have been sleeping, {n}" for n in range(1, 8)],
}
NORWEGIAN = ISI | {
    "window": "Tenk på hvor ofte du ikke har sovet og hvor mye",
    "items": [f"Jeg har ikke sovet og er trøtt, {n}" for n in range(1, 8)],
}


@pytest.mark.parametrize(
    ("wording", "language", "taken"),
    [(ISI, "sv", True), (ISI, "en", False), (ENGLISH, "en", True), (ENGLISH, "sv", False), (NORWEGIAN, "sv", False)],
)
def test_the_wrong_language_is_recognised(wording: dict[str, Any], language: str, taken: bool) -> None:
    assert ("language" in reasons("isi", written(wording), language)) is not taken


def test_a_loaded_wording_can_be_shown_at_that_clinic_only(cast: Cast) -> None:
    assert showable(cast.eken, "sv", ["phq9", "madrs_s"]).keys() == {"phq9"}
    load(cast)
    assert showable(cast.eken, "sv", ["phq9", "madrs_s"]).keys() == {"phq9", "madrs_s"}
    assert showable(cast.linden, "sv", ["phq9", "madrs_s"]).keys() == {"phq9"}


def test_a_newer_wording_is_shown_and_the_old_one_is_kept_for_what_was_sent_with_it(cast: Cast) -> None:
    load(cast)
    old = showable(cast.eken, "sv", ["madrs_s"])["madrs_s"]
    load(cast, text=written(MADRS, window="Tänk på hur du har haft det sedan i går."), minutes=1)
    new = showable(cast.eken, "sv", ["madrs_s"])["madrs_s"]
    assert old.version != new.version
    assert as_sent("madrs_s", old.version) == old
    assert as_sent("madrs_s", new.version) == new
    assert as_sent("madrs_s", "x.y") is None


def test_the_licence_must_be_named_and_shipped_wording_stays(cast: Cast) -> None:
    facts: dict[str, Any] = {"clinic": cast.eken, "language": "sv", "by": cast.lena, "now": NOW}
    with pytest.raises(WordingRefused, match="no_licence"):
        load_wording(instrument=instruments()["isi"], written=written(ISI), licence=" ", **facts)
    with pytest.raises(WordingRefused, match="not_gated"):
        load_wording(instrument=instruments()["phq9"], written=written(ISI), licence="Fri", **facts)


def test_a_loaded_wording_never_changes(cast: Cast) -> None:
    row = load(cast)
    for change in (lambda: Wording.objects.filter(pk=row.pk).update(licence="Annan"), lambda: row.delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def post(client: Client, text: str, name: str = "isi", **fields: str) -> Any:
    file = SimpleUploadedFile("isi.yaml", text.encode())
    return client.post(f"/clinic/wordings/{name}/", {"language": "sv", "licence": "Avtal 12", "file": file} | fields)


@pytest.mark.parametrize("who", ["lena", "greta"])
def test_the_lead_and_the_administrator_load_a_wording_on_the_page(cast: Cast, who: str) -> None:
    client = Client()
    client.force_login(getattr(cast, who))
    assert "ISI kan inte användas här" in client.get("/clinic/wordings/isi/").text
    assert post(client, written(ISI)).status_code == 302
    page = client.get("/clinic/wordings/isi/").text
    assert "Påhittad fråga om hur du har sovit, 7" in page
    assert "Avtal 12" in page
    row = Wording.objects.get()
    assert (row.loaded_by, row.licence) == (getattr(cast, who), "Avtal 12")
    assert "Eken" in client.get("/clinic/wordings/").text


def test_a_refused_file_is_answered_with_sentences_and_the_licence_stands(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.lena)
    few = post(client, written(ISI, items=ISI["items"][:6]))
    assert "Filen har 6 frågor, och det här formuläret har 7." in few.text
    assert "Avtal 12" in few.text
    assert "Texten verkar inte vara på det språk du valde." in post(client, written(ENGLISH)).text
    assert not Wording.objects.exists()
    latin = client.post(
        "/clinic/wordings/isi/", {"language": "sv", "licence": "A", "file": SimpleUploadedFile("x", b"\xe5")}
    )
    assert "UTF-8" in latin.text


def test_what_is_loaded_is_shown_as_text_only(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.lena)
    post(client, written(ISI), licence="<script>alert(1)</script>")
    assert "<script>alert(1)" not in client.get("/clinic/wordings/isi/").text
