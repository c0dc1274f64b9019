"""The database itself refuses to change or delete what was sent."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from messaging.actions import mark_read, send_message
from messaging.models import Message
from programs.actions import send_tool_entry
from programs.models import Submission
from riskmonitor.sweeps import screen_one
from tests.cast import NOW, Cast


@pytest.fixture
def sent(cast: Cast) -> tuple[Submission, Message]:
    entry = {"situation": "Hemma"}
    submission = send_tool_entry(treatment=cast.annas, tool="map", entry=entry, key=uuid4(), by=cast.anna, now=NOW)
    return submission, send_message(treatment=cast.annas, text="Hej.", key=uuid4(), by=cast.anna, now=NOW)


@pytest.mark.parametrize(("place", "field"), [(0, "answers"), (0, "sent_at"), (1, "text"), (1, "author_id")])
def test_what_was_written_cannot_be_changed(sent: tuple, cast: Cast, place: int, field: str) -> None:
    row = sent[place]
    other = {"answers": {}, "sent_at": NOW.replace(year=2025), "text": "Annat.", "author_id": cast.berit.pk}[field]
    with pytest.raises(DatabaseError, match="holds what was sent"), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**{field: other})


@pytest.mark.parametrize("place", [0, 1])
def test_what_was_written_cannot_be_deleted(sent: tuple, place: int) -> None:
    row = sent[place]
    with pytest.raises(DatabaseError, match="holds what was sent"), transaction.atomic():
        type(row).objects.filter(pk=row.pk).delete()


def test_screening_and_reading_move_on(sent: tuple, cast: Cast) -> None:
    while screen_one(NOW):
        pass
    assert mark_read(treatment=cast.annas, by=cast.berit, now=NOW) == 1
