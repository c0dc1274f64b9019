"""What has happened since the therapist was here, in one line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ikbt.casework.course import Course
from ikbt.casework.handed_in import Happening, title_of
from programs.models import Submission
from programs.numbers import written
from programs.shipped import instruments


def happenings(course: Course, language: str) -> list[Happening]:
    """Return what has happened since the therapist was here, newest first: also what a colleague did with a flag."""
    found, previous = [], _previous_totals(course.submissions)
    sent = [each for each in course.submissions if each.sent_at > course.since]
    times = Counter(each.form for each in sent if each.kind == Submission.Kind.TOOL)
    for submission in sent:
        several = times.get(submission.form, 0) if submission.kind == Submission.Kind.TOOL else 0
        if several > 1:
            found.append(_several(submission, times.pop(submission.form), language))
        elif several or submission.kind != Submission.Kind.TOOL:
            words = _sent_words(submission, previous.get(submission.pk), language)
            found.append(Happening(submission.sent_at, words, submission.code))
    new = [message for message in course.messages if course.is_new(message)]
    if new:
        words = ngettext("%(count)s message, shown in full below", "%(count)s messages, shown in full below", len(new))
        found.append(Happening(new[-1].sent_at, words % {"count": len(new)}))
    found += [
        Happening(shown.flag.closed_at, shown.closing_words)
        for shown in course.closed_flags
        if shown.flag.closed_at and shown.flag.closed_at > course.since
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _several(newest: Submission, count: int, language: str) -> Happening:
    """Return one line for a tool that was written in several times."""
    words = _("%(tool)s, %(count)d times, most recently") % {"tool": title_of(newest, language), "count": count}
    return Happening(newest.sent_at, words, tool=newest.form)


def _previous_totals(submissions: Sequence[Submission]) -> dict[int, Submission]:
    """Return the answer set before each, by id; `submissions` are newest first."""
    later: dict[tuple[str, str], Submission] = {}
    found = {}
    for submission in submissions:
        form = submission.kind, submission.form
        if form in later:
            found[later[form].pk] = submission
        later[form] = submission
    return found


def _sent_words(submission: Submission, before: Submission | None, language: str) -> str:
    title = title_of(submission, language)
    if submission.kind != Submission.Kind.MEASURE:
        return title
    total = _("no total") if submission.total is None else written(submission.total)
    words = f"{title}: {total}"
    if before and before.total is not None:
        words = f"{title}: {written(before.total)} \u2192 {total}"
    instrument = instruments().get(submission.form)
    for item in instrument.risk_items if instrument else ():
        value = submission.answers.get(item)
        marked_as = _("not answered") if value is None else value
        words += " \u00b7 " + _("question %(item)s: %(value)s") % {"item": item, "value": marked_as}
    return words
