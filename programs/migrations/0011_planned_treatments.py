"""A treatment can be planned before it is assessed and agreed to; without both it still cannot start."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0002_audit_is_append_only"),
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
    ]
