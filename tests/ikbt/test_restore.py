"""A back-up is restored for real: base back-up, archived log, and the moment that the operator names."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection

from ikbt.engines import THROWAWAY
from ikbt.engines.binaries import located
from ikbt.engines.postgres import PORT, Postgres
from messaging.actions import send_message
from messaging.models import Delivery, Message, Notice
from messaging.sweeps import send_email
from riskmonitor.actions import close_flag
from riskmonitor.models import Flag, FlagEvent
from riskmonitor.sweeps import screen_one
from tests.cast import NOW, Cast, make_cast
from tests.riskmonitor.test_climbing import raise_now, sweep_until, told

SLOT = "drill"


class Archive:
    """What an operator keeps: a base back-up, and the log since then. Restores to a moment, on a server of its own."""

    def __init__(self, place: Path) -> None:
        self.binaries = located()
        self.base, self.log, self.sockets = place / "base", place / "log", place / "s"
        for folder in (self.base, self.log, self.sockets):
            self.binaries.own(folder)
        self.restored = Postgres(self.binaries, self.base, self.sockets, fsync=False)

    def take_base(self) -> None:
        ask(f"SELECT pg_create_physical_replication_slot('{SLOT}', true)")  # from here on no log is thrown away
        self._run("pg_basebackup", "-D", self.base, "-X", "none", "--checkpoint=fast", "--no-sync")

    def keep_log(self) -> None:
        """Take the log of everything until now, as archiving does all the time."""
        ask("SELECT pg_switch_wal()")
        end = ask("SELECT pg_logical_emit_message(true, 'drill', 'the first word of the next file')")
        self._run("pg_receivewal", "--slot", SLOT, "-D", self.log, "--endpos", end, "--no-loop", "--no-sync")

    def restore_to(self, moment: str) -> None:
        with (self.base / "postgresql.auto.conf").open("a") as settings:
            settings.write(
                f"restore_command = 'cp {self.log}/%f %p'\n"
                f"recovery_target_time = '{moment}'\nrecovery_target_action = 'promote'\n"
            )
        (self.base / "recovery.signal").touch()
        self.restored.start()

    def close(self) -> None:
        self.restored.stop("immediate")
        ask(f"SELECT count(pg_drop_replication_slot(slot_name)) FROM pg_replication_slots WHERE slot_name = '{SLOT}'")

    def _run(self, program: str, *options: object) -> None:
        at = connection.get_connection_params()
        server = ("-h", at["host"], "-p", at.get("port") or PORT, "-U", at["user"])
        self.binaries.run(self.binaries.postgres / program, *server, *options)


def ask(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return str(cursor.fetchone()[0])


@pytest.fixture
def archive(transactional_db: None) -> Iterator[Archive]:
    if THROWAWAY not in connection.settings_dict["HOST"]:
        pytest.skip("a back-up is taken of a throw-away PostgreSQL only")
    with tempfile.TemporaryDirectory(prefix="ikbt-restore-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)  # made a line ago: whoever runs the engines must pass through
        kept = Archive(Path(name))
        yield kept
        kept.close()


def write(cast: Cast, who: str, text: str) -> None:
    treatment = getattr(cast, f"{who}s")
    send_message(treatment=treatment, text=text, key=uuid4(), by=treatment.patient.user, now=NOW)
    while screen_one(NOW):
        pass


def message_ids() -> list[str]:
    return [each.extra_headers["Message-ID"] for each in mail.outbox]


@pytest.mark.hazard("H15b")
def test_a_database_comes_back_to_a_moment_and_each_due_step_is_taken_once(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = make_cast()
    raise_now(cast.annas)
    archive.take_base()
    write(cast, "erik", "Jag vill inte leva mer.")  # stands in the log alone
    moment = ask("SELECT clock_timestamp()")
    flag = Flag.objects.get(patient=cast.annas.patient)
    close_flag(
        flag=flag, by=cast.berit, outcome="contacted", assessment="Tankar utan plan.", action="Krisplan.",
        contact_at=NOW, contact_with="Anna", now=NOW,
    )  # fmt: skip
    write(cast, "nils", "Jag vill inte leva mer.")  # forgotten: its sender must be asked again
    while send_email(NOW):
        pass
    before = message_ids()
    archive.keep_log()

    archive.restore_to(moment)
    connection.close()
    with monkeypatch.context() as another_server:
        another_server.setitem(connection.settings_dict, "HOST", str(archive.sockets))
        try:
            it_goes_on_from_there(cast, before)
        finally:
            connection.close()


def it_goes_on_from_there(cast: Cast, before: list[str]) -> None:
    """What was answered after the moment is open again; what was due climbs once; copies have the same Message-ID."""
    end = time.monotonic() + 20
    while ask("SELECT pg_is_in_recovery()") == "True" and time.monotonic() < end:
        time.sleep(0.1)
    assert ask("SELECT pg_is_in_recovery()") == "False", "the server did not come out of recovery within 20 seconds"
    assert {each.treatment_id for each in Message.objects.all()} == {cast.eriks.pk}
    assert set(Flag.objects.open().values_list("patient", flat=True)) == {
        cast.annas.patient_id, cast.eriks.patient_id,
    }  # fmt: skip
    mail.outbox.clear()
    while send_email(NOW):
        pass
    eriks = Flag.objects.get(patient=cast.eriks.patient)
    first = Notice.objects.filter(key__startswith=f"flag:{eriks.pk}:").order_by("pk").first()
    first_id = f"<{Delivery(notice=first).key}@ikbt.invalid>"
    assert first_id in before
    assert first_id in message_ids(), "no copy of what had left before came out of the restored database"
    later = NOW + timedelta(minutes=61)
    for _again in range(2):
        sweep_until(later)
    for flag in Flag.objects.open():
        assert told_more_than_once(flag) == []
        assert sorted(flag.steps.exclude(taken_at=None).values_list("position", flat=True)) == [0, 1, 2]
    while send_email(later):
        pass
    assert len(message_ids()) == len(set(message_ids()))


def told_more_than_once(flag: Flag) -> list[tuple[str, str]]:
    """Return whom a step called more than once, at whatever minute, as whom. The team's step calls those before too."""
    events = flag.events.filter(kind=FlagEvent.Kind.NOTIFIED).values_list("to__first_name", "audience")
    return [called for called, times in Counter(events).items() if times > 1]


def test_a_step_that_is_taken_again_at_another_minute_is_seen(cast: Cast) -> None:
    """The red twin."""
    flag = raise_now(cast.annas)
    sweep_until(NOW + timedelta(minutes=31))
    assert told_more_than_once(flag) == []
    flag.steps.filter(position=1).update(taken_at=None)
    Flag.objects.filter(pk=flag.pk).update(next_step_at=NOW + timedelta(minutes=32))
    sweep_until(NOW + timedelta(minutes=33), NOW + timedelta(minutes=32))
    assert told_more_than_once(flag) == [("Cecilia", "substitute")]
    assert set(Counter(told(flag)).values()) == {1}  # by name and minute nothing is seen
