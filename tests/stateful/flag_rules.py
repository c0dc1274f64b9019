"""What staff do with flags: take on, document, hand over, interview, close, open again."""

from __future__ import annotations

from uuid import uuid4

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from programs.shipped import interviews
from riskmonitor import actions
from riskmonitor.models import Flag
from tests.stateful.means import Means

CLINICIANS = ["berit", "cecilia", "tove"]
PATIENTS = ["annas", "eriks"]
patients, clinicians = st.sampled_from(PATIENTS), st.sampled_from(CLINICIANS)


class FlagRules(Means):
    """The rules; what must hold after each stands in machine.py."""

    @rule(who=patients, by=clinicians)
    def take_on(self, who: str, by: str) -> None:
        flag = self._flag(who)
        if flag is None or not self.oracle.is_there(by, self.now):
            return
        try:
            with transaction.atomic():
                actions.acknowledge(flag=flag, by=self._user(by), now=self.now)
        except actions.AlreadyTaken:
            return
        if not self.oracle.must_be_held(who, self.now) or self.oracle.flags[who].held_by != by:
            flag.refresh_from_db()
            self.oracle.took(who, by, flag.acknowledged_at)

    @rule(who=patients, by=clinicians)
    def document(self, who: str, by: str) -> None:
        flag = self._flag(who)
        if flag is None or not self.oracle.is_there(by, self.now):
            return
        actions.document(flag=flag, by=self._user(by), assessment="Talat om nästa steg.", action="", now=self.now)
        self.oracle.took(who, by, self.now)

    @rule(who=patients, by=clinicians)
    def hand_to(self, who: str, by: str) -> None:
        flag = self._flag(who)
        if flag is None or not self.oracle.is_there(by, self.now):
            return
        actions.assign(flag=flag, to=self._user(by), by=self.cast.lena, now=self.now)
        self.oracle.handed(who, by)

    @rule(who=patients, by=clinicians, to=clinicians)
    def pass_on(self, who: str, by: str, to: str) -> None:
        """From one clinician to another: not what a colleague holds, not to oneself, not to who is away."""
        flag = self._flag(who)
        if flag is None or not self.oracle.is_there(by, self.now):
            return
        try:
            self._pass_on(flag, self._user(by), self._user(to))
        except actions.AlreadyTaken:
            flag.refresh_from_db()
            assert flag.acknowledged_by not in (None, self._user(by))
        except actions.NotYours:
            assert to == by or not self.oracle.is_there(to, self.now)
        else:
            assert to != by
            assert not (self.oracle.must_be_held(who, self.now) and self.oracle.flags[who].held_by != by)
            self.oracle.handed(who, to)

    @rule(who=patients)
    def confirm_the_receipt(self, who: str) -> None:
        """Whoever was handed the flag takes it on: nobody else can."""
        to = self.oracle.flags[who].handed_to if who in self.oracle.flags else ""
        if to:
            self.take_on(who=who, by=to)

    @rule(who=patients, by=clinicians, answer=st.integers(0, 1))
    def interview(self, who: str, by: str, answer: int) -> None:
        """Whatever the patient answers, the flag is as it was."""
        flag = self._flag(who)
        if flag is None:
            return
        before = list(Flag.objects.order_by("pk").values_list())
        actions.note_interview(
            flag=flag, asked=interviews()["c_ssrs"], answers={"1": answer}, held_at=self.now, key=uuid4(),
            by=self._user(by), now=self.now,
        )  # fmt: skip
        assert list(Flag.objects.order_by("pk").values_list()) == before

    @rule(who=patients, by=clinicians, outcome=st.sampled_from(["contacted", "no_contact", ""]))
    def close(self, who: str, by: str, outcome: str) -> None:
        """Without an outcome that fits, or without contact, nothing is closed."""
        flag = self._flag(who)
        if flag is None:
            return
        try:
            self._close(flag, self._user(by), outcome)
        except actions.OutcomeRefused:
            assert outcome != "contacted"
            return
        assert outcome == "contacted"
        self.oracle.shuts(who, flag.pk)

    @precondition(lambda self: self.oracle.shut)
    @rule(who=patients, by=clinicians, reason=st.sampled_from(["Hon ringde tillbaka.", " "]))
    def reopen(self, who: str, by: str, reason: str) -> None:
        """The flag that was closed last, with a reason, unless a newer one is open."""
        flag = self._shut(who)
        if flag is None:
            return
        try:
            actions.reopen(flag=flag, by=self._user(by), reason=reason, now=self.now)
        except actions.ReopenRefused:
            assert who in self.oracle.flags or not reason.strip()
            return
        assert who not in self.oracle.flags
        self.oracle.opens_again(who, flag.pk)
