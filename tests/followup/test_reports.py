"""The treatment summary: made by the worker, tagged for screen readers, fetched by those who may."""

from __future__ import annotations

import builtins
import gc
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from pypdf import PdfReader

from clinics.models import AuditEvent
from followup.actions import order_report
from followup.models import Report
from followup.reports import can_draw, draw
from followup.sweeps import LEASE, make_one
from programs.actions import send_measure
from programs.shipped import instruments
from tests.cast import NOW, Cast

pango = pytest.mark.skipif(not can_draw(), reason="libpango is not installed")
WEEK = timedelta(days=7)


def order(cast: Cast, key=None) -> Report:
    return order_report(treatment=cast.annas, key=key or uuid4(), language="sv", by=cast.berit, now=NOW)


def answer(cast: Cast, weeks: int, level: int) -> None:
    phq9 = instruments()["phq9"]
    answers = {str(item): level for item in range(1, 9)} | {"9": 0}
    send_measure(
        treatment=cast.annas, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(), by=cast.anna,
        now=NOW + weeks * WEEK,
    )  # fmt: skip


@pango
def test_the_worker_makes_it_and_its_structure_is_that_of_an_accessible_pdf(cast: Cast) -> None:
    answer(cast, 0, 2)
    answer(cast, 1, 1)
    report = order(cast)
    assert make_one(NOW)
    report.refresh_from_db()
    assert report.stage == "done"
    pdf = PdfReader(io.BytesIO(bytes(report.file)))
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is not False
    assert root["/Lang"] == "sv"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "pdfuaid" in root["/Metadata"].get_data().decode()
    roles = structure(root["/StructTreeRoot"])
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure"} <= {role for role, _alt in roles}
    alternatives = [alt for role, alt in roles if role == "/Figure"]
    assert all(alternatives)
    words = "".join(page.extract_text() for page in pdf.pages)
    assert "Anna Lind" in words
    assert "Sammanfattning" in words


def structure(node: object) -> list[tuple[str, str]]:
    """Return each element's role and its alternative text, the whole tree down."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if not hasattr(node, "get"):
        return []
    found = [(str(node["/S"]), str(node.get("/Alt", "")))] if "/S" in node else []
    kids = node.get("/K", [])
    kids = kids.get_object() if hasattr(kids, "get_object") else kids
    for kid in kids if isinstance(kids, list) else [kids]:
        found += structure(kid)
    return found


@pango
def test_waste_is_looked_for_again_after_a_drawing_also_one_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile: list[bool] = []

    def fail(*_args: object, **_words: object) -> bytes:
        meanwhile.append(gc.isenabled())
        raise MemoryError

    monkeypatch.setattr("weasyprint.HTML.write_pdf", fail)
    with pytest.raises(MemoryError):
        draw("summary", {})
    assert meanwhile == [False]
    assert gc.isenabled()


def test_a_double_click_orders_one(cast: Cast, client: Client) -> None:
    client.force_login(cast.berit)
    fields = {"idempotency_key": str(uuid4())}
    url = f"/patients/{cast.annas.patient.code}/reports/order/"
    first, second = client.post(url, fields), client.post(url, fields)
    assert first.headers["Location"] == second.headers["Location"]
    assert Report.objects.count() == 1


def test_without_pango_the_page_says_what_to_install(cast: Cast, client: Client, monkeypatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *args: object, **kwargs: object) -> object:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    report = order(cast)
    make_one(NOW)
    report.refresh_from_db()
    assert report.failed_at == NOW
    client.force_login(cast.berit)
    page = client.get(f"/patients/{cast.annas.patient.code}/reports/{report.code}/").content.decode()
    assert "libpango-1.0-0" in page


def test_a_report_whose_worker_was_killed_is_made_by_the_next(cast: Cast, monkeypatch) -> None:
    def killed(*args: object) -> bytes:
        raise KeyboardInterrupt

    report = order(cast)
    monkeypatch.setattr("followup.sweeps.make_file", killed)
    with pytest.raises(KeyboardInterrupt):
        make_one(NOW)
    monkeypatch.setattr("followup.sweeps.make_file", lambda report, now: b"%PDF")
    assert not make_one(NOW + timedelta(seconds=1))
    assert make_one(NOW + LEASE)
    report.refresh_from_db()
    assert bytes(report.file) == b"%PDF"


def test_a_fault_is_tried_three_times_and_then_told(cast: Cast, client: Client, monkeypatch) -> None:
    def broken(*args: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr("followup.sweeps.make_file", broken)
    report = order(cast)
    for turn in range(5):
        make_one(NOW + turn * LEASE)
    report.refresh_from_db()
    assert (report.attempts, report.last_error) == (3, "ZeroDivisionError")
    client.force_login(cast.berit)
    page = client.get(f"/patients/{cast.annas.patient.code}/reports/{report.code}/").content.decode()
    assert "Det gick inte att göra filen" in page


def test_progress_is_silent_while_nothing_has_changed(cast: Cast, client: Client) -> None:
    report = order(cast)
    client.force_login(cast.berit)
    url = f"/patients/{cast.annas.patient.code}/reports/{report.code}/progress/"
    assert client.get(url, {"seen": "waiting"}).status_code == 204
    assert client.get(url, {"seen": "drawing"}).status_code == 200
    assert not AuditEvent.objects.filter(actor=cast.berit.code, did="read").exists()


@pytest.mark.parametrize(
    ("who", "status"), [("david", 404), ("tove", 403), ("lena", 403), ("anna", 403), ("omar", 403)]
)
def test_only_those_in_care_fetch_the_file(cast: Cast, client: Client, who: str, status: int) -> None:
    report = order(cast)
    client.force_login(getattr(cast, who))
    for tail in ("", "progress/", "file/"):
        url = f"/patients/{cast.annas.patient.code}/reports/{report.code}/{tail}"
        assert client.get(url).status_code == status


def test_fetching_leaves_an_audit_row_and_a_neutral_name(cast: Cast, client: Client, monkeypatch) -> None:
    monkeypatch.setattr("followup.sweeps.make_file", lambda report, now: b"%PDF")
    report = order(cast)
    make_one(NOW)
    client.force_login(cast.berit)
    response = client.get(f"/patients/{cast.annas.patient.code}/reports/{report.code}/file/")
    assert response.content == b"%PDF"
    assert "Anna" not in response.headers["Content-Disposition"]
    assert AuditEvent.objects.filter(actor=cast.berit.code, patient=cast.annas.patient.code, did="read").count() == 1
