"""What the year came to: cases per therapist and week, flags by kind, and whether each planted sign has its flag."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef

from clinics.models import User
from messaging.models import Message
from programs.models import Submission
from riskmonitor.models import Flag, FlagFinding
from tests.alarm_load.courses import WEEKS, Sign
from tests.alarm_load.year import FIRST, Planted, Year

SEEN_AFTER = timedelta(days=15)  # in which nothing came, by which somebody must have been told
KIND_OF = {Sign.ITEM: "suicide", Sign.TEXT: "suicide", Sign.WORSE: "deterioration", Sign.SILENT: "break_off"}


@dataclass(frozen=True)
class Load:
    """`a_week` counts the cases of each therapist in each week of the window, none counted as 0.

    `words_a_week` counts in the same way the flags that the word list alone has raised: no marked question, no other
    sign in them.
    """

    a_week: list[int]
    words_a_week: list[int]
    weeks: int
    therapists: int
    by_others: int
    kinds: Counter[str]
    sent: int
    flagged: int
    planted: Counter[Sign]
    suppressed: list[Planted]
    told: int
    told_found: int

    @property
    def a_year(self) -> float:
        return sum(self.a_week) / self.therapists / self.weeks * 52


def read_load(year: Year, therapists: Sequence[User], starts: Sequence[datetime]) -> Load:
    """Count. The window begins when the first treatments have ended and ends with the last start: the region is full.

    A case is one patient whose open flags one person answers in one week, however many flags and talks that is.
    """
    begins, ends = starts[0] + timedelta(weeks=WEEKS), starts[-1]
    if ends - begins < timedelta(weeks=4):
        begins, ends = FIRST, starts[-1] + timedelta(weeks=WEEKS)
    weeks = [begins.date() + timedelta(weeks=nr) for nr in range((ends - begins) // timedelta(weeks=1))]
    cases = {(case.person, _week(case.at), case.patient) for case in year.cases}
    counted = Counter((person, week) for person, week, _patient in cases)
    people = [user.pk for user in therapists]
    by_words = Counter((person, _week(at)) for person, at in _of_words_alone())
    flagged = FlagFinding.objects.exclude(submission=None, message=None).values("submission", "message").distinct()
    return Load(
        a_week=[counted[person, _monday(week)] for person in people for week in weeks],
        words_a_week=[by_words[person, _monday(week)] for person in people for week in weeks],
        weeks=len(weeks),
        therapists=len(people),
        by_others=sum(case.person not in people for case in year.cases),
        kinds=Counter(Flag.objects.values_list("kind", flat=True)),
        sent=Submission.objects.count() + Message.objects.count(),
        flagged=flagged.count(),
        planted=Counter(each.sign for each in year.planted),
        suppressed=[each for each in year.planted if not _has_its_flag(each)],
        told=len(year.told),
        told_found=FlagFinding.objects.filter(message__key__in=year.told).values("message").distinct().count(),
    )


def _of_words_alone() -> list[tuple[int, datetime]]:
    """Return therapist and time of each flag that holds nothing but places in texts."""
    other = FlagFinding.objects.filter(flag=OuterRef("pk"), start=None)
    flags = Flag.objects.filter(~Exists(other), kind=KIND_OF[Sign.TEXT])
    return list(flags.values_list("treatment__assignment__therapist", "raised_at"))


def _has_its_flag(planted: Planted) -> bool:
    found = FlagFinding.objects.filter(flag__kind=KIND_OF[planted.sign], flag__treatment=planted.treatment)
    if planted.sign is Sign.SILENT:
        return found.filter(found_at__gt=planted.at, found_at__lte=planted.at + SEEN_AFTER).exists()
    by_form = found.filter(submission__key=planted.key)
    return (found.filter(message__key=planted.key) if planted.sign is Sign.TEXT else by_form).exists()


def _week(at: datetime) -> date:
    return _monday(at.date())


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _a_week(what: str, counts: Sequence[int]) -> str:
    ordered = sorted(counts)
    return (
        f"{what} per therapist and week: median {statistics.median(counts):g}, p95 {ordered[len(counts) * 95 // 100]}, "
        f"most {ordered[-1]}, mean {statistics.mean(counts):.2f}"
    )


def as_text(load: Load) -> str:
    """Return the figures as people read them."""
    spread = Counter(min(cases, 5) for cases in load.a_week)
    many = len(load.a_week)
    lines = [
        f"{load.therapists} therapists, {load.weeks} weeks in which the region is full: {many} weeks of a therapist",
        f"{_a_week('cases', load.a_week)}; per therapist and year {load.a_year:.0f}",
        "weeks with so many cases: "
        + ", ".join(f"{n}{'+' * (n == 5)}: {spread[n] / many:.0%}" for n in sorted(spread)),
        _a_week("flags by words alone", load.words_a_week),
        "flags: " + ", ".join(f"{kind} {count}" for kind, count in load.kinds.most_common()),
        f"answered by somebody who is no therapist: {load.by_others}",
        f"sent {load.sent}, flagged {load.flagged} ({load.flagged / load.sent:.1%})",
        "planted: " + ", ".join(f"{sign} {count}" for sign, count in load.planted.items()),
        f"suppressed: {len(load.suppressed)}",
        f"other writers' words of danger: {load.told_found} of {load.told} found (what the word list reaches is "
        "measured in tests/riskmonitor/test_labelled_texts.py)",
    ]
    return "\n".join([*lines, *(f"SUPPRESSED  {each}" for each in load.suppressed)])
