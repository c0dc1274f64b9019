"""What happened to a flag is never changed and never deleted."""

from __future__ import annotations

from django.db import migrations

FORBID = """
CREATE TRIGGER flag_event_append_only BEFORE UPDATE OR DELETE ON riskmonitor_flagevent
    FOR EACH ROW EXECUTE FUNCTION ikbt_refuse_change();
"""
ALLOW = "DROP TRIGGER flag_event_append_only ON riskmonitor_flagevent;"


class Migration(migrations.Migration):
    dependencies = [("riskmonitor", "0001_initial"), ("clinics", "0002_audit_is_append_only")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
