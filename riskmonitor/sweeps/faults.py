"""Whose fault it is when something due fails: its own, so that the next gets its turn, or nobody's."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError, connection


def database_is_away(error: Exception) -> bool:
    """Tell whether the database is gone, which is waited for.

    One that answers, and refused this alone, as when a lock was waited for too long, is a fault of what was due. Asked
    outside the transaction, or the savepoint, that failed.
    """
    return isinstance(error, (OperationalError, InterfaceError)) and not connection.is_usable()
