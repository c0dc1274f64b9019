"""What only the composition knows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class DemoMarker(models.Model):
    """Says that this database holds demo data. Seeding refuses a database that is neither empty nor marked."""

    seeded_at = models.DateTimeField()

    class Privacy:
        plain: ClassVar = {"id", "seeded_at"}

    def __str__(self) -> str:
        return f"demo since {self.seeded_at:%Y-%m-%d}"
