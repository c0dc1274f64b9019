"""What is filled into programme text: who treats, the patient's name, and the day of the answer."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import get_language, override

from clinics.cover import coverage as cover
from clinics.cover import roster
from programs.models import Treatment


def reply_day(treatment: Treatment, now: datetime) -> date:
    """Return the next day on which the therapist answers, tomorrow at the earliest; when closed the next open one."""
    today = timezone.localdate(now)
    day = today + timedelta(days=(treatment.reply_weekday - today.weekday() - 1) % 7 + 1)
    hours = roster.working_time(treatment.patient.clinic)
    opens_at = cover.moment(datetime.combine(day, time(), tzinfo=hours.hours.tz), hours)
    return opens_at.astimezone(hours.hours.tz).date() if opens_at else day


def day_in_words(day: date) -> str:
    """Return "onsdag 25 november"."""
    return date_format(day, "l j F")


def placeholders(treatment: Treatment, now: datetime, answer_on: date | None = None) -> dict[str, str]:
    """Return the values of the fields that may stand in programme text; `answer_on` is another day than the usual.

    The day of the answer is looked up only by a text that names it: few do.
    """
    language = get_language()

    def day() -> str:
        with override(language):
            return day_in_words(answer_on or reply_day(treatment, now))

    return {
        "behandlare": treatment.assignment.therapist.first_name,
        "fornamn": treatment.patient.user.first_name,
        "svarsdag": lazy(day, str)(),
    }
