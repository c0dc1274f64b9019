"""The workbook on paper: whole and empty, or filled in; long, missing and hostile answers included."""

from __future__ import annotations

import io
import time
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from followup import workbook
from followup.actions import order_report
from followup.models import Report
from followup.reports import PdfMissing, can_draw
from followup.sweeps import make_one
from followup.views import editions
from programs.actions import hide_module, load_programme, open_module, send_module, send_tool_entry, tick_gate
from programs.library_format import programme_hash, read_programme
from programs.models import Step, Treatment
from tests.cast import NOW, Cast, make_treatment, make_user
from tests.followup.test_reports import structure
from tests.gated import GATE, LINES, make_gated_treatment

pango = pytest.mark.skipif(not can_draw(), reason="libpango is not installed")
LIBRARY = Path("programs/library/depression-kom-igang")


@pytest.fixture
def karins(cast: Cast) -> Treatment:
    return make_gated_treatment(cast)


def step(treatment: Treatment, slug: str = "ett") -> Step:
    return treatment.steps.select_related("module__revision", "treatment__patient__user").get(module__slug=slug)


def send(treatment: Treatment, words: str) -> None:
    by = treatment.patient.user
    send_module(step=step(treatment), answers={"tanke": words}, key=uuid4(), by=by, now=NOW)


def made(treatment: Treatment, kind: Report.Kind) -> Report:
    by = treatment.patient.user
    report = order_report(treatment=treatment, kind=kind, key=uuid4(), language="sv", by=by, now=NOW)
    assert make_one(NOW)
    report.refresh_from_db()
    assert report.last_error == ""
    return report


def words_of(report: Report) -> str:
    pdf = PdfReader(io.BytesIO(bytes(report.file)))
    return " ".join("".join(page.extract_text() for page in pdf.pages).split())


@pango
def test_the_empty_workbook_holds_the_whole_programme_and_no_answer(karins: Treatment) -> None:
    send(karins, "Mina hemliga ord")
    shown = words_of(made(karins, Report.Kind.WORKBOOK))
    assert "1. Ett" in shown
    assert "3. Tre" in shown
    assert "Vad tänker du?" in shown
    assert "Mina hemliga ord" not in shown


@pango
def test_the_filled_one_holds_the_patients_words_and_tools_and_dates(karins: Treatment) -> None:
    send(karins, "Mina ord")
    entry: dict[str, object] = {"activity": "Gick ut med hunden", "mood": 5}
    send_tool_entry(treatment=karins, tool="mood_log", entry=entry, key=uuid4(), by=karins.patient.user, now=NOW)
    shown = words_of(made(karins, Report.Kind.FILLED))
    assert "Mina ord" in shown
    assert "Gick ut med hunden" in shown
    assert "Skickat 20 november 2026" in shown
    assert "3. Tre" not in shown


@pango
def test_it_is_tagged_and_titled_for_screen_readers(karins: Treatment) -> None:
    pdf = PdfReader(io.BytesIO(bytes(made(karins, Report.Kind.WORKBOOK).file)))
    root = pdf.trailer["/Root"]
    assert root["/Lang"] == "sv"
    assert "pdfuaid" in root["/Metadata"].get_data().decode()
    assert {"/H1", "/H2", "/H3"} <= {role for role, _alt in structure(root["/StructTreeRoot"])}
    assert pdf.metadata.title == "Arbetshäfte"


@pango
@pytest.mark.parametrize(
    "words", ["Ord " * 2000, "x" * 5000, "<script>alert(1)</script> & <img src=http://127.0.0.1/x>", "", "rad\nrad"]
)
def test_any_answer_can_be_printed_and_nothing_in_it_is_run_or_fetched(karins: Treatment, words: str) -> None:
    send(karins, words)
    shown = words_of(made(karins, Report.Kind.FILLED))
    assert ("Inget svar." in shown) is (not words)
    assert "<script>" in shown or "script" not in words


def test_what_waits_for_a_checklist_and_what_was_taken_out_is_not_on_paper(cast: Cast, karins: Treatment) -> None:
    hide_module(step=step(karins, "tre"), words="Inte nu.", by=cast.berit, now=NOW)
    chapters = workbook.contents(karins, filled=False, language="sv")["chapters"]
    assert [(each.title, each.waits, bool(each.pages)) for each in chapters] == [
        ("Ett", False, True),
        ("Tva", True, False),
    ]
    tick_gate(treatment=karins, gate=GATE, items=LINES, by=cast.berit, now=NOW)
    chapters = workbook.contents(karins, filled=False, language="sv")["chapters"]
    assert [each.waits for each in chapters] == [False, False]


@pango
def test_a_real_programme_is_drawn_within_two_seconds(cast: Cast) -> None:
    programme, _faults = read_programme(LIBRARY)
    assert programme is not None
    revision, _new = load_programme(programme=programme, content_hash=programme_hash(LIBRARY), now=NOW)
    treatment = make_treatment(make_user("Karin", "Ek"), cast.eken, cast.berit, cast.cecilia, revision)
    for each in treatment.steps.select_related("module"):
        open_module(treatment=treatment, module=each.module, by=cast.berit, now=NOW)
    made(treatment, Report.Kind.FILLED)  # the first one loads the fonts
    began = time.perf_counter()
    made(treatment, Report.Kind.WORKBOOK)
    assert time.perf_counter() - began < 6  # 2 s is the goal; a shared machine is given room


def test_the_patient_orders_it_and_fetches_it_under_a_name_that_tells_nothing(
    karins: Treatment, client: Client
) -> None:
    client.force_login(karins.patient.user)
    key = str(uuid4())
    page = client.post("/my/copies/", {"kind": "own_data", "idempotency_key": key})
    again = client.post("/my/copies/", {"kind": "own_data", "idempotency_key": key})
    assert page.url == again.url
    assert "Filen görs" in client.get(page.url).content.decode()
    assert client.get(f"{page.url}progress/?seen=waiting").status_code == 204
    assert make_one(NOW.replace(year=2030))
    assert "Klart" in client.get(page.url).content.decode()
    file = client.get(f"{page.url}file/")
    assert file["Content-Disposition"] == 'attachment; filename="mina-uppgifter.zip"'


def test_staff_never_open_a_copy_of_the_patients_own_data(cast: Cast, client: Client) -> None:
    report = order_report(
        treatment=cast.annas, kind=Report.Kind.OWN_DATA, key=uuid4(), language="sv", by=cast.anna, now=NOW
    )
    client.force_login(cast.berit)
    base = f"/patients/{cast.annas.patient.code}/reports/"
    for url in (f"{base}{report.code}/", f"{base}{report.code}/progress/", f"{base}{report.code}/file/"):
        assert client.get(url).status_code == 404
    client.post(f"{base}order/", {"kind": "own_data", "idempotency_key": uuid4()})
    assert Report.objects.count() == 1


@pango
def test_the_workbook_of_an_edition_is_whole_and_about_nobody(cast: Cast, karins: Treatment, client: Client) -> None:
    send(karins, "Mina hemliga ord")
    client.force_login(cast.frida)
    revision = cast.revision
    page = client.get(reverse("revision", args=[revision.programme.slug, revision.version])).text
    url = reverse("edition-workbook", args=[revision.programme.slug, revision.version])
    assert f"{url}?language=sv" in page
    got = client.get(url)
    assert (got["Content-Type"], got["Content-Disposition"]) == (
        "application/pdf", 'attachment; filename="arbetshafte.pdf"',
    )  # fmt: skip
    pdf = PdfReader(io.BytesIO(got.content))
    words = " ".join("".join(sheet.extract_text() for sheet in pdf.pages).split())
    assert all(module.title in words for module in revision.modules.all())
    assert "Mina hemliga ord" not in words
    assert karins.patient.user.last_name not in words
    assert "för personal och författare" in words


def test_where_pages_cannot_be_drawn_the_page_says_so(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editions, "draw", _cannot)
    client.force_login(cast.frida)
    told = client.get(
        reverse("edition-workbook", args=[cast.revision.programme.slug, cast.revision.version]), follow=True
    )
    assert "går inte att göra på den här servern" in told.text


def _cannot(name: str, context: object) -> bytes:
    raise PdfMissing
