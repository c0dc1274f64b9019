"""The end of silence: somebody who was taken as away signs in, or asks for a page."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from clinics.actions import end_silence
from clinics.cover.away import span_words
from clinics.models import User
from riskmonitor.actions import hand_over

log = structlog.get_logger(__name__)


@transaction.atomic
def welcome_back(*, request: HttpRequest, user: User, now: datetime) -> None:
    """End the absence of somebody who was taken as away, and say so on the page that comes next.

    Nobody is kept out because a flag cannot be given back: the sweeps do it then.
    """
    ended = end_silence(user=user, now=now)
    if ended is None:
        return
    try:
        with transaction.atomic():
            hand_over(absence=ended, now=now)
    except Exception:
        log.exception("silence.not_handed_back", absence=ended.pk)
    with translation.override(user.language):
        words = _(
            "Something waited for you and you were not seen, so we took you as away %(span)s. You are back now. "
            "Under Absence you find what happened meanwhile."
        ) % {"span": span_words(ended.starts_at, now)}
    messages.warning(request, words, fail_silently=True)
