"""A published edition cannot change by any way in; only its standing moves. Programme and reviewers are invented."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from clinics.models import AuditEvent
from programs.actions import (
    LoadRefused,
    NotAnEdition,
    PublishRefused,
    StartRefused,
    correct,
    publish,
    start_treatment,
    withdraw,
)
from programs.models import Correction, Module, Page, Revision
from tests.cast import NOW, Cast
from tests.programs.whole import SLUG, change, loaded, new_patient, write_whole


def refused_words(cast: Cast, revision: Revision) -> list[str]:
    with pytest.raises(PublishRefused) as refused:
        publish(revision=revision, by=cast.frida, now=NOW)
    revision.refresh_from_db()
    assert revision.published_at is None
    return [fault.code for fault in refused.value.faults]


def test_a_reviewed_programme_becomes_an_edition_and_the_log_says_who_did_it(cast: Cast, edition: Revision) -> None:
    assert (edition.status, edition.published_at, edition.is_draft) == ("published", NOW, False)
    assert AuditEvent.objects.filter(actor=cast.frida.code, what=f"revision:{edition.pk}").exists()
    assert Revision.objects.startable(demo=False).get() == edition


def test_a_published_edition_does_not_change_by_the_model(edition: Revision) -> None:
    module = edition.modules.first()
    assert module is not None
    page = module.pages.first()
    assert page is not None
    edition.facts = {}
    module.title = "Annat"
    page.blocks = []
    for row in (edition, module, page):
        with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
            row.save()
        with pytest.raises(DatabaseError), transaction.atomic():
            row.delete()


def test_a_published_edition_does_not_change_by_a_queryset(edition: Revision) -> None:
    pages = Page.objects.filter(module__revision=edition)
    for rows, fields in (
        (Revision.objects.filter(pk=edition.pk), {"facts": {}}),
        (Revision.objects.filter(pk=edition.pk), {"edition": 2}),
        (Revision.objects.filter(pk=edition.pk), {"findings": [1]}),
        (edition.modules.all(), {"notes": []}),
        (pages, {"blocks": []}),
    ):
        with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
            rows.update(**fields)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE programs_page SET blocks = '[]'",
        "UPDATE programs_module SET short = NULL",
        "UPDATE programs_revision SET content_hash = 'x'",
        "UPDATE programs_revision SET status = 'draft', published_at = NULL",
        "UPDATE programs_revision SET published_at = now()",
        "DELETE FROM programs_page",
        "INSERT INTO programs_page (module_id, number, slug, title, blocks)"
        " SELECT id, 9, 'ny', 'Ny', '[]' FROM programs_module WHERE slug = 'sex'",
        "INSERT INTO programs_module (revision_id, language, number, slug, title, aim, facts, notes)"
        " SELECT id, 'sv', 9, 'ny', 'Ny', '', '{}', '[]' FROM programs_revision WHERE published_at IS NOT NULL",
    ],
)
def test_a_published_edition_does_not_change_by_sql(edition: Revision, statement: str) -> None:
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_there_is_no_admin_in_which_an_edition_could_change(edition: Revision) -> None:
    assert "django.contrib.admin" not in settings.INSTALLED_APPS


def test_the_loader_refuses_another_text_under_a_published_number(edition: Revision, shelf: Path) -> None:
    change(shelf / SLUG, "sv/01-ett.md", "Siv provade en gång.", "Siv provade två gånger.")
    with pytest.raises(LoadRefused) as refused:
        loaded(shelf)
    (fault,) = refused.value.faults
    assert (fault.code, fault.file) == ("E01", f"{SLUG}/programme.yaml")
    with pytest.raises(CommandError, match="E01"):
        call_command("load_programs", library=shelf, verbosity=0)
    assert Revision.objects.filter(programme=edition.programme).count() == 1


def test_without_the_trigger_a_published_text_would_change(edition: Revision) -> None:
    """The red twin: what holds is the trigger, and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger fires
    assert Page.objects.filter(module__revision=edition).update(title="Annat")


def test_a_revision_that_is_not_published_takes_its_modules(cast: Cast, shelf: Path) -> None:
    module = loaded(shelf).modules.first()
    assert module is not None
    assert Page.objects.create(module=module, number=9, slug="ny", title="Ny", blocks=[])


def test_publishing_needs_reviewers_who_are_named_dated_and_not_the_author(cast: Cast, shelf: Path) -> None:
    programme = shelf / SLUG
    shutil.rmtree(programme)
    write_whole(shelf, reviewers="[]")
    assert refused_words(cast, loaded(shelf)) == ["E02", "E02"]
    shutil.rmtree(programme)
    write_whole(shelf)
    change(programme, "programme.yaml", "date: 2026-11-01", "date: 2027-11-01")
    assert refused_words(cast, loaded(shelf)) == ["E02"]
    change(programme, "programme.yaml", "date: 2027-11-01", "date: 2026-11-01")
    change(programme, "programme.yaml", 'name: "Redaktionen"', 'name: "Påhittad Läsare (fiktiv)"')
    assert refused_words(cast, loaded(shelf)) == ["E02"]


def test_a_draft_an_open_word_and_a_fault_are_not_published(cast: Cast, shelf: Path) -> None:
    programme = shelf / SLUG
    change(programme, "programme.yaml", "status: review", "status: draft")
    assert refused_words(cast, loaded(shelf)) == ["E02"]
    change(programme, "sv/01-ett.md", "Omar glömde två gånger.", "Omar provade exponering.")
    assert refused_words(cast, loaded(shelf)) == ["E02", "E02"]
    change(programme, "sv/01-ett.md", "Omar provade exponering.", "Omar ringde kompisen!")
    assert refused_words(cast, loaded(shelf)) == ["E02", "E02"]


def test_an_edition_number_and_an_id_are_for_ever(cast: Cast, edition: Revision, shelf: Path) -> None:
    programme = shelf / SLUG
    change(programme, "programme.yaml", "edition: 1", "edition: 2")
    change(programme, "sv/01-ett.md", "{#ork type=scale}", "{#ork type=number}")
    assert refused_words(cast, loaded(shelf)) == ["E03"]
    change(programme, "sv/01-ett.md", "{#ork type=number}", "{#ork type=scale}")
    publish(revision=loaded(shelf), by=cast.frida, now=NOW)
    change(programme, "programme.yaml", "edition: 2", "edition: 0")
    assert refused_words(cast, loaded(shelf)) == ["E01"]


def test_what_is_published_or_withdrawn_is_not_published_again(cast: Cast, edition: Revision) -> None:
    with pytest.raises(PublishRefused, match="redan publicerad"):
        publish(revision=edition, by=cast.frida, now=NOW)
    withdraw(revision=edition, because="Fel i avsnitt 1.", by=cast.frida, now=NOW)
    with pytest.raises(PublishRefused, match="redan publicerad"):
        publish(revision=edition, by=cast.frida, now=NOW)


def test_withdrawing_moves_the_standing_only_and_is_final(cast: Cast, edition: Revision) -> None:
    later = NOW + timedelta(days=1)
    withdraw(revision=edition, because=" Fel i avsnitt 1. ", by=cast.frida, now=later)
    edition.refresh_from_db()
    assert (edition.status, edition.withdrawn_at, edition.published_at) == ("withdrawn", later, NOW)
    assert edition.withdrawn_because == "Fel i avsnitt 1."
    for fields in ({"status": "published", "withdrawn_at": None, "withdrawn_because": ""}, {"withdrawn_because": "x"}):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            Revision.objects.filter(pk=edition.pk).update(**fields)
    with pytest.raises(NotAnEdition):
        withdraw(revision=edition, because="Igen.", by=cast.frida, now=later)


def test_only_an_edition_is_withdrawn_and_never_without_a_reason(cast: Cast, edition: Revision) -> None:
    with pytest.raises(NotAnEdition):
        withdraw(revision=edition, because="  ", by=cast.frida, now=NOW)
    with pytest.raises(NotAnEdition):
        withdraw(revision=cast.revision, because="Fel.", by=cast.frida, now=NOW)


def test_a_withdrawn_programme_cannot_be_started_not_even_in_a_demo(cast: Cast, edition: Revision) -> None:
    given = new_patient(cast)
    withdraw(revision=edition, because="Fel.", by=cast.frida, now=NOW)
    for demo in (False, True):
        with pytest.raises(StartRefused) as refused, transaction.atomic():
            start_treatment(**given, revision=edition, demo=demo)
        assert refused.value.reasons == ["programme may not be started"]


def test_a_notice_lies_over_a_page_and_the_edition_stays(cast: Cast, edition: Revision) -> None:
    words = list(Page.objects.filter(module__revision=edition).values_list("blocks", flat=True))
    for module, page, text in (("", "", "Läs avsnitt 2 först."), ("ett", "hej", "Hoppa över rad två.")):
        correct(revision=edition, module=module, page=page, text=text, by=cast.frida, now=NOW)

    def over(module: str, page: str) -> list[str]:
        return [each.text for each in Correction.objects.over(edition.pk, module, page)]

    assert over("ett", "hej") == ["Läs avsnitt 2 först.", "Hoppa över rad två."]
    assert over("ett", "varfor") == over("tva", "hej") == ["Läs avsnitt 2 först."]
    correct(revision=edition, module="", page="", text="", by=cast.frida, now=NOW + timedelta(hours=1))
    assert over("ett", "hej") == ["Hoppa över rad två."]
    assert list(Page.objects.filter(module__revision=edition).values_list("blocks", flat=True)) == words
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Correction.objects.update(text="Annat.")


def test_only_what_is_published_gets_a_notice(cast: Cast) -> None:
    with pytest.raises(NotAnEdition):
        correct(revision=cast.revision, module="", page="", text="Nej.", by=cast.frida, now=NOW)


def test_the_stored_modules_are_the_files_again(edition: Revision) -> None:
    assert Module.objects.filter(revision=edition).count() == 6
    assert edition.findings == []
