"""A small world for rules about access: everybody who may come, one patient who is looked for, and words to follow.

Anna is looked for. Berit, her therapist, is away today, so Cecilia stands in. Disa stood in during an absence that has
ended. Tove is a colleague who has nothing to do with Anna. Erik is another patient of Berit's, Nils is David's at
another clinic. Whatever Anna or Erik is called, wrote or answered holds their mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import make_password

from clinics.models import Absence, Cover, Patient, User
from followup.models import Report
from messaging.actions import send_message
from messaging.models import Message, PushSubscription
from programs.actions import (
    keep_line,
    open_module,
    save_crisis_plan,
    save_draft,
    send_call_me,
    send_measure,
    send_module,
    send_stuck,
    send_tool_entry,
)
from programs.library_format.blocks import Short
from programs.models import KeptLine, Module, Page, Step, Submission, Treatment
from programs.shipped import instruments
from riskmonitor.actions import order_dry_run
from riskmonitor.models import DryRun, Flag
from riskmonitor.sweeps import try_some
from tests.cast import NOW, Cast, make_therapist, make_user

LATER = NOW + timedelta(hours=2)  # when the world is looked at: Friday noon
MARK = "MARKER-7431"
ROLES = {  # column of the matrix → name in the world, "" for nobody
    "anonymous": "",
    "own": "anna",
    "patient": "erik",
    "therapist": "berit",
    "standin": "cecilia",
    "former": "disa",
    "colleague": "tove",
    "lead": "lena",
    "deputy": "hassan",
    "region": "omar",
    "author": "frida",
    "admin": "greta",
    "elsewhere": "david",
}
NOWHERE = UUID(int=7431)
PASSWORD = make_password("not asked for in these walks")


@dataclass
class Sent:
    """What one patient has sent, and what came of it."""

    treatment: Treatment
    message: Message
    answer: Message
    submission: Submission
    entry: Submission
    line: KeptLine
    flag: Flag
    report: Report
    handed_in: Step
    opened: Step
    stuck: Submission
    copy: Report


@dataclass
class World:
    cast: Cast
    disa: User
    absence: Absence
    browser: PushSubscription
    dry_run: DryRun
    anna: Sent
    erik: Sent
    nils: Sent

    def user(self, role: str) -> User | None:
        name = ROLES[role]
        return (self.disa if name == "disa" else getattr(self.cast, name)) if name else None

    def marks(self) -> dict[UUID, str]:
        """Return each patient's code with the mark that everything about the person holds."""
        return {
            each.treatment.patient.code: mark_of(each.treatment.patient) for each in (self.anna, self.erik, self.nils)
        }


def mark_of(patient: Patient) -> str:
    return f"{MARK}-{patient.pk}-"


def make_world(cast: Cast) -> World:
    """Let the cast do everything, on Friday morning; look at them at LATER."""
    for user in (cast.anna, cast.erik, cast.nils):
        mark = mark_of(user.patient)
        user.first_name, user.last_name = f"{mark}first", f"{mark}last"
        user.save(update_fields=["first_name", "last_name", "sort_name"])
    for user in (cast.lena, cast.hassan, cast.omar):  # who decide about rules: they have a password to show again
        user.password = PASSWORD
        user.save(update_fields=["password"])
    disa = make_user("Disa", "Ek")
    make_therapist(cast.eken, disa)
    over = _away(cast.berit, NOW - timedelta(days=4), NOW - timedelta(days=2))
    Cover.objects.create(absence=over, assignment=cast.annas.assignment, stand_in=disa)
    absence = _away(cast.berit, NOW - timedelta(hours=1), NOW + timedelta(hours=8))
    module = _third_module(cast)
    anna, erik, nils = (_send_everything(each, module) for each in (cast.annas, cast.eriks, cast.nilss))
    browser = PushSubscription.objects.create(
        user=cast.berit, endpoint="https://push.example.org/berit", p256dh="key", auth="secret", created_at=NOW
    )
    dry_run = order_dry_run(days=14, key=uuid4(), by=cast.lena, now=LATER)
    while try_some(LATER):
        pass
    return World(cast, disa, absence, browser, dry_run, anna, erik, nils)


def _away(user: User, start: datetime, end: datetime) -> Absence:
    return Absence.objects.create(user=user, starts_at=start, ends_at=end, created_at=start, created_by=user)


def _third_module(cast: Cast) -> Module:
    module = Module.objects.create(
        revision=cast.revision, number=3, slug="tre", title="Tre", aim="Du provar.",
        facts={"minutes": {"read": 10, "do": 10, "daily": 5}, "week": 3, "tools": ["mood_log"], "gates": []},
        short={"type": Short.type, "does": "tanke", "html": "<p>Ett steg.</p>"}, notes=[],
    )  # fmt: skip
    for page in Module.objects.get(revision=cast.revision, number=1).pages.all():
        Page.objects.create(
            module=module, number=page.number, slug=page.slug, title=page.title, blocks=page.blocks
        )  # fmt: skip
    return module


def _send_everything(treatment: Treatment, module: Module) -> Sent:
    patient = treatment.patient
    by, mark = patient.user, mark_of(patient)
    phq9 = instruments()["phq9"]
    message = send_message(treatment=treatment, text=f"{mark}message", key=uuid4(), by=by, now=NOW)
    answers: dict[str, int] = {str(item): 0 for item in range(1, 9)} | {"9": 2}
    submission = send_measure(
        treatment=treatment, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(), by=by, now=NOW
    )  # fmt: skip
    left_out = {item: value for item, value in answers.items() if item != "9"}
    send_measure(
        treatment=treatment, instrument=phq9, version=phq9.version, answers=left_out, key=uuid4(), by=by, now=NOW
    )  # fmt: skip
    send_call_me(treatment=treatment, phone="", words=f"{mark}call", key=uuid4(), by=by, now=NOW)
    first = treatment.steps.select_related("module__revision", "treatment__patient").get(module__number=1)
    send_module(step=first, answers={"tanke": f"{mark}thought"}, key=uuid4(), by=by, now=NOW)
    opened = Step.objects.create(treatment=treatment, module=module)
    open_module(treatment=treatment, module=module, by=treatment.assignment.therapist, now=NOW)
    mood: dict[str, Any] = {"activity": f"{mark}tool", "mood": 4}
    entry = send_tool_entry(treatment=treatment, tool="mood_log", entry=mood, key=uuid4(), by=by, now=NOW)
    line = keep_line(
        treatment=treatment, origin=f"entry:{entry.code}", source="Min dag", text=f"{mark}line", by=by, now=NOW
    )
    therapist = treatment.assignment.therapist
    answer = send_message(treatment=treatment, text=f"{mark}answer", key=uuid4(), by=therapist, now=NOW)
    plan: dict[str, Any] = {"signs": f"{mark}plan"}
    save_crisis_plan(treatment=treatment, plan=plan, based_on="", key=uuid4(), by=by, now=NOW)
    stuck = send_stuck(
        treatment=treatment, reason="writing", words=f"{mark}stuck", key=uuid4(), by=by, now=NOW
    )  # fmt: skip
    draft: dict[str, Any] = {"text": f"{mark}draft"}
    save_draft(owner=by, treatment=treatment, form_key="message", data=draft, version=0, now=NOW)
    report = Report.objects.create(
        key=uuid4(), treatment=treatment, asked_at=NOW, asked_by=treatment.assignment.therapist, stage="done",
        next_attempt_at=NOW, made_at=NOW, file=f"%PDF {mark}report".encode(),
    )  # fmt: skip
    copy = Report.objects.create(
        key=uuid4(), treatment=treatment, kind="own_data", asked_at=NOW, asked_by=by, stage="done", next_attempt_at=NOW,
        made_at=NOW, file=f"PK {mark}copy".encode(),
    )  # fmt: skip
    flag = Flag.objects.get(patient=patient, kind="suicide")
    return Sent(treatment, message, answer, submission, entry, line, flag, report, first, opened, stuck, copy)
