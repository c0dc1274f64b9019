"""Pages of programmes: authors publish, withdraw and lay notices; those who treat compare, preview and move."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEvent
from programs.actions import correct, move_treatment, publish, withdraw
from programs.models import Correction, Draft, Move, Revision, Submission
from tests.cast import NOW, Cast
from tests.programs.whole import SLUG, change, loaded, started

pytestmark = pytest.mark.usefixtures("friday_morning")


def place(revision: Revision, name: str = "revision", *more: str) -> str:
    return reverse(name, args=[revision.programme.slug, revision.version, *more])


@pytest.fixture
def frida(cast: Cast, client: Client) -> Client:
    """The browser of Frida, an author."""
    client.force_login(cast.frida)
    return client


@pytest.fixture
def berit(cast: Cast) -> Client:
    """The browser of Berit, a therapist."""
    browser = Client()
    browser.force_login(cast.berit)
    return browser


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_author_is_led_to_the_programmes_and_publishes_on_the_page(cast: Cast, frida: Client, shelf: Path) -> None:
    revision = loaded(shelf)
    assert frida.get("/")["Location"] == reverse("programmes")
    assert place(revision) in text_of(frida, reverse("programmes"))
    assert "Publicera utgåva 1" in text_of(frida, place(revision))
    answer = frida.post(place(revision, "revision-publish"), follow=True)
    assert "Utgåva 1 är publicerad." in answer.content.decode()
    revision.refresh_from_db()
    assert revision.status == "published"


def test_what_is_missing_stands_on_the_page_and_nothing_is_published(cast: Cast, frida: Client, shelf: Path) -> None:
    change(shelf / SLUG, "programme.yaml", "scope: clinical", "scope: safety")
    change(shelf / SLUG, "programme.yaml", "status: review", "status: draft")
    change(shelf / SLUG, "sv/01-ett.md", "Omar glömde två gånger.", "Omar ringde kompisen!")
    revision = loaded(shelf)
    page = text_of(frida, place(revision))
    assert "Utgåvan saknar klinisk granskare" in page
    assert "Utropstecken används inte." in page
    assert "Publicera utgåva 1" not in page
    answer = frida.post(place(revision, "revision-publish"), follow=True)
    assert "Den publicerades inte." in answer.content.decode()
    revision.refresh_from_db()
    assert revision.published_at is None


def test_a_therapist_sees_no_findings_and_changes_nothing(cast: Cast, berit: Client, edition: Revision) -> None:
    page = text_of(berit, place(edition))
    assert "Vad kontrollen sa" not in page
    assert "Dra in utgåvan" not in page
    for name in ("revision-publish", "revision-withdraw", "revision-correct"):
        assert berit.post(place(edition, name), {"because": "x", "text": "x"}).status_code == 403


def test_the_preview_shows_all_pages_with_stand_ins_and_cannot_save(
    cast: Cast, berit: Client, edition: Revision
) -> None:
    last = AuditEvent.objects.latest("pk").pk
    page = text_of(berit, place(edition, "preview", "ett"))
    for words in ("Hej", "Varför", "Din plan", "Skicka", "behandlaren läser svarsdagen", "Femminutersversionen"):
        assert words in page
    assert "{{behandlare}}" not in page
    assert "Inget du gör här sparas." in page
    main = page[page.index("<main") : page.index("</main>")]
    assert "<form" not in main
    assert 'type="submit"' not in main
    assert main.count("<input") == main.count("disabled") - main.count("<textarea")
    assert berit.post(place(edition, "preview", "ett")).status_code == 405
    assert not AuditEvent.objects.filter(pk__gt=last, patient__isnull=False).exists()
    assert not Draft.objects.exists()
    assert not Submission.objects.exists()
    assert berit.get(place(edition, "preview", "finns-inte")).status_code == 404


def test_what_differs_is_marked_in_the_words(cast: Cast, berit: Client, edition: Revision, shelf: Path) -> None:
    change(shelf / SLUG, "programme.yaml", "edition: 1", "edition: 2")
    change(shelf / SLUG, "sv/02-tva.md", "Siv provade en gång.", "Siv provade två gånger.")
    second = loaded(shelf)
    page = text_of(berit, f"{place(second)}?against={edition.version}")
    assert "<del>en</del><ins>två</ins> <del>gång.</del><ins>gånger.</ins>" in page
    assert "Liten ändring" in page
    assert "Stor ändring" not in page


def test_a_withdrawn_edition_lists_the_running_treatments_for_their_therapist(
    cast: Cast, frida: Client, berit: Client, edition: Revision
) -> None:
    treatment = started(cast, edition)
    answer = frida.post(place(edition, "revision-withdraw"), {"because": "Fel råd i avsnitt 2."}, follow=True)
    assert "Utgåvan är indragen." in answer.content.decode()
    assert treatment.patient.user.last_name not in text_of(frida, reverse("programmes"))
    page = text_of(berit, reverse("programmes"))
    assert treatment.patient.user.full_name in page
    assert "Fel råd i avsnitt 2." in page
    assert "Fel råd i avsnitt 2." in text_of(berit, reverse("patient", args=[treatment.patient.code]))
    listed = AuditEvent.objects.filter(actor=cast.berit.code, patient=treatment.patient.code, did="listed")
    assert listed.filter(what="programmes:withdrawn").count() == 1
    other = Client()
    other.force_login(cast.david)
    assert "Fel råd i avsnitt 2." not in text_of(other, reverse("programmes"))


def test_withdrawing_needs_a_reason(cast: Cast, frida: Client, edition: Revision) -> None:
    answer = frida.post(place(edition, "revision-withdraw"), {"because": " "})
    assert "Skriv vad som är fel" in answer.content.decode()
    edition.refresh_from_db()
    assert edition.status == "published"


def test_a_notice_stands_over_the_patients_page_and_in_the_preview(
    cast: Cast, frida: Client, client: Client, edition: Revision
) -> None:
    treatment = started(cast, edition)
    frida.post(place(edition, "revision-correct"), {"place": "ett/hej", "text": "Hoppa över rad två."})
    assert "Hoppa över rad två." in text_of(frida, place(edition, "preview", "ett"))
    patient = Client()
    patient.force_login(treatment.patient.user)
    step = treatment.steps.get(module__slug="ett")
    assert "Hoppa över rad två." in text_of(patient, reverse("module-page", args=[step.code, "hej"]))
    assert "Hoppa över rad två." not in text_of(patient, reverse("module-page", args=[step.code, "varfor"]))


@pytest.mark.parametrize("text", ["Ring 112.", "Ring 08-123 45 67.", "Skriv till a@example.org.", "Ta sertralin."])
def test_a_notice_holds_no_number_address_or_drug(cast: Cast, frida: Client, edition: Revision, text: str) -> None:
    answer = frida.post(place(edition, "revision-correct"), {"place": "", "text": text})
    assert answer.status_code == 200
    assert text in answer.content.decode()
    assert not Correction.objects.exists()


def test_a_draft_gets_neither_notice_nor_withdrawal(cast: Cast, frida: Client) -> None:
    for name in ("revision-correct", "revision-withdraw"):
        answer = frida.post(place(cast.revision, name), {"text": "Hej.", "because": "Hej."}, follow=True)
        assert "Bara en publicerad utgåva kan" in answer.content.decode()


@pytest.mark.parametrize("revisions", [1, 4])
def test_the_pages_cost_the_same_for_one_revision_and_for_many(
    cast: Cast, frida: Client, edition: Revision, shelf: Path, revisions: int, django_assert_max_num_queries: object
) -> None:
    for number in range(2, revisions + 2):
        change(shelf / SLUG, "programme.yaml", f"edition: {number - 1}", f"edition: {number}")
        latest = loaded(shelf)
        if number <= revisions:
            publish(revision=latest, by=cast.frida, now=NOW)
    first = f"{place(latest)}?against={edition.version}"
    for url in (reverse("programmes"), place(latest), first, place(latest, "preview", "ett")):
        with django_assert_max_num_queries(14):  # type: ignore[operator]  # a fixture; two are savepoints
            frida.get(url)


def moved_from(cast: Cast, edition: Revision, shelf: Path, *changes: tuple[str, str]) -> tuple[str, Revision]:
    """Start a treatment, publish edition 2, and return the address of the patient's edition and the new one."""
    treatment = started(cast, edition)
    change(shelf / SLUG, "programme.yaml", "edition: 1", "edition: 2")
    for old, new in changes:
        change(shelf / SLUG, "sv/01-ett.md", old, new)
    second = loaded(shelf)
    publish(revision=second, by=cast.frida, now=NOW)
    return reverse("patient-edition", args=[treatment.patient.code]), second


def test_a_therapist_reads_what_differs_and_moves_the_patient(
    cast: Cast, berit: Client, edition: Revision, shelf: Path
) -> None:
    url, second = moved_from(cast, edition, shelf, ("Siv provade en gång.", "Siv provade två gånger."))
    assert second.version in text_of(berit, url)
    page = text_of(berit, f"{url}?to={second.version}")
    assert "<ins>två</ins>" in page
    assert "Flytta patienten till utgåva 2" in page
    answer = berit.post(url, {"to": second.version}, follow=True)
    assert "Patienten har nu utgåva 2." in answer.content.decode()
    move = Move.objects.get()
    assert (move.origin, move.target, move.moved_by) == (edition, second, cast.berit)


def test_the_reason_stands_on_the_page_when_the_patient_cannot_be_moved(
    cast: Cast, berit: Client, edition: Revision, shelf: Path
) -> None:
    url, second = moved_from(cast, edition, shelf)
    withdraw(revision=second, because="Fel.", by=cast.frida, now=NOW)
    assert second.version not in text_of(berit, url)
    answer = berit.post(url, {"to": second.version}, follow=True)
    assert answer.status_code == 200
    assert not Move.objects.exists()


def test_nobody_else_moves_the_patient(cast: Cast, edition: Revision, shelf: Path) -> None:
    url, second = moved_from(cast, edition, shelf)
    for user, status in ((cast.tove, 403), (cast.lena, 403), (cast.frida, 403), (cast.david, 404)):
        other = Client()
        other.force_login(user)
        assert other.post(url, {"to": second.version}).status_code == status
    assert not Move.objects.exists()


def test_a_moved_patient_reads_the_new_words(cast: Cast, edition: Revision, shelf: Path) -> None:
    treatment = started(cast, edition)
    change(shelf / SLUG, "programme.yaml", "edition: 1", "edition: 2")
    change(shelf / SLUG, "sv/01-ett.md", "Siv provade en gång.", "Siv provade två gånger.")
    second = loaded(shelf)
    publish(revision=second, by=cast.frida, now=NOW)
    move_treatment(treatment=treatment, target=second, by=cast.berit, now=NOW + timedelta(hours=1))
    patient = Client()
    patient.force_login(treatment.patient.user)
    step = treatment.steps.get(module__slug="ett")
    assert "Siv provade två gånger." in text_of(patient, reverse("module-page", args=[step.code, "hej"]))


def test_notices_of_the_whole_edition_stand_on_its_page(cast: Cast, berit: Client, edition: Revision) -> None:
    correct(revision=edition, module="", page="", text="Läs avsnitt 2 först.", by=cast.frida, now=NOW)
    assert "Läs avsnitt 2 först." in text_of(berit, place(edition))
