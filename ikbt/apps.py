from __future__ import annotations

from django.apps import AppConfig


class IkbtConfig(AppConfig):
    name = "ikbt"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ikbt import celery  # noqa: F401 - shared tasks need the application to exist in every process
