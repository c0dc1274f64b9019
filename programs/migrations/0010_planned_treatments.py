"""A treatment can be planned before it is assessed and agreed to; without both it still cannot start.

Who treated a patient until the last year follows up from here on: the same dated care relation as a new end gives.
"""

from __future__ import annotations

from datetime import timedelta

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone


FOLLOW_UP = timedelta(weeks=52 + 4 + 2)  # the last follow-up, four weeks to answer it, two to read it


def give_follow_up(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the last therapist of each treatment that ended lately the care relation for its follow-ups."""
    treatments, grants = apps.get_model("programs", "Treatment"), apps.get_model("clinics", "AccessGrant")
    ended = treatments.objects.filter(started_at__isnull=False, ended_at__gt=timezone.now() - FOLLOW_UP)
    for treatment in ended.select_related("assignment"):
        grants.objects.create(
            patient_id=treatment.patient_id,
            user_id=treatment.assignment.therapist_id,
            why="follow_up",
            source=f"follow-up:{treatment.code}",
            starts_at=treatment.ended_at,
            ends_at=treatment.ended_at + FOLLOW_UP,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0003_follow_up_care"),
        ("programs", "0009_the_therapists_switches"),
    ]

    operations = [
        migrations.AlterField(
            model_name="treatment",
            name="assessment",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="treatments",
                to="programs.assessment",
            ),
        ),
        migrations.AlterField(
            model_name="treatment",
            name="consented_at",
            field=models.DateTimeField(blank=True, help_text="Informed consent.", null=True),
        ),
        migrations.AddConstraint(
            model_name="treatment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("started_at", None),
                    models.Q(("assessment__isnull", False), ("consented_at__isnull", False)),
                    _connector="OR",
                ),
                name="started_after_assessment_and_consent",
            ),
        ),
        migrations.AddConstraint(
            model_name="treatment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "planned"), _negated=True), ("started_at", None), _connector="OR"
                ),
                name="planned_is_not_started",
            ),
        ),
        migrations.AddField(
            model_name="step",
            name="safety_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When it was last sent with an answer that the programme lists as one of safety.",
                null=True,
            ),
        ),
        migrations.RunPython(give_follow_up, migrations.RunPython.noop),
    ]
