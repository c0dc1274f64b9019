"""How the rules reach the platform: who is who, and the verbs that several rules use."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine

from clinics import actions as clinic_actions
from clinics.models import Absence, User
from messaging.actions import send_message
from messaging.models import Message, Notice
from programs.actions import send_measure
from programs.models import Submission, Treatment
from programs.shipped import instruments
from riskmonitor import actions
from riskmonitor.models import Flag, FlagEvent, FlagFinding
from tests.cast import Cast
from tests.stateful.oracle import Away, Oracle

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # a Monday, nine in the morning
TEXTS = ["Det har varit en bra vecka.", "jag vill avsluta mitt liv", "Jag skär mig igen", "Jag är trött på livet"]


class Crash(Exception):
    """The process died before the commit."""


class Means(RuleBasedStateMachine):
    """One example is played in a savepoint of its own, on the cast that the test has made."""

    cast: Cast  # set by the test

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.oracle, self.now = Oracle(), START

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def _treatment(self, who: str) -> Treatment:
        treatment: Treatment = getattr(self.cast, who)
        return treatment

    def _patient(self, who: str) -> int:
        return self._treatment(who).patient_id

    def _user(self, who: str) -> User:
        user: User = getattr(self.cast, who)
        return user

    def _flag(self, who: str) -> Flag | None:
        return Flag.objects.open().filter(patient=self._patient(who), kind="suicide").first()

    def _shut(self, who: str) -> Flag | None:
        shut = Flag.objects.filter(patient=self._patient(who), kind="suicide").exclude(closed_at=None)
        return shut.order_by("closed_at", "pk").last()

    def _measure(self, who: str, item9: int, key: UUID) -> None:
        phq9, treatment = instruments()["phq9"], self._treatment(who)
        answers = {str(item): 0 for item in range(1, 9)} | {"9": item9}
        send_measure(
            treatment=treatment, instrument=phq9, version=phq9.version, answers=answers, key=key,
            by=treatment.patient.user, now=self.now,
        )  # fmt: skip

    def _message(self, who: str, text: int) -> Message:
        treatment = self._treatment(who)
        return send_message(treatment=treatment, text=TEXTS[text], key=uuid4(), by=treatment.patient.user, now=self.now)

    def _has_read(self, pk: object) -> None:
        who, is_risky = self.oracle.unread.pop(pk)
        if is_risky:
            self.oracle.found(who, "now")

    def _ill(self, user: User) -> Absence:
        absence = clinic_actions.ill_today(user=user, by=user, now=self.now)
        actions.hand_over(absence=absence, now=self.now)
        return absence

    def _goes(self, who: str, absence: Absence) -> None:
        self.oracle.away.setdefault(who, []).append(Away(absence.starts_at, absence.ends_at))

    def _close(self, flag: Flag, by: User, outcome: str = "contacted") -> None:
        actions.close_flag(
            flag=flag, by=by, outcome=outcome, assessment="Har talat med patienten.", action="", contact_at=self.now,
            contact_with="patienten", now=self.now,
        )  # fmt: skip

    def _pass_on(self, flag: Flag, by: User, to: User) -> None:
        actions.pass_on(flag=flag, to=to, by=by, note="Hon ville bli ringd.", now=self.now)

    def _counted(self) -> list[object]:
        tables = (Flag, FlagEvent, FlagFinding, Submission, Message, Notice, Absence)
        return [*(table.objects.count() for table in tables), *Flag.objects.order_by("pk").values_list()]
