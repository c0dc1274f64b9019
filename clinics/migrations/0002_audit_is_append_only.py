"""The audit log is append-only, also for those who reach the database past the application."""

from __future__ import annotations

from django.db import migrations

FORBID = """
CREATE FUNCTION ikbt_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP;
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON clinics_auditevent
    FOR EACH ROW EXECUTE FUNCTION ikbt_refuse_change();
"""
ALLOW = "DROP TRIGGER audit_append_only ON clinics_auditevent; DROP FUNCTION ikbt_refuse_change();"


class Migration(migrations.Migration):
    dependencies = [("clinics", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
