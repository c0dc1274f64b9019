"""What is filled into programme text: who treats, the patient's name, and the day of the answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from programs.models import Treatment


def reply_day(treatment: Treatment, now: datetime) -> date:
    """Return the next day on which the therapist answers, tomorrow at the earliest."""
    today = timezone.localdate(now)
    return today + timedelta(days=(treatment.reply_weekday - today.weekday() - 1) % 7 + 1)


def day_in_words(day: date) -> str:
    """Return "onsdag 25 november"."""
    return date_format(day, "l j F")


def placeholders(treatment: Treatment, now: datetime) -> dict[str, str]:
    """Return the values of the fields that may stand in programme text."""
    return {
        "behandlare": treatment.assignment.therapist.first_name,
        "fornamn": treatment.patient.user.first_name,
        "svarsdag": day_in_words(reply_day(treatment, now)),
    }
