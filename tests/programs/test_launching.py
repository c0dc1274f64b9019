"""From a folder on the shelf to a programme that can be started: one command, no code. All reviewers are fictitious."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from programs.library_format import read_programme
from programs.library_format.report import check_library
from programs.models import CrisisValues, Revision
from tests.cast import NOW, Cast
from tests.programs.whole import SLUG, change, loaded, shared_files, started

CRISIS = """\
name: {sv: "Påhittat elavbrott"}
since: 2026-11-15
authority_ids: [krisinformation, smhi]
facts:
  - {text: {sv: "De flesta har el igen."}, authority: krisinformation, date: 2026-11-18, signed: [Påhitt A, Påhitt B]}
  - {text: {sv: "Kylan håller i sig."}, authority: smhi, date: 2026-11-10, signed: [Påhitt A, Påhitt B]}
"""
RECALL = """
::: recall {from="crisis.name" empty="Det som händer nu."}
Det gäller:
:::
::: recall {from="crisis.facts" empty="Just nu finns inga nya uppgifter."}
Så här säger myndigheterna:
:::
"""


@pytest.fixture
def crisis(shelf: Path) -> Path:
    """The reviewed programme with places for a crisis, and what is known of an invented one."""
    folder = shelf / SLUG
    change(folder, "programme.yaml", "gates: []", "gates: []\ncrisis: {review_every_days: 7}")
    change(folder, "sv/01-ett.md", "# Varför {#varfor}\n", f"{RECALL}\n# Varför {{#varfor}}\n")
    (folder / "crisis.yaml").write_text(CRISIS, encoding="utf-8")
    return shelf


def launch(shelf: Path, capsys: pytest.CaptureFixture[str], by: str = "frida.sandell@example.org") -> str:
    call_command("publish_program", SLUG, by=by, library=shelf)
    return capsys.readouterr().out.strip()


def first_page(cast: Cast, revision: Revision) -> str:
    treatment = revision.treatments.first() or started(cast, revision)
    browser = Client()
    browser.force_login(treatment.patient.user)
    step = treatment.steps.get(module__slug="ett")
    return browser.get(reverse("module-page", args=[step.code, "hej"])).content.decode()


@time_machine.travel(NOW, tick=False)
def test_one_command_launches_what_lies_on_the_shelf(
    cast: Cast, crisis: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert launch(crisis, capsys) == f"{SLUG}: utgåva 1 är publicerad."
    revision = Revision.objects.startable(demo=False).get()
    page = first_page(cast, revision)
    assert "Påhittat elavbrott, sedan 15 november 2026" in page
    assert "De flesta har el igen. (Krisinformation.se, 18 november 2026)" in page
    assert "Kylan håller i sig." not in page, "a fact older than a week is hidden"
    assert launch(crisis, capsys) == f"{SLUG}: utgåva 1 var redan publicerad."
    assert CrisisValues.objects.count() == 1


def test_new_facts_reach_running_treatments_and_the_edition_stays(
    cast: Cast, crisis: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with time_machine.travel(NOW, tick=False):
        launch(crisis, capsys)
        revision = Revision.objects.startable(demo=False).get()
        first_page(cast, revision)
    with time_machine.travel(NOW + timedelta(days=6), tick=False):
        assert "Just nu finns inga nya uppgifter." in first_page(cast, revision)
        change(crisis / SLUG, "crisis.yaml", "date: 2026-11-18", "date: 2026-11-25")
        call_command("load_programs", SLUG, library=crisis, verbosity=0)
        assert "De flesta har el igen. (Krisinformation.se, 25 november 2026)" in first_page(cast, revision)
    assert Revision.objects.filter(programme=revision.programme).count() == 1
    assert CrisisValues.objects.count() == 2
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        CrisisValues.objects.update(values={})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("signed: [Påhitt A, Påhitt B]", "signed: [Påhitt A]", "E02"),
        ("signed: [Påhitt A, Påhitt B]", "signed: [Påhitt A, Påhitt A]", "E02"),
        ("authority: krisinformation", "authority: bloggen", "P02"),
        ("[krisinformation, smhi]", "[krisinformation, smhii, smhi]", 'Menade du "smhi"?'),
        ("De flesta har el igen.", "Ring 112 om det blir kallt.", "T04"),
        ("De flesta har el igen.", "Ord " * 21, "T01"),
        ("date: 2026-11-18", "date: i dag", "P02"),
        ("since: 2026-11-15", "since: nyss", "P02"),
        ("since: 2026-11-15\n", "", 'saknar "since"'),
        ("facts:", "fakta:", "P02"),
        ("name: ", "name: [", "P02"),
        ("facts:\n", "facts:\n" + CRISIS.splitlines()[4] + "\n" + CRISIS.splitlines()[5] + "\n", "Högst 3"),
    ],
)
def test_what_may_not_be_shown_of_a_crisis_stops_the_launch(
    cast: Cast, crisis: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    change(crisis / SLUG, "crisis.yaml", old, new)
    with pytest.raises(CommandError, match="Inget publicerades") as refused:
        launch(crisis, capsys)
    assert f"{SLUG}/crisis.yaml:" in str(refused.value)
    assert said in str(refused.value)
    assert not CrisisValues.objects.exists()


def test_a_crisis_that_the_programme_has_no_place_for_is_told(shelf: Path) -> None:
    (shelf / SLUG / "crisis.yaml").write_text(CRISIS, encoding="utf-8")
    assert [fault.file for fault in check_library(shelf).errors] == [f"{SLUG}/crisis.yaml"]


def test_an_edition_for_a_crisis_is_whole_without_one(cast: Cast, crisis: Path) -> None:
    (crisis / SLUG / "crisis.yaml").unlink()
    assert check_library(crisis).errors == ()
    with time_machine.travel(NOW, tick=False):
        loaded(crisis)
        call_command("publish_program", SLUG, by=cast.frida.email, library=crisis, verbosity=0)
        assert "Det som händer nu." in first_page(cast, Revision.objects.startable(demo=False).get())


@pytest.mark.parametrize("by", ["nobody@example.org", "berit.almgren@example.org"])
def test_only_an_author_launches(cast: Cast, shelf: Path, capsys: pytest.CaptureFixture[str], by: str) -> None:
    with pytest.raises(CommandError, match="rollen författare"):
        launch(shelf, capsys, by)
    assert not Revision.objects.startable(demo=False).exists()


def test_a_programme_without_reviewers_is_not_launched_and_not_loaded(
    cast: Cast, shelf: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(shelf / SLUG, "programme.yaml", "scope: clinical", "scope: safety")
    with pytest.raises(CommandError, match="klinisk granskare"):
        launch(shelf, capsys)
    assert not Revision.objects.filter(programme__slug=SLUG).exists()


def new(shelf: Path, slug: str, **options: Any) -> None:
    call_command("new_program", slug, **{"title": "Nytt", "library": shelf, **options})


def test_a_new_programme_is_a_valid_draft_that_lacks_only_what_is_not_written(tmp_path: Path) -> None:
    library = shared_files(tmp_path / "library")
    new(library, "nytt-program", title='Ord: "citat" # och kors', problem="oro")
    report = check_library(library)
    assert report.errors == ()
    assert {fault.code for fault in report.warnings} == {"P03", "T01"}
    programme, _faults = read_programme(library / "nytt-program")
    assert programme is not None
    assert programme.title == programme.patient_title == {"sv": 'Ord: "citat" # och kors'}
    assert programme.facts["reviewers"] == []


def test_the_skeleton_can_be_loaded_as_a_draft(db: None, tmp_path: Path) -> None:
    library = shared_files(tmp_path / "library")
    new(library, "nytt-program")
    assert loaded(library, "nytt-program").status == "draft"


def test_nothing_that_is_there_is_overwritten(shelf: Path) -> None:
    before = {path: path.read_bytes() for path in shelf.rglob("*") if path.is_file()}
    for slug in (SLUG, "instruments"):
        with pytest.raises(CommandError, match="Inget skrevs över"):
            new(shelf, slug)
    assert {path: path.read_bytes() for path in shelf.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("slug", ["Sömn", "../ut", "a b", "a--b", "", "a" * 61, "/etc/x", "-a"])
def test_a_name_that_no_address_can_hold_is_refused(shelf: Path, slug: str) -> None:
    with pytest.raises(CommandError, match="små bokstäver"):
        call_command("new_program", "--title=Nytt", f"--library={shelf}", "--", slug)


@pytest.mark.parametrize("title", [" ", "två\nrader"])
def test_a_title_is_one_line(shelf: Path, title: str) -> None:
    with pytest.raises(CommandError, match="--title"):
        new(shelf, "nytt-program", title=title)
