"""A message is never changed and never deleted; only its reading and its screening move on."""

from __future__ import annotations

from django.db import migrations

FORBID = """
CREATE TRIGGER message_stays BEFORE UPDATE OR DELETE ON messaging_message
    FOR EACH ROW EXECUTE FUNCTION ikbt_only_screening_moves();
"""
ALLOW = "DROP TRIGGER message_stays ON messaging_message;"


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("programs", "0003_what_was_sent_stays")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
