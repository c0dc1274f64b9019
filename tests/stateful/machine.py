"""Anything, in any order, against the real rows: what happens to flags when everybody does what they like.

Each step is one rule; after each the database is held against the oracle (invariants I1 to I4 and I7). Sweeps run only
when a rule runs them, so that everything is also seen late.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from clinics import actions as clinic_actions
from clinics.models import Absence, User
from messaging.models import Message
from programs.models import Submission
from riskmonitor import actions
from riskmonitor.flags.flag_history import handed_on
from riskmonitor.models import Flag
from riskmonitor.sweeps import check_cover, escalate_one, screen_one, screen_row
from tests.stateful.flag_rules import FlagRules, patients
from tests.stateful.means import TEXTS, Crash
from tests.stateful.oracle import LAPSE, MINUTE, SILENT, Away, worked

LAST = datetime(2026, 12, 18, tzinfo=UTC)  # before Christmas
STAFF = ["berit", "cecilia", "tove", "lena", "hassan"]
LOOK_AGAIN = timedelta(minutes=5)
staff = st.sampled_from(STAFF)


class Flags(FlagRules):
    """The rules, and what must hold after each."""

    @initialize()
    def berits_patients_wait(self) -> None:
        check_cover(self.now)

    # -- what patients do ----------------------------------------------------------------------------------------------

    @rule(who=patients, item9=st.integers(0, 3), twice=st.booleans())
    def send_a_measure(self, who: str, item9: int, twice: bool) -> None:
        """Twice is the same key again: a second press, or a retry after a receipt that was lost."""
        key = uuid4()
        for _ in range(1 + twice):
            self._measure(who, item9, key)
        self.oracle.keys.add(key)
        if item9:
            self.oracle.found(who, "now" if item9 > 1 else "today")

    @rule(who=patients, text=st.integers(0, len(TEXTS) - 1))
    def write(self, who: str, text: int) -> None:
        message = self._message(who, text)
        self.oracle.keys.add(message.key)
        self.oracle.unread[message.pk] = (who, text > 0)

    # -- what the system does ------------------------------------------------------------------------------------------

    @rule()
    def screen_the_oldest(self) -> None:
        while screen_one(self.now):
            pass
        for pk in list(self.oracle.unread):
            self._has_read(pk)

    @precondition(lambda self: self.oracle.unread)
    @rule(data=st.data(), times=st.integers(1, 2))
    def wake_up(self, data: st.DataObject, times: int) -> None:
        """Wake-ups come in any order, and twice."""
        pk = data.draw(st.sampled_from(sorted(self.oracle.unread, key=str)))
        for _ in range(times):
            screen_row(Message, pk, self.now)
        self._has_read(pk)

    @rule()
    def sweep(self) -> None:
        turns = 0
        while escalate_one(self.now):
            turns += 1
            assert turns < 50, "a flag that is due again at once, for ever"
        self._all_who_are_open_have_a_step_ahead()

    @rule(minutes=st.sampled_from([1, 5, 30, 31, 60, 240, 930, 1440]))
    def time_passes(self, minutes: int) -> None:
        self.now = min(self.now + minutes * MINUTE, LAST)

    @rule()
    def look_at_cover(self) -> None:
        check_cover(self.now)

    @rule(
        who=patients,
        what=st.sampled_from(["measure", "text", "sweep", "screen", "take", "pass on", "close", "reopen", "ill"]),
    )
    def crash(self, who: str, what: str) -> None:
        """Whatever was under way is not there afterwards: nothing of it, and nothing else is gone."""
        before = self._counted()
        flag, shut = self._flag(who), self._shut(who)
        verbs: dict[str, Callable[[], object]] = {
            "measure": lambda: self._measure(who, 3, uuid4()),
            "text": lambda: self._message(who, 1),
            "sweep": lambda: escalate_one(self.now),
            "screen": lambda: screen_one(self.now),
            "take": lambda: flag and actions.acknowledge(flag=flag, by=self.cast.berit, now=self.now),
            "pass on": lambda: flag and self._pass_on(flag, self.cast.berit, self.cast.cecilia),
            "reopen": lambda: shut and actions.reopen(flag=shut, by=self.cast.berit, reason="Oro.", now=self.now),
            "close": lambda: flag and self._close(flag, self.cast.berit),
            "ill": lambda: self._ill(self.cast.berit),
        }
        try:
            with transaction.atomic():
                verbs[what]()
                raise Crash
        except (Crash, actions.AlreadyTaken, actions.NotYours, actions.ReopenRefused):
            pass
        assert self._counted() == before

    # -- what staff do -------------------------------------------------------------------------------------------------

    @rule(who=staff)
    def fall_ill_today(self, who: str) -> None:
        absence = self._ill(self._user(who))
        self._goes(who, absence)

    @rule(who=staff, days=st.integers(1, 6), length=st.integers(1, 3))
    def plan_an_absence(self, who: str, days: int, length: int) -> None:
        start = self.now.replace(hour=0, minute=0) + timedelta(days=days)
        user = self._user(who)
        try:
            with transaction.atomic():
                absence = clinic_actions.plan_absence(
                    user=user, starts_at=start, ends_at=start + timedelta(days=length), stand_ins={}, by=user,
                    now=self.now,
                )  # fmt: skip
        except (clinic_actions.AbsenceRefused, clinic_actions.Uncovered, clinic_actions.NobodyLeads):
            return
        actions.hand_over(absence=absence, now=self.now)
        self._goes(who, absence)

    @rule(who=staff)
    def come_back(self, who: str) -> None:
        absence = Absence.objects.kept().filter(user=self._user(who), ends_at__gt=self.now).first()
        if absence is None:
            return
        actions.hand_over(
            absence=clinic_actions.end_absence(absence=absence, by=absence.user, now=self.now), now=self.now
        )
        kept = Absence.objects.kept().filter(user=self._user(who))
        self.oracle.comes_back(who, [Away(each.starts_at, each.ends_at) for each in kept], self.now)

    @precondition(lambda self: not self.oracle.closed)
    @rule(who=st.sampled_from(["cecilia", "tove"]))
    def close_an_account(self, who: str) -> None:
        User.objects.filter(pk=self._user(who).pk).update(is_active=False)
        self.oracle.closed[who] = self.now

    # -- what must hold after each step --------------------------------------------------------------------------------

    @invariant()
    def each_key_is_one_answer_set(self) -> None:
        """I1."""
        rows = [*Submission.objects.values_list("key", flat=True), *Message.objects.values_list("key", flat=True)]
        assert len(rows) == len(set(rows))
        assert set(rows) == self.oracle.keys

    @invariant()
    def each_danger_that_was_found_has_its_one_open_flag(self) -> None:
        """I2, I3: at once for items, and after screening for texts; none that nobody expects."""
        rows = list(Flag.objects.open().filter(kind="suicide").values_list("patient", "urgency"))
        expected = {(self._patient(who), flag.urgency) for who, flag in self.oracle.flags.items()}
        assert set(rows) == expected
        assert len(rows) == len(expected)
        waiting = set(Message.objects.filter(screened_at=None).values_list("pk", flat=True))
        assert waiting == set(self.oracle.unread)
        assert not Flag.objects.filter(kind="unscreenable").exists()

    @invariant()
    def each_open_flag_has_an_owner_who_is_there_or_is_due(self) -> None:
        """I4: present, or said to be unreachable, or the very next sweep will find it; and always a due time."""
        due = set(Flag.objects.due(self.now).values_list("pk", flat=True))
        for flag in Flag.objects.open().select_related("owner"):
            name = flag.owner.first_name.lower()
            closed = self.oracle.closed.get(name)
            is_looked_for = closed is not None and self.now < max(closed, flag.checked_at) + LOOK_AGAIN
            assert self.oracle.is_there(name, self.now) or flag.unreachable_since or flag.pk in due or is_looked_for, (
                f"{name} is away and nobody looks: {flag.next_step_at}, {flag.checked_at}"
            )
            assert flag.failures == 0
            assert flag.due_at

    @invariant()
    def what_is_taken_on_stays_taken_until_it_lapses(self) -> None:
        for who in self.oracle.flags:
            flag = self._flag(who)
            assert flag is not None
            if self.oracle.must_be_held(who, self.now):
                held_by = self.oracle.flags[who].held_by
                assert flag.acknowledged_by == flag.owner == self._user(held_by)

    @invariant()
    def only_the_one_who_got_it_confirms_the_receipt(self) -> None:
        for who, expected in self.oracle.flags.items():
            flag = self._flag(who)
            assert flag is not None
            found = handed_on(list(flag.events.select_related("by", "to")))
            assert (found.to.first_name.lower() if found else "") == expected.handed_to
            assert bool(found and found.confirmed_at) == expected.is_confirmed

    @invariant()
    def nothing_closes_without_an_outcome(self) -> None:
        """I7."""
        closed = Flag.objects.exclude(closed_at=None)
        assert closed.exclude(kind="uncovered").count() == len(self.oracle.shut)
        assert not closed.filter(outcome="").exists()
        assert not closed.filter(assessment="").exists()

    def holds(self) -> None:
        """Check all that must hold, for a story that is told step by step."""
        self.each_key_is_one_answer_set()
        self.each_danger_that_was_found_has_its_one_open_flag()
        self.each_open_flag_has_an_owner_who_is_there_or_is_due()
        self.what_is_taken_on_stays_taken_until_it_lapses()
        self.only_the_one_who_got_it_confirms_the_receipt()
        self.nothing_closes_without_an_outcome()

    def _all_who_are_open_have_a_step_ahead(self) -> None:
        """After a sweep: nobody is left with an owner who is away, and the next step is not far."""
        for flag in Flag.objects.open().select_related("owner"):
            name = flag.owner.first_name.lower()
            assert flag.next_step_at > self.now
            assert worked(self.now, flag.next_step_at) <= SILENT[flag.urgency]
            if flag.acknowledged_at:
                assert worked(flag.acknowledged_at, self.now) < LAPSE[flag.urgency], "the promise should have lapsed"
            if flag.unreachable_since:
                assert not self.oracle.somebody_is_there(STAFF, self.now), "somebody could have been asked"
            elif name not in self.oracle.closed:
                assert self.oracle.is_there(name, self.now)
