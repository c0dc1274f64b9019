"""Facts for the apps above, sent with plain `send` inside the writing transaction."""

from __future__ import annotations

from django.dispatch import Signal

#: Sent with `message` and `now` when a message has been stored, before COMMIT.
message_sent = Signal()
