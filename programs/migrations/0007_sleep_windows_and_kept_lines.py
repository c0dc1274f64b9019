"""Sleep windows, which never change, lines kept for the plan ahead, and the crisis plan as a kind of submission."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORBID = """
CREATE TRIGGER sleep_window_never_changes BEFORE UPDATE OR DELETE ON programs_sleepwindow
    FOR EACH ROW EXECUTE FUNCTION ikbt_refuse_change();
"""
ALLOW = "DROP TRIGGER sleep_window_never_changes ON programs_sleepwindow;"


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0006_entries_are_edited"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="submission",
            name="form",
            field=models.CharField(help_text="Instrument id, module slug, tool id, or crisis_plan.", max_length=60),
        ),
        migrations.AlterField(
            model_name="submission",
            name="kind",
            field=models.CharField(
                choices=[
                    ("measure", "Questionnaire"),
                    ("module", "Module"),
                    ("tool", "Tool"),
                    ("follow_up", "Follow-up questions"),
                    ("crisisplan", "Crisis plan"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="KeptLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("key", models.UUIDField(unique=True)),
                (
                    "part",
                    models.CharField(
                        blank=True, help_text="Field of the tool relapse_plan; empty: not sorted.", max_length=20
                    ),
                ),
                ("text", models.TextField()),
                (
                    "origin",
                    models.CharField(help_text="answer:…, summary:…, example:…, entry:… or message:…", max_length=160),
                ),
                ("source", models.CharField(help_text="Where it is from, in words.", max_length=200)),
                ("kept_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "treatment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="kept_lines", to="programs.treatment"
                    ),
                ),
            ],
            options={
                "ordering": ["kept_at", "pk"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="kept_line_has_words")
                ],
            },
        ),
        migrations.CreateModel(
            name="SleepWindow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "key",
                    models.UUIDField(help_text="Idempotency key: the same decision sent twice is one.", unique=True),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("confirmed", "Confirmed as proposed"),
                            ("changed", "Changed by the therapist"),
                            ("declined", "Declined"),
                        ],
                        max_length=10,
                    ),
                ),
                ("rule", models.CharField(help_text="programs.sleep.window.Reason of the proposal.", max_length=10)),
                ("nights", models.PositiveSmallIntegerField()),
                ("mean_sleep", models.PositiveSmallIntegerField()),
                ("mean_in_bed", models.PositiveSmallIntegerField()),
                ("efficiency", models.DecimalField(decimal_places=1, max_digits=4)),
                ("before_minutes", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("floor_minutes", models.PositiveSmallIntegerField()),
                ("proposed_minutes", models.PositiveSmallIntegerField()),
                ("drives", models.BooleanField(default=False)),
                ("dozes", models.BooleanField(default=False)),
                ("minutes", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("rise_time", models.TimeField(blank=True, null=True)),
                ("from_date", models.DateField(blank=True, null=True)),
                (
                    "words",
                    models.TextField(blank=True, help_text="Why it was changed or declined, in the therapist's words."),
                ),
                ("decided_at", models.DateTimeField()),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "treatment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sleep_windows",
                        to="programs.treatment",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["treatment", "-decided_at"], name="sleep_window_by_treatment")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decision", "declined"), ("from_date", None), ("minutes", None), ("rise_time", None)
                            ),
                            models.Q(
                                models.Q(("decision", "declined"), _negated=True),
                                ("from_date__isnull", False),
                                ("minutes__isnull", False),
                                ("rise_time__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="window_whole_or_declined",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision", "confirmed"), _negated=True),
                            ("minutes", models.F("proposed_minutes")),
                            _connector="OR",
                        ),
                        name="window_confirmed_as_proposed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decision", "confirmed"), models.Q(("words", ""), _negated=True), _connector="OR"
                        ),
                        name="window_change_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("minutes", None), ("minutes__gte", models.F("floor_minutes")), _connector="OR"
                        ),
                        name="window_never_under_floor",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORBID, ALLOW),
    ]
