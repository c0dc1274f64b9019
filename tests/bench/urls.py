"""Our own addresses, and the two floors beside them."""

from __future__ import annotations

from django.urls import include, path

from ikbt.urls import handler400, handler403, handler404, handler500
from tests.bench import floor

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("floor/patient/", floor.patient_floor),
    path("floor/staff/", floor.staff_floor),
    path("", include("ikbt.urls")),
]
