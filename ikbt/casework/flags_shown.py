"""Flags as the therapist's pages show them: what was marked or written, before when, and whose it is. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from clinics.models import Patient
from programs.shipped import instruments
from riskmonitor.flags.finding_words import Found, break_off_words, is_break_off, is_worsening, worsening_words
from riskmonitor.models import Flag, FlagFinding
from riskmonitor.models.flag import KINDS
from riskmonitor.rules import FOLLOW_UP, URGENCY_ORDER, Kind, Urgency


@dataclass(frozen=True)
class Mark:
    """A risky phrase and its place in a text: code points, end not included."""

    address: str
    start: int
    end: int


@dataclass
class FlagShown:
    """One flag. `words` is the strongest finding in short; only for those who may read the patient."""

    flag: Flag
    findings: list[FlagFinding] = field(default_factory=list)

    @property
    def code(self) -> UUID:
        return self.flag.code

    @property
    def urgency(self) -> str:
        return self.flag.urgency

    @property
    def due_at(self) -> datetime:
        return self.flag.due_at

    @property
    def words(self) -> str:
        strongest = max(
            self.findings, key=lambda each: (URGENCY_ORDER[Urgency(each.urgency)], each.found_at), default=None
        )
        return finding_words(strongest) if strongest else str(self.flag.get_kind_display())

    @property
    def closing_words(self) -> str:
        """Return how the flag was closed, with the clinician's own assessment."""
        flag = self.flag
        by = flag.closed_by.full_name if flag.closed_by else _("the system")
        facts = {"flag": self.words, "outcome": flag.get_outcome_display(), "name": by, "words": flag.assessment}
        return _("Flag %(flag)s closed by %(name)s: %(outcome)s. “%(words)s”") % facts


def finding_words(finding: FlagFinding) -> str:
    """Return a finding in a few words, such as "PHQ-9 question 9 = 2"; `after` is the annotation of `flags_of`."""
    return words_of(finding, finding.flag.kind, vars(finding).get("after"))


def words_of(finding: Found, kind: str, after: Decimal | None) -> str:
    """Return the words; `kind` is the flag's, `after` the total of the answers that it was found in."""
    if finding.rule == FOLLOW_UP:
        return _follow_up_words(finding.item)
    if is_worsening(finding):
        return worsening_words(finding, after)
    if is_break_off(finding):
        return break_off_words(finding)
    if finding.item:
        form = finding.rule.partition(".")[0]
        shipped = instruments().get(form)
        facts = {"form": shipped.name if shipped else form.upper(), "item": finding.item, "value": finding.value}
        if finding.value is None:
            return _("%(form)s question %(item)s not answered") % facts
        if finding.draft_key:
            return _("%(form)s question %(item)s = %(value)s, marked and not sent") % facts
        return _("%(form)s question %(item)s = %(value)s") % facts
    if finding.phrase:
        return _("Wrote “%(phrase)s”") % {"phrase": finding.phrase}
    return str(dict(KINDS)[Kind(kind)])


def _follow_up_words(question: str) -> str:
    """Return what the patient said on the follow-up page, as the one answer that alarms."""
    said = {"plan": _("Has thought about how"), "today": _("Thinks of doing it today"), "safe": _("Not safe right now")}
    return _("Follow-up: %(words)s") % {"words": said.get(question, question)}


def flags_of(patients: Collection[Patient], *, also_closed: bool = False) -> dict[int, list[FlagShown]]:
    """Return the flags of each patient by its id, the first deadline first and closed ones last. One query."""
    found = FlagFinding.objects.filter(flag__patient__in=patients).annotate(after=F("submission__total"))
    findings = found.select_related("flag__owner", "flag__closed_by").order_by("found_at", "pk")
    return _by_patient(findings if also_closed else findings.filter(flag__closed_at=None))


def _by_patient(findings: Iterable[FlagFinding]) -> dict[int, list[FlagShown]]:
    """Return the flags of the findings by their patient's id, in the order of `flags_of`."""
    by_flag: dict[int, FlagShown] = {}
    for finding in findings:
        by_flag.setdefault(finding.flag_id, FlagShown(finding.flag)).findings.append(finding)
    by_patient: dict[int, list[FlagShown]] = defaultdict(list)
    for shown in sorted(
        by_flag.values(), key=lambda each: (each.flag.closed_at is not None, each.due_at, each.flag.pk)
    ):
        by_patient[shown.flag.patient_id].append(shown)
    return by_patient


def marks_in(flags: Collection[FlagShown]) -> dict[int, list[Mark]]:
    """Return the places of risky phrases by the id of the submission they stand in."""
    return _marks((finding.submission_id, finding.address, finding) for shown in flags for finding in shown.findings)


def message_marks_in(flags: Collection[FlagShown]) -> dict[int, list[Mark]]:
    """Return the places of risky phrases by the id of the message they stand in."""
    return _marks((finding.message_id, "", finding) for shown in flags for finding in shown.findings)


def _marks(found_in: Iterable[tuple[int | None, str, FlagFinding]]) -> dict[int, list[Mark]]:
    marks: dict[int, list[Mark]] = defaultdict(list)
    for source, address, finding in found_in:
        if source and finding.start is not None and finding.end is not None:
            marks[source].append(Mark(address, finding.start, finding.end))
    return marks
