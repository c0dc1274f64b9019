"""A patient of the demo whose treatment is planned: the screening is half answered, nothing else is open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from clinics.models import Patient, User
from ikbt.demo.entries import measure_answers
from programs.actions import plan_treatment, save_draft, send_measure
from programs.actions.answers import measure_key
from programs.models import Revision
from programs.shipped import instruments
from riskmonitor.sweeps import screen_one


def tell_plan(
    entry: dict[str, Any], patient: Patient, staff: dict[str, User], revision: Revision, now: datetime
) -> None:
    """Plan the treatment, send the first questionnaire, and leave the next one begun."""
    planned = now - timedelta(days=entry["planned_days_ago"])
    treatment = plan_treatment(
        patient=patient, revision=revision, second=staff[entry["second"]], by=staff[entry["by"]], now=planned, demo=True
    )
    sent, at = entry["sent"], now - timedelta(days=entry["sent"]["days_ago"])
    phq9 = instruments()["phq9"]
    send_measure(
        treatment=treatment, instrument=phq9, version=phq9.version,
        answers=measure_answers("phq9", sent["phq9"], sent["item9"]), key=measure_key(treatment, "phq9"),
        by=patient.user, now=at,
    )  # fmt: skip
    while screen_one(at + timedelta(seconds=2)):
        pass
    for name, marked in entry["begun"].items():
        data = {item: str(value) for item, value in marked.items()} | {"form_version": instruments()[name].version}
        save_draft(
            owner=patient.user, treatment=treatment, form_key=f"measure:{name}", data=data, version=0, now=at,
            is_measure=True,
        )  # fmt: skip
