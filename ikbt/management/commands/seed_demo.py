"""manage.py seed_demo: the demo region, relative to today. Refuses a database neither empty nor marked as demo."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clinics.models import Absence, User
from ikbt.demo.people import PROGRAMME, make_clinics, make_patient, make_staff, texts
from ikbt.demo.planned import tell_plan
from ikbt.demo.story import Story
from ikbt.models import DemoMarker
from programs.editions import all_revisions
from riskmonitor.sweeps import escalate_one


class Command(BaseCommand):
    help = "Fill an empty database with the demo region. Does nothing when it is there."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo data is for a demo: set IKBT_DEMO=1.")
        if DemoMarker.objects.exists():
            self.stdout.write("The demo region is there.")
            return
        if User.objects.exists():
            raise CommandError("This database holds people and is not marked as demo. Nothing was changed.")
        with transaction.atomic():
            self.seed(timezone.now())

    def seed(self, now: datetime) -> None:
        story = texts()
        DemoMarker.objects.create(seeded_at=now)
        region, clinics = make_clinics(story)
        staff = make_staff(story, region, clinics, now)
        latest = {revision.programme.slug: revision for revision in all_revisions().reverse()}
        entries = story["patients"] + story.get("ended", [])
        for number, entry in enumerate(entries, start=1):
            patient = make_patient(entry, number, clinics[entry["clinic"]], now)
            programme = entry.get("programme", PROGRAMME)
            assessed = story["assessed"][programme]
            Story(entry, patient, staff, now, assessed=assessed).tell(latest[programme])
            self.stdout.write(f"  {number} of {len(entries)} treatments", ending="\n")
        for number, entry in enumerate(story.get("planned", []), start=len(entries) + 1):
            patient = make_patient(entry, number, clinics[entry["clinic"]], now)
            tell_plan(entry, patient, staff, latest[entry["programme"]], now)
        self.send_berit_away(staff, now)

    def send_berit_away(self, staff: dict[str, User], now: datetime) -> None:
        """Berit is away for some days and has said so just now: Cecilia stands in and owns Erik's flag.

        Cecilia was away herself for a day the week before last, in which her texts let her do nothing.
        """
        Absence.objects.create(
            user=staff["berit"], starts_at=now - timedelta(hours=2), ends_at=_end_of_day(now + timedelta(days=5)),
            created_at=now, created_by=staff["berit"],
        )  # fmt: skip
        Absence.objects.create(
            user=staff["cecilia"], starts_at=_end_of_day(now - timedelta(days=12)),
            ends_at=_end_of_day(now - timedelta(days=11)), created_at=now - timedelta(days=20),
            created_by=staff["cecilia"],
        )  # fmt: skip
        while escalate_one(now):
            pass


def _end_of_day(at: datetime) -> datetime:
    local = timezone.localtime(at)
    return local.replace(hour=17, minute=0, second=0, microsecond=0)
