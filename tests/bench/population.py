"""A region's database after years, filled by SQL: a million answer sets of 25,000 treatments, with flags and grants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection, models

from clinics.audit import Did, audit
from clinics.models import AccessGrant, CareAssignment, Patient, User
from messaging.models import Channel, Delivery, Message, Notice
from messaging.sweeps import spread_one
from programs.models import Draft, Submission, Treatment
from riskmonitor.models import Flag, FlagEvent, FlagFinding
from tests.bench.world import Ward, make_ward

TREATMENTS, ACTIVE, CLINICS = 25_000, 1_500, 15
ANSWERS, MESSAGES, FLAGS, EVENTS = 1_000_000, 100_000, 50_000, 150_000
GRANTS, OPEN_GRANTS = 200_000, 100  # what flags have opened to those who were handed them
SILENT = 10  # one in so many of the active ones has not been heard of for three weeks
APART = 10_000_000  # keys of what is filled in begin here
FILLED: tuple[type[models.Model], ...] = (
    User, Patient, CareAssignment, AccessGrant, Treatment, Draft, Submission, Message, Flag, FlagFinding, FlagEvent,
    Notice, Delivery,
)  # fmt: skip


def fill(ward: Ward, now: datetime) -> int:
    """Fill the tables with copies of what a ward's first patient has. Return how many answer sets there are."""
    _run("SET statement_timeout = 0")
    wards = [make_ward(ward.clinic.region, f"Klinik {number}") for number in range(CLINICS)]
    _people(ward, wards, now)
    _sent(ward, now)
    _flags(ward, now)
    _grants(ward, wards, now)
    _notices(now)
    for each in (ward, *wards):
        for person in (each.therapist, each.substitute, each.lead):
            audit(by=person, did=Did.READ, what="worklist", now=now)  # at work: nobody is taken as away
    _run("VACUUM ANALYZE " + ", ".join(model._meta.db_table for model in FILLED))
    _run("RESET statement_timeout")
    return Submission.objects.count()


def _copy(model: type[models.Model], rows: int, pattern: models.Model, **changed: str) -> None:
    """Copy one row so often. `changed` are SQL expressions; `nr` counts from 0, and the key is APART + nr."""
    columns = [field.column for field in model._meta.concrete_fields]
    fresh: Mapping[str, str] = {"id": f"{APART} + nr", **changed}
    if "code" in columns:
        fresh = {"code": "gen_random_uuid()", **fresh}
    quoted = [connection.ops.quote_name(column) for column in columns]
    values = ", ".join(fresh.get(column, f"row.{name}") for column, name in zip(columns, quoted, strict=True))
    table = model._meta.db_table
    _run(
        f"INSERT INTO {table} ({', '.join(quoted)}) SELECT {values} "
        f"FROM {table} row, generate_series(0, {rows - 1}) nr WHERE row.id = {pattern.pk}"
    )


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _people(ward: Ward, wards: Sequence[Ward], now: datetime) -> None:
    """One treatment per patient; the first of them active, spread over the clinics, the rest ended last year."""
    pattern = ward.treatments[0]
    clinics = _picked([each.clinic.pk for each in wards])
    ended, started = _at(now - timedelta(days=200)), _at(now - timedelta(weeks=10))
    is_active = f"nr < {ACTIVE}"
    _copy(User, TREATMENTS, pattern.patient.user, email="'patient' || nr || '@example.org'")
    _copy(
        Patient, TREATMENTS, pattern.patient, user_id=f"{APART} + nr", clinic_id=clinics,
        personnummer="'9' || lpad(nr::text, 11, '0')",
    )  # fmt: skip
    _copy(
        CareAssignment, TREATMENTS, pattern.assignment, patient_id=f"{APART} + nr",
        therapist_id=_picked([each.therapist.pk for each in wards]),
        substitute_id=_picked([each.substitute.pk for each in wards]), starts_at=_at(now - timedelta(days=400)),
        ends_at=f"CASE WHEN {is_active} THEN NULL ELSE {ended} END",
    )  # fmt: skip
    _copy(
        Treatment, TREATMENTS, pattern, patient_id=f"{APART} + nr", assignment_id=f"{APART} + nr",
        state=f"CASE WHEN {is_active} THEN 'active' ELSE 'completed' END",
        started_at=f"CASE WHEN {is_active} THEN {started} ELSE {_at(now - timedelta(days=300))} END",
        ended_at=f"CASE WHEN {is_active} THEN NULL ELSE {ended} END",
    )  # fmt: skip


def _sent(ward: Ward, now: datetime) -> None:
    """Forty answer sets a treatment, all screened, in order of time; some patients have been silent for three weeks."""
    answers = Submission.objects.measures().exclude(screened_at=None).filter(total=0).earliest("pk")
    letter = Message.objects.filter(from_patient=True).exclude(screened_at=None).earliest("pk")
    _copy(Submission, ANSWERS, answers, **_of_time(ANSWERS, now))
    _copy(Message, MESSAGES, letter, **_of_time(MESSAGES, now), read_at=_at(now), read_by_id=str(ward.therapist.pk))
    _run(
        f"INSERT INTO {Draft._meta.db_table} "
        "(owner_id, treatment_id, form_key, key, data, version, updated_at, is_measure, screened_at) "
        f"SELECT {APART} + nr, {APART} + nr, 'measure:phq9', gen_random_uuid(), '{{}}', 1, {_at(now)}, true, "
        f"{_at(now)} FROM generate_series(0, {TREATMENTS - 1}) nr "
        f"WHERE NOT (nr < {ACTIVE} AND nr % {SILENT} = 0)"
    )


def _of_time(rows: int, now: datetime) -> dict[str, str]:
    """Return whose each row is and when it was sent: first those of ended treatments, then two days apart the others'.

    In the last ten turns of the active ones the silent patients' rows are their neighbours'.
    """
    old = rows - rows * ACTIVE // TREATMENTS
    turn, place = f"(({rows} - 1 - nr) / {ACTIVE})", f"nr % {ACTIVE}"
    heard = f"CASE WHEN {turn} < 10 AND {place} % {SILENT} = 0 THEN {place} + 1 ELSE {place} END"
    return {
        "key": "gen_random_uuid()",
        "treatment_id": f"{APART} + CASE WHEN nr < {old} THEN {ACTIVE} + nr % {TREATMENTS - ACTIVE} ELSE {heard} END",
        "sent_at": f"{_at(now)} - CASE WHEN nr < {old} THEN interval '200 days' + ({old} - nr) * interval '1 second' "
        f"ELSE (1 + 2 * {turn}) * interval '1 day' END",
    }


def _flags(ward: Ward, now: datetime) -> None:
    """Two flags a patient, closed but for one of each active patient's, whose next step comes tomorrow."""
    pattern = Flag.objects.open().filter(treatment__in=ward.treatments).earliest("pk")
    found, event = pattern.findings.earliest("pk"), pattern.events.earliest("pk")
    person, is_open = f"{APART} + nr % {TREATMENTS}", f"nr < {ACTIVE}"
    tomorrow = _at(now + timedelta(days=1))
    closed = {
        "closed_at": _at(now), "closed_by_id": str(ward.therapist.pk), "outcome": "'no_contact'", "assessment": "'-'",
    }  # fmt: skip
    still = {"closed_at": "NULL", "closed_by_id": "NULL", "outcome": "''", "assessment": "''"}
    ends = {column: f"CASE WHEN {is_open} THEN {still[column]} ELSE {value} END" for column, value in closed.items()}
    _copy(
        Flag, FLAGS, pattern, patient_id=person, treatment_id=person, kind="'deterioration'", next_step_at=tomorrow,
        checked_at=_at(now), due_at=tomorrow, **ends,
    )  # fmt: skip
    _copy(FlagFinding, FLAGS, found, flag_id=f"{APART} + nr", submission_id=f"{APART} + nr", rule="'filled'")
    _copy(FlagEvent, EVENTS, event, flag_id=f"{APART} + nr % {FLAGS}")


def _grants(ward: Ward, wards: Sequence[Ward], now: datetime) -> None:
    """What flags opened to a colleague, ended over two years; a few are open, to people who are still here."""
    pattern = AccessGrant.objects.create(
        patient=ward.treatments[0].patient, user=ward.substitute, why=AccessGrant.Why.FLAG, source="filled",
        starts_at=now, ends_at=now,
    )  # fmt: skip
    _copy(
        AccessGrant, GRANTS, pattern, patient_id=f"{APART} + nr % {TREATMENTS}",
        user_id=_picked([each.substitute.pk for each in wards]), source="'filled:' || nr",
        starts_at=f"{_at(now - timedelta(days=1))} - nr * interval '5 minutes'",
        ends_at=f"CASE WHEN nr < {OPEN_GRANTS} THEN NULL ELSE {_at(now)} - nr * interval '5 minutes' END",
    )  # fmt: skip


def _notices(now: datetime) -> None:
    """A notice and its e-mail for each flag, sent long ago; what the small world had to send is sent too."""
    while spread_one(now):
        pass
    Delivery.objects.update(sent_at=now, next_attempt_at=None, attempts=1, copies=1)
    notice, delivery = Notice.objects.earliest("pk"), Delivery.objects.filter(channel=Channel.EMAIL).earliest("pk")
    _copy(Notice, FLAGS, notice, key="'filled:' || nr")
    _copy(Delivery, FLAGS, delivery, notice_id=f"{APART} + nr")


def _picked(keys: Sequence[int]) -> str:
    """Return SQL that takes the keys by turns."""
    return f"(ARRAY{list(keys)}::bigint[])[1 + nr % {len(keys)}]"


def _at(moment: datetime) -> str:
    return f"timestamptz '{moment.isoformat()}'"
