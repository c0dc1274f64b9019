"""Programme text is never edited: modules and pages refuse change, and of a revision only its standing moves."""

from __future__ import annotations

from django.db import migrations

FORBID = """
CREATE TRIGGER module_never_changes BEFORE UPDATE OR DELETE ON programs_module
    FOR EACH ROW EXECUTE FUNCTION ikbt_refuse_change();
CREATE TRIGGER page_never_changes BEFORE UPDATE OR DELETE ON programs_page
    FOR EACH ROW EXECUTE FUNCTION ikbt_refuse_change();
CREATE FUNCTION ikbt_only_standing_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (to_jsonb(NEW) - 'status' - 'published_at') = (to_jsonb(OLD) - 'status' - 'published_at')
        AND (OLD.published_at IS NULL OR NEW.published_at = OLD.published_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a revision never changes: % refused', TG_OP;
END $$;
CREATE TRIGGER revision_only_standing_moves BEFORE UPDATE OR DELETE ON programs_revision
    FOR EACH ROW EXECUTE FUNCTION ikbt_only_standing_moves();
"""
ALLOW = """
DROP TRIGGER module_never_changes ON programs_module;
DROP TRIGGER page_never_changes ON programs_page;
DROP TRIGGER revision_only_standing_moves ON programs_revision;
DROP FUNCTION ikbt_only_standing_moves();
"""


class Migration(migrations.Migration):
    dependencies = [("programs", "0001_initial"), ("clinics", "0002_audit_is_append_only")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
