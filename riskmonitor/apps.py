from __future__ import annotations

from django.apps import AppConfig


class RiskMonitorConfig(AppConfig):
    name = "riskmonitor"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from riskmonitor import receivers

        receivers.connect()
