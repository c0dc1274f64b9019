"""After the end of a treatment somebody follows up: a care relation that always has an end."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0002_audit_is_append_only"),
    ]

    operations = [
        migrations.AlterField(
            model_name="accessgrant",
            name="why",
            field=models.CharField(
                choices=[
                    ("flag", "Handed an open flag"),
                    ("reason", "Gave a reason"),
                    ("follow_up", "Follows up after the end"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="accessgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at", None), ("why", "follow_up"), _negated=True), name="grant_follow_up_ends"
            ),
        ),
    ]
