"""The modules on a patient's way: how far each has come, and its row in a list. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from programs.models import Page, Step, Treatment
from programs.treatment.gates import Gates
from programs.treatment.progress import ModuleState
from programs.treatment.standing import waits_for_gate

_SLUGS = ArraySubquery(Page.objects.filter(module=OuterRef("module")).order_by("number").values("slug"))
_HAS_SHORT = ExpressionWrapper(Q(module__short__isnull=False), output_field=BooleanField())
# Put together once: of each treatment's only whose is new.
_ON_WAY = Step.objects.shown().in_order().values_list(
    "code", "module__slug", "module__number", "module__title", "module__facts", "last_page", "opened_at", "sent_at",
    "due_on", _SLUGS, _HAS_SHORT,
)  # fmt: skip


class OnWay(NamedTuple):
    """A step with its module, as plain values: `pages` are slugs in order, `has_short` is its five-minute version."""

    code: UUID
    slug: str
    number: int
    title: str
    facts: Mapping[str, Any]
    last_page: str
    opened_at: datetime | None
    sent_at: datetime | None
    due_on: date | None
    pages: Sequence[str]
    has_short: bool


@dataclass(frozen=True)
class Task:
    """One row of a list; `url` "" is not open yet."""

    text: str
    status: str
    level: str = ""
    url: str = ""


def steps_on_way(treatment: Treatment) -> list[OnWay]:
    """Return the modules that were not taken out, in the patient's order. One query."""
    return [OnWay(*row) for row in _ON_WAY.filter(treatment=treatment)]


def state_of(step: OnWay, gates: Gates) -> ModuleState:
    minutes = step.facts.get("minutes") or {}
    return ModuleState(
        code=str(step.code), number=step.number, title=step.title, pages=tuple(step.pages), last_page=step.last_page,
        opened_at=step.opened_at, sent_at=step.sent_at, due_on=step.due_on, has_short=step.has_short,
        minutes=int(minutes.get("read", 0)) + int(minutes.get("do", 0)),
        is_gated=bool(gates.closed_before_module(step)),
    )  # fmt: skip


def part(module: ModuleState) -> str:
    return _("Part %(number)d: %(title)s") % {"number": module.number, "title": module.title}


def module_task(module: ModuleState, reader: str) -> Task:
    """Return the module's row: to do and by when, begun, sent; where it is not open, who opens it."""
    if module.is_gated and not module.sent_at:
        return Task(part(module), waits_for_gate(reader))
    if not module.is_open:
        return Task(part(module), _("%(name)s opens it") % {"name": reader})
    status, level = _("To do"), "new"
    if module.sent_at:
        status, level = _("Sent"), "done"
    elif module.due_on:
        status = _("To do by %(day)s") % {"day": date_format(module.due_on, "j F")}
    elif module.last_page:
        status, level = _("Begun"), ""
    return Task(part(module), status, level, reverse("module", args=[module.code]))
