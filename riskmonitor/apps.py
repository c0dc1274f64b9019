from __future__ import annotations

from django.apps import AppConfig


class RiskMonitorConfig(AppConfig):
    name = "riskmonitor"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from programs.pages.recall import withhold
        from riskmonitor import receivers
        from riskmonitor.flags.withheld import flagged_answers

        receivers.connect()
        withhold(flagged_answers)
