"""Sleep in numbers: one night, the mean of several, and the sleep window that they lead to. Pure."""

from __future__ import annotations
