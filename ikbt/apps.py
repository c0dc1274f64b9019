from __future__ import annotations

from django.apps import AppConfig
from django.core import checks


class IkbtConfig(AppConfig):
    name = "ikbt"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ikbt import celery  # noqa: F401 - shared tasks need the application to exist in every process
        from ikbt.checks import check_demands, check_production

        checks.register(check_demands, checks.Tags.security)
        checks.register(check_production, checks.Tags.security, deploy=True)
