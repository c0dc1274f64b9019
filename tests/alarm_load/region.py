"""The region: clinics with their therapists, each standing in for the next, and who leads them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from clinics.models import Membership, Region, Role, User
from programs.models import Revision
from tests.alarm_load.courses import Words
from tests.bench.world import Ward
from tests.cast import make_clinic, make_revision, make_therapist, make_user

TEXTS = Path(__file__).parents[1] / "riskmonitor/texts/held_out"
HARD = 20  # one everyday text in so many has words that only sound like danger
PLAIN = (
    "Jag vill inte leva längre. Det är sant.",
    "Jag har tänkt ut hur jag ska ta livet av mig.",
    "Jag har bestämt mig för att ta mitt liv på fredag.",
    "Det vore bättre för alla om jag var död.",
)
TREATMENTS_EACH = 20  # 1,500 treatments and some 75 trained therapists (reliability, 7.3)
IN_A_CLINIC = 5


@dataclass
class Staff:
    """All therapists of the region, and who stands in for each."""

    region: Region
    revision: Revision
    wards: list[Ward] = field(default_factory=list)

    @property
    def therapists(self) -> list[User]:
        return [ward.therapist for ward in self.wards]


def make_staff(treatments: int) -> Staff:
    """Make as many therapists as so many treatments a year need, five in a clinic."""
    region = Region.objects.create(name="Region Exempel")
    staff = Staff(region, make_revision())
    clinics = max(1, -(-treatments // (TREATMENTS_EACH * IN_A_CLINIC)))
    for number in range(clinics):
        clinic = make_clinic(region, f"Klinik {number}")
        people = [make_user(f"Behandlare{place}", f"Klinik{number}") for place in range(IN_A_CLINIC)]
        lead, deputy = make_user("Chef", f"Klinik{number}"), make_user("Vice", f"Klinik{number}")
        for person in people:
            make_therapist(clinic, person)
        Membership.objects.create(user=lead, clinic=clinic, role=Role.LEAD)
        Membership.objects.create(user=deputy, clinic=clinic, role=Role.DEPUTY)
        staff.wards += [
            Ward(clinic, person, people[(place + 1) % IN_A_CLINIC], lead) for place, person in enumerate(people)
        ]
    return staff


def starts(treatments: int, first: datetime, weeks: int) -> list[datetime]:
    """Return when each treatment starts: evenly over so many weeks, at eight in the morning (UTC), Monday to Friday."""
    days = [first + timedelta(weeks=week, days=day) for week in range(weeks) for day in range(5)]
    return [days[number * len(days) // treatments] for number in range(treatments)]


def labelled_words() -> Words:
    """Return texts of the writers whom nobody tuned the word list to, by what the writers meant."""
    lines = [line for path in sorted(TEXTS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines if line.strip()]
    by_label = {label: [row["text"] for row in rows if row["label"] == label] for label in {r["label"] for r in rows}}
    hard = by_label["hard_neutral"][: len(by_label["neutral"]) // (HARD - 1)]
    return Words((*by_label["neutral"], *hard), PLAIN, (*by_label["explicit"], *by_label["indirect"]))
