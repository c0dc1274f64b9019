"""What the questionnaires of a treatment say to the rule of breaking off. Reads only."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import TextField
from django.db.models.functions import Cast

from programs.models import Submission
from riskmonitor.rules import FORMS, ITEM_RULES, Reason, rose

TOLD_BY_FORMS = (Submission.Kind.MEASURE, Submission.Kind.ASKED_AGAIN)


@dataclass
class Course:
    """What one treatment's questionnaires say: the totals by form, the oldest first, and the newest risk items.

    `answered_at` is when the last of them was sent.
    """

    totals: dict[str, list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    risk_items: tuple[object, ...] = ()
    answered_at: datetime | None = None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Return what makes a sign more urgent. A risk item that was left out, or cannot be read, counts."""
        marked = any(not isinstance(value, int) or value > 0 for value in self.risk_items)
        has_risen = any(rose(form, totals) for form, totals in self.totals.items())
        return (Reason.RISK_ITEM,) * marked + (Reason.ROSE,) * has_risen


def courses_of(ids: Collection[int]) -> dict[int, Course]:
    """Return what the questionnaires of these treatments say, for those that the rules know.

    Answers come as text, and only the newest are unpacked: to unpack them all costs more than all else in the sweep.
    """
    rows = Submission.objects.filter(treatment__in=ids, kind__in=TOLD_BY_FORMS, form__in=FORMS)
    courses: dict[int, Course] = defaultdict(Course)
    newest: dict[int, tuple[str, str]] = {}
    columns = ("treatment", "form", "sent_at", "total", Cast("answers", TextField()))
    for treatment, form, sent_at, total, packed in rows.order_by("sent_at", "pk").values_list(*columns):
        courses[treatment].answered_at = sent_at
        if form in ITEM_RULES:
            newest[treatment] = form, packed
        if total is not None:
            courses[treatment].totals[form].append(total)
    for treatment, (form, packed) in newest.items():
        answers = json.loads(packed)
        courses[treatment].risk_items = tuple(answers.get(rule.item) for rule in ITEM_RULES[form])
    return courses
