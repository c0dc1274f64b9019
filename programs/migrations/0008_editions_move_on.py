"""Editions are withdrawn, corrected by a notice, and left by a therapist's act; what was published stays closed."""

from __future__ import annotations

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

FORBID = """
CREATE OR REPLACE FUNCTION ikbt_only_standing_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving text[] := ARRAY['status', 'published_at', 'withdrawn_at', 'withdrawn_because'];
BEGIN
    IF TG_OP = 'UPDATE'
        AND (to_jsonb(NEW) - moving) = (to_jsonb(OLD) - moving)
        AND (OLD.published_at IS NULL
            OR (NEW.published_at = OLD.published_at AND NEW.status IN ('published', 'withdrawn')))
        AND (OLD.withdrawn_at IS NULL OR to_jsonb(NEW) = to_jsonb(OLD))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a revision never changes: % refused', TG_OP;
END $$;
CREATE FUNCTION ikbt_edition_is_closed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    revision bigint;
BEGIN
    IF TG_TABLE_NAME = 'programs_module' THEN
        revision := NEW.revision_id;
    ELSE
        SELECT module.revision_id INTO revision FROM programs_module module WHERE module.id = NEW.module_id;
    END IF;
    IF EXISTS (SELECT 1 FROM programs_revision WHERE id = revision AND published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the edition is published: % into % refused', TG_OP, TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER module_of_an_open_revision BEFORE INSERT ON programs_module
    FOR EACH ROW EXECUTE FUNCTION ikbt_edition_is_closed();
CREATE TRIGGER page_of_an_open_revision BEFORE INSERT ON programs_page
    FOR EACH ROW EXECUTE FUNCTION ikbt_edition_is_closed();
CREATE TRIGGER correction_never_changes BEFORE UPDATE OR DELETE ON programs_correction
    FOR EACH ROW EXECUTE FUNCTION ikbt_refuse_change();
CREATE TRIGGER move_never_changes BEFORE UPDATE OR DELETE ON programs_move
    FOR EACH ROW EXECUTE FUNCTION ikbt_refuse_change();
CREATE TRIGGER crisis_values_never_change BEFORE UPDATE OR DELETE ON programs_crisisvalues
    FOR EACH ROW EXECUTE FUNCTION ikbt_refuse_change();
"""
ALLOW = """
DROP TRIGGER module_of_an_open_revision ON programs_module;
DROP TRIGGER page_of_an_open_revision ON programs_page;
DROP FUNCTION ikbt_edition_is_closed();
DROP TRIGGER correction_never_changes ON programs_correction;
DROP TRIGGER move_never_changes ON programs_move;
DROP TRIGGER crisis_values_never_change ON programs_crisisvalues;
CREATE OR REPLACE FUNCTION ikbt_only_standing_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (to_jsonb(NEW) - 'status' - 'published_at') = (to_jsonb(OLD) - 'status' - 'published_at')
        AND (OLD.published_at IS NULL OR NEW.published_at = OLD.published_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a revision never changes: % refused', TG_OP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0007_sleep_windows_and_kept_lines"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("module", models.SlugField(blank=True, max_length=60)),
                ("page", models.SlugField(blank=True, max_length=60)),
                ("text", models.TextField(blank=True)),
                ("written_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="CrisisValues",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "values",
                    models.JSONField(help_text="crisis.yaml as it was read, see programs.library_format.crisis."),
                ),
                ("loaded_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "crisis values",
                "ordering": ["-loaded_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Move",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("moved_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-moved_at"],
            },
        ),
        migrations.AddField(
            model_name="revision",
            name="findings",
            field=models.JSONField(default=list, help_text="What the checker said of the files when they were loaded."),
        ),
        migrations.AddField(
            model_name="revision",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="revision",
            name="withdrawn_because",
            field=models.TextField(blank=True, help_text="For therapists: what is wrong with the edition."),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status", "withdrawn"),
                        ("withdrawn_at__isnull", False),
                        models.Q(("withdrawn_because", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("status", "withdrawn"), _negated=True),
                        ("withdrawn_at", None),
                        ("withdrawn_because", ""),
                    ),
                    _connector="OR",
                ),
                name="withdrawn_has_time_and_reason",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="revision",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="programs.revision"
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="written_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="crisisvalues",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="crisis_values", to="programs.programme"
            ),
        ),
        migrations.AddField(
            model_name="move",
            name="moved_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="move",
            name="origin",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.revision"
            ),
        ),
        migrations.AddField(
            model_name="move",
            name="target",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.revision"
            ),
        ),
        migrations.AddField(
            model_name="move",
            name="treatment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="moves", to="programs.treatment"
            ),
        ),
        migrations.AddIndex(
            model_name="correction",
            index=models.Index(fields=["revision", "module", "page"], name="correction_by_place"),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.CheckConstraint(
                condition=models.Q(("page", ""), models.Q(("module", ""), _negated=True), _connector="OR"),
                name="correction_page_in_module",
            ),
        ),
        migrations.AddConstraint(
            model_name="move",
            constraint=models.CheckConstraint(
                condition=models.Q(("origin", models.F("target")), _negated=True), name="move_goes_somewhere"
            ),
        ),
        migrations.RunSQL(FORBID, ALLOW),
    ]
