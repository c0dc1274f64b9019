"""What a patient sent is never changed and never deleted; only its screening moves on."""

from __future__ import annotations

from django.db import migrations

FORBID = """
CREATE FUNCTION ikbt_only_screening_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving text[] := ARRAY['screened_at', 'items_screened_at', 'screen_after', 'screen_attempts', 'read_at', 'read_by_id'];
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - moving) = (to_jsonb(OLD) - moving) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% holds what was sent: % refused', TG_TABLE_NAME, TG_OP;
END $$;
CREATE TRIGGER submission_stays BEFORE UPDATE OR DELETE ON programs_submission
    FOR EACH ROW EXECUTE FUNCTION ikbt_only_screening_moves();
"""
ALLOW = """
DROP TRIGGER submission_stays ON programs_submission;
DROP FUNCTION ikbt_only_screening_moves();
"""


class Migration(migrations.Migration):
    dependencies = [("programs", "0002_editions_never_change")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
