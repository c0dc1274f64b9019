"""A clinic's own wording of an instrument that may not be shipped. Rows are never changed: the old version is kept."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


FORBID = """
CREATE TRIGGER wording_never_changes BEFORE UPDATE OR DELETE ON programs_wording
    FOR EACH ROW EXECUTE FUNCTION ikbt_refuse_change();
"""
ALLOW = "DROP TRIGGER wording_never_changes ON programs_wording;"


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0002_audit_is_append_only"),
        ("programs", "0004_longer_form_keys"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Wording",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("instrument", models.CharField(max_length=20)),
                ("language", models.CharField(max_length=5)),
                ("wording", models.JSONField(help_text="Window and items with options, in our numbering.")),
                (
                    "content_hash",
                    models.CharField(help_text="Stands in the version of every form that was sent.", max_length=12),
                ),
                ("licence", models.TextField()),
                ("loaded_at", models.DateTimeField()),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="wordings", to="clinics.clinic"
                    ),
                ),
                (
                    "loaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["clinic", "instrument", "language", "-loaded_at"], name="wording_newest"),
                    models.Index(fields=["instrument", "content_hash"], name="wording_as_sent"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("language__in", ["sv", "en"])), name="wording_language_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("licence", ""), _negated=True), name="wording_has_licence"
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORBID, ALLOW),
    ]
