"""An edited tool entry is a new submission that stands in for the first one, of the same tool and treatment."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

SAME = """
CREATE FUNCTION ikbt_replaces_the_first_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM programs_submission former
        WHERE former.id = NEW.replaces_id AND former.replaces_id IS NULL AND former.id <> NEW.id
          AND former.treatment_id = NEW.treatment_id AND former.kind = NEW.kind AND former.form = NEW.form
    ) THEN
        RAISE EXCEPTION 'a version must point at the first version of the same entry';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER submission_replaces_the_first BEFORE INSERT ON programs_submission
    FOR EACH ROW WHEN (NEW.replaces_id IS NOT NULL) EXECUTE FUNCTION ikbt_replaces_the_first_version();
"""
UNDO = """
DROP TRIGGER submission_replaces_the_first ON programs_submission;
DROP FUNCTION ikbt_replaces_the_first_version();
"""


class Migration(migrations.Migration):
    dependencies = [("programs", "0005_clinics_load_wording")]
    operations = [
        migrations.AddField(
            model_name="submission",
            name="replaces",
            field=models.ForeignKey(
                blank=True,
                help_text="The first version of the tool entry that this one stands in for.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="programs.submission",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                name="only_tool_entries_replace",
                condition=models.Q(("replaces", None), ("kind", "tool"), _connector="OR"),
            ),
        ),
        migrations.RunSQL(SAME, UNDO),
    ]
