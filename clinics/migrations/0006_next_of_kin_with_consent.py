"""Next of kin with a dated consent. Nobody is said to have written down the consents of before but the patient."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


KEEP = """
INSERT INTO clinics_nextofkin (patient_id, name, relation, phone, given_at, given_by_id)
    SELECT id, next_of_kin, '', next_of_kin_phone, next_of_kin_consent_at, user_id FROM clinics_patient
    WHERE next_of_kin <> '' AND next_of_kin_phone <> '' AND next_of_kin_consent_at IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0005_canaries_have_a_clinic"),
    ]

    operations = [
        migrations.CreateModel(
            name="NextOfKin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("relation", models.CharField(blank=True, max_length=60)),
                ("phone", models.CharField(max_length=40)),
                ("given_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="next_of_kin", to="clinics.patient"
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("patient",),
                        name="one_next_of_kin_with_consent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("phone", ""), _negated=True)
                        ),
                        name="next_of_kin_can_be_rung",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                            models.Q(("withdrawn_at__gte", models.F("given_at")), ("withdrawn_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="next_of_kin_withdrawn_at_and_by",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name="patient",
            name="next_of_kin",
        ),
        migrations.RemoveField(
            model_name="patient",
            name="next_of_kin_consent_at",
        ),
        migrations.RemoveField(
            model_name="patient",
            name="next_of_kin_phone",
        ),
    ]
