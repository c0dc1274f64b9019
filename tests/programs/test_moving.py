"""A running treatment keeps its text, until a therapist moves it on purpose, between modules, with all answers kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEvent
from programs.actions import (
    MoveRefused,
    end_treatment,
    move_treatment,
    open_module,
    publish,
    save_draft,
    send_module,
    withdraw,
)
from programs.editions import modules_of
from programs.library_format.editions import is_minor
from programs.models import Move, Page, Revision, Submission, Treatment
from tests.cast import NOW, Cast
from tests.programs.whole import SLUG, change, loaded, started

LATER = NOW + timedelta(days=3)


@pytest.fixture
def treatment(cast: Cast, edition: Revision) -> Treatment:
    """A new patient of Berit's who has sent the first module."""
    treatment = started(cast, edition)
    answers = {"ork": 4, "val": {"options": ["ut"]}, "hinder": "Om det regnar tar jag paraplyet."}
    step = treatment.steps.select_related("module__revision", "treatment__patient").get(module__slug="ett")
    send_module(step=step, answers=answers, key=uuid4(), by=treatment.patient.user, now=NOW)
    return treatment


def next_edition(cast: Cast, shelf: Path, *changes: tuple[str, str, str]) -> Revision:
    """Publish edition 2 with other words in the files."""
    change(shelf / SLUG, "programme.yaml", "edition: 1", "edition: 2")
    for file, old, new in changes:
        change(shelf / SLUG, file, old, new)
    revision = loaded(shelf, now=LATER)
    publish(revision=revision, by=cast.frida, now=LATER)
    return revision


OTHER_WORDS = ("sv/02-tva.md", "Siv provade en gång.", "Siv provade två gånger.")


def words_of(treatment: Treatment) -> list[Any]:
    return list(Page.objects.filter(module__steps__treatment=treatment).order_by("pk").values_list("blocks", flat=True))


def refused(treatment: Treatment, target: Revision, cast: Cast) -> list[tuple[str, str]]:
    with pytest.raises(MoveRefused) as error, transaction.atomic():
        move_treatment(treatment=treatment, target=target, by=cast.berit, now=LATER)
    treatment.refresh_from_db()
    assert treatment.revision_id != target.pk or ("same edition", "") in error.value.reasons
    return error.value.reasons


def test_a_draft_with_other_text_is_a_new_revision_and_running_treatments_keep_theirs(
    cast: Cast, treatment: Treatment, shelf: Path
) -> None:
    words, first = words_of(treatment), treatment.revision
    change(shelf / SLUG, "programme.yaml", "edition: 1", "edition: 2")
    change(shelf / SLUG, "programme.yaml", "status: review", "status: draft")
    change(shelf / SLUG, *OTHER_WORDS)
    draft = loaded(shelf, now=LATER)
    assert (draft.pk != first.pk, draft.is_draft) == (True, True)
    treatment.refresh_from_db()
    assert (treatment.revision, words_of(treatment)) == (first, words)


def test_publishing_and_withdrawing_leave_running_treatments_alone(
    cast: Cast, treatment: Treatment, shelf: Path
) -> None:
    words, first = words_of(treatment), treatment.revision
    next_edition(cast, shelf, OTHER_WORDS)
    withdraw(revision=first, because="Fel.", by=cast.frida, now=LATER)
    treatment.refresh_from_db()
    assert (treatment.revision, treatment.state, words_of(treatment)) == (first, "active", words)
    second = treatment.steps.select_related("module").get(module__slug="tva")
    assert open_module(treatment=treatment, module=second.module, by=cast.berit, now=LATER).opened_at == LATER


def test_a_therapist_moves_the_treatment_and_what_was_sent_stays_with_its_text(
    cast: Cast, treatment: Treatment, shelf: Path
) -> None:
    first, codes = treatment.revision, set(treatment.steps.values_list("code", flat=True))
    second = next_edition(cast, shelf, OTHER_WORDS)
    move = move_treatment(treatment=treatment, target=second, by=cast.berit, now=LATER)
    treatment.refresh_from_db()
    assert treatment.revision == second
    assert set(treatment.steps.values_list("code", flat=True)) == codes
    assert set(treatment.steps.values_list("module__revision", flat=True)) == {second.pk}
    sent = Submission.objects.get(treatment=treatment)
    assert sent.module is not None
    assert sent.module.revision == first
    assert (move.origin, move.target, move.moved_by, move.moved_at) == (first, second, cast.berit, LATER)
    logged = AuditEvent.objects.filter(actor=cast.berit.code, patient=treatment.patient.code, at=LATER)
    assert logged.filter(what=f"treatment:{treatment.code}").exists()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Move.objects.update(moved_by=cast.cecilia)


@pytest.mark.parametrize(
    ("old", "new", "address"),
    [
        ("{#ork type=scale}", "{#kraft type=scale}", "ett.ork"),
        ("- Gå ut en stund {#ut}", "- Gå ut en stund {#utomhus}", "ett.val#ut"),
    ],
)
def test_an_answer_without_a_home_in_the_new_edition_keeps_the_treatment(
    cast: Cast, treatment: Treatment, shelf: Path, old: str, new: str, address: str
) -> None:
    second = next_edition(cast, shelf, ("sv/01-ett.md", old, new))
    assert refused(treatment, second, cast) == [("answered", address)]


def test_what_was_not_answered_may_differ(cast: Cast, treatment: Treatment, shelf: Path) -> None:
    second = next_edition(cast, shelf, ("sv/02-tva.md", "{#ork type=scale}", "{#kraft type=scale}"))
    assert not is_minor(treatment.revision.facts, modules_of(treatment.revision), second.facts, modules_of(second))
    assert move_treatment(treatment=treatment, target=second, by=cast.berit, now=LATER)


def test_a_module_that_is_being_written_is_sent_first(cast: Cast, treatment: Treatment, shelf: Path) -> None:
    step = treatment.steps.select_related("module").get(module__slug="tva")
    open_module(treatment=treatment, module=step.module, by=cast.berit, now=NOW)
    key, owner = f"page:{step.code}:ovning", treatment.patient.user
    save_draft(owner=owner, treatment=treatment, form_key=key, data={"q_hinder": "Om"}, version=0, now=NOW)
    second = next_edition(cast, shelf, OTHER_WORDS)
    assert refused(treatment, second, cast) == [("begun", "Prov 2")]


@pytest.mark.parametrize("page", ["ovning", "borta"])
def test_words_to_a_question_or_page_that_is_gone_come_back(
    cast: Cast, treatment: Treatment, shelf: Path, client: Client, page: str
) -> None:
    """The patient writes while the treatment is moved; nothing was saved before, so the move was not refused."""
    step = treatment.steps.select_related("module").get(module__slug="tva")
    open_module(treatment=treatment, module=step.module, by=cast.berit, now=NOW)
    second = next_edition(cast, shelf, ("sv/02-tva.md", "{#hinder", "{#motstand"))
    move_treatment(treatment=treatment, target=second, by=cast.berit, now=LATER)
    posted = {"q_hinder": "Långa ord"} | ({"q_val": "ut"} if page == "ovning" else {})
    with time_machine.travel(LATER, tick=False):
        client.force_login(treatment.patient.user)
        answer = client.post(reverse("module-page", args=[step.code, page]), posted)
        end_treatment(treatment=treatment, by=cast.berit, now=LATER)
        closed = client.post(reverse("module-page", args=[step.code, page]), posted)
    for shown in (answer, closed):
        assert shown.status_code == 409
        assert "Långa ord" in shown.content.decode()
    kept = list(treatment.drafts.values_list("data", flat=True))
    assert kept == ([{"q_val": "ut"}] if page == "ovning" else [])  # what has a home is saved, and nothing is emptied


def test_a_module_that_was_opened_must_be_there(cast: Cast, treatment: Treatment, shelf: Path) -> None:
    step = treatment.steps.select_related("module").get(module__slug="sex")
    open_module(treatment=treatment, module=step.module, by=cast.berit, now=NOW)
    (shelf / SLUG / "sv/06-sex.md").rename(shelf / SLUG / "sv/06-sju.md")
    second = next_edition(
        cast, shelf, ("programme.yaml", "fem, sex]", "fem, sju]"), ("sv/06-sju.md", "id: sex", "id: sju")
    )
    assert refused(treatment, second, cast) == [("opened", "Prov 6")]


def test_modules_that_nobody_opened_come_and_go(cast: Cast, treatment: Treatment, shelf: Path) -> None:
    (shelf / SLUG / "sv/06-sex.md").rename(shelf / SLUG / "sv/06-sju.md")
    second = next_edition(
        cast, shelf, ("programme.yaml", "fem, sex]", "fem, sju]"), ("sv/06-sju.md", "id: sex", "id: sju")
    )
    move_treatment(treatment=treatment, target=second, by=cast.berit, now=LATER)
    slugs = treatment.steps.order_by("module__number").values_list("module__slug", flat=True)
    assert list(slugs) == ["ett", "tva", "tre", "fyra", "fem", "sju"]


def test_it_goes_to_a_published_edition_of_the_same_programme_and_only_while_it_runs(
    cast: Cast, treatment: Treatment, shelf: Path
) -> None:
    assert refused(treatment, treatment.revision, cast) == [("same edition", "")]
    assert refused(treatment, cast.revision, cast) == [("other programme", "")]
    second = next_edition(cast, shelf, OTHER_WORDS)
    withdraw(revision=second, because="Fel.", by=cast.frida, now=LATER)
    assert refused(treatment, second, cast) == [("not published", "")]
    end_treatment(treatment=treatment, by=cast.berit, now=LATER)
    assert refused(treatment, second, cast) == [("ended", "")]


def test_other_words_are_a_minor_change(cast: Cast, edition: Revision, shelf: Path) -> None:
    second = next_edition(cast, shelf, OTHER_WORDS)
    assert is_minor(edition.facts, modules_of(edition), second.facts, modules_of(second))
