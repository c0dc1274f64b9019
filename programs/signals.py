"""Facts for the apps above, sent with plain `send` inside the writing transaction."""

from __future__ import annotations

from django.dispatch import Signal

#: Sent with `submission` and `now` when a patient's answers have been stored, before COMMIT.
answers_sent = Signal()
