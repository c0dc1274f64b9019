"""The Celery application. The broker carries wake-ups only; nothing in it is needed for correctness."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ikbt.settings")
app = Celery("ikbt")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
