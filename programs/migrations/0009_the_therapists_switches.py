"""Gates that a therapist ticks, changes to a plan, and a module's place, date and absence on the patient's way.

Of a change to the plan only the moment at which the patient read of it moves; of a ticked checklist only its withdrawal.
"""

from __future__ import annotations

import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
import uuid
from django.conf import settings
from django.db import migrations, models


FORBID = """
CREATE FUNCTION ikbt_only_once_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - TG_ARGV) = (to_jsonb(OLD) - TG_ARGV) AND to_jsonb(OLD) ->> TG_ARGV[0] IS NULL
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% holds what was decided: % refused', TG_TABLE_NAME, TG_OP;
END $$;
CREATE TRIGGER plan_change_stays BEFORE UPDATE OR DELETE ON programs_planchange
    FOR EACH ROW EXECUTE FUNCTION ikbt_only_once_moves('seen_at');
CREATE TRIGGER gate_check_stays BEFORE UPDATE OR DELETE ON programs_gatecheck
    FOR EACH ROW EXECUTE FUNCTION ikbt_only_once_moves('withdrawn_at', 'withdrawn_by_id');
"""
ALLOW = """
DROP TRIGGER plan_change_stays ON programs_planchange;
DROP TRIGGER gate_check_stays ON programs_gatecheck;
DROP FUNCTION ikbt_only_once_moves();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0008_editions_move_on"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GateCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gate", models.SlugField(max_length=60)),
                ("items", models.JSONField(default=list)),
                ("at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PlanChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opened", "Part opened"),
                            ("hidden", "Part taken out"),
                            ("shown", "Part put back"),
                            ("repeated", "Part to do again"),
                            ("reordered", "Part at another place"),
                            ("date_moved", "New date"),
                            ("tool_added", "Tool added"),
                            ("gate_opened", "Checklist gone through"),
                            ("gate_closed", "Checklist taken back"),
                            ("edition_moved", "Other edition"),
                            ("window_confirmed", "Sleep times confirmed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("about", models.SlugField(blank=True, help_text="Id of the tool or the gate.", max_length=60)),
                ("new_date", models.DateField(blank=True, null=True)),
                ("smaller_step", models.TextField(blank=True, help_text="What the patient can do instead, in words.")),
                ("words", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(blank=True, help_text="When the patient read of it.", null=True)),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.AlterModelOptions(
            name="step",
            options={"ordering": [django.db.models.functions.comparison.Coalesce("place", "module__number")]},
        ),
        migrations.AddField(
            model_name="step",
            name="due_on",
            field=models.DateField(blank=True, help_text="The day agreed on, where the therapist moved it.", null=True),
        ),
        migrations.AddField(
            model_name="step",
            name="hidden_at",
            field=models.DateTimeField(blank=True, help_text="When it was taken out of the patient's way.", null=True),
        ),
        migrations.AddField(
            model_name="step",
            name="hidden_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="step",
            name="place",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Its place on the way where the therapist chose it, else the module's number.",
                null=True,
            ),
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
                    ("stuck", "It is slow going"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("treatment", "place"),
                name="step_place_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hidden_at", None), ("hidden_by", None)),
                    models.Q(("hidden_at__isnull", False), ("hidden_by__isnull", False)),
                    _connector="OR",
                ),
                name="step_hidden_at_and_by",
            ),
        ),
        migrations.AddField(
            model_name="gatecheck",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="gatecheck",
            name="treatment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="gate_checks", to="programs.treatment"
            ),
        ),
        migrations.AddField(
            model_name="gatecheck",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="planchange",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="planchange",
            name="step",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="plan_changes",
                to="programs.step",
            ),
        ),
        migrations.AddField(
            model_name="planchange",
            name="treatment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="plan_changes", to="programs.treatment"
            ),
        ),
        migrations.AddConstraint(
            model_name="gatecheck",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)), fields=("treatment", "gate"), name="gate_checked_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="gatecheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                    models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    _connector="OR",
                ),
                name="gate_withdrawn_at_and_by",
            ),
        ),
        migrations.AddIndex(
            model_name="planchange",
            index=models.Index(fields=["treatment", "-at"], name="plan_change_by_treatment"),
        ),
        migrations.AddConstraint(
            model_name="planchange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "tool_added")), fields=("treatment", "about"), name="tool_added_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="planchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "date_moved"), _negated=True),
                    models.Q(("new_date__isnull", False), models.Q(("smaller_step", ""), _negated=True)),
                    _connector="OR",
                ),
                name="date_moved_has_date_and_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="planchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind__in", ["opened", "hidden", "shown", "repeated", "reordered", "date_moved"]),
                        _negated=True,
                    ),
                    ("step__isnull", False),
                    _connector="OR",
                ),
                name="module_change_has_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="planchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["tool_added", "gate_opened", "gate_closed"]), _negated=True),
                    models.Q(("about", ""), _negated=True),
                    _connector="OR",
                ),
                name="tool_or_gate_change_says_which",
            ),
        ),
        migrations.RunSQL(FORBID, ALLOW),
    ]
