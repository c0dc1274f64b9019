from __future__ import annotations

from django.db import migrations, models

# Whoever has answered a flag has read it: the first of these moments is the nearest to the truth that is kept.
ANSWERED = """
UPDATE riskmonitor_flag AS flag SET first_read_at = answered.at
FROM (
    SELECT flag_id, min(at) AS at FROM riskmonitor_flagevent
    WHERE kind IN ('acknowledged', 'not_reached', 'interviewed', 'documented', 'closed') AND by_id IS NOT NULL
    GROUP BY flag_id
) AS answered
WHERE answered.flag_id = flag.id;
"""


class Migration(migrations.Migration):
    dependencies = [("riskmonitor", "0020_findings_keep_their_nuances")]

    operations = [
        migrations.AddField(
            model_name="flag",
            name="first_read_at",
            field=models.DateTimeField(blank=True, help_text="When a clinician first opened its page.", null=True),
        ),
        migrations.RunSQL(ANSWERED, migrations.RunSQL.noop),
    ]
