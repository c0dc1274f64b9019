from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("riskmonitor", "0020_findings_keep_their_nuances")]

    # Empty for the flags of before: when somebody first answered them is not when somebody first read them.
    operations = [
        migrations.AddField(
            model_name="flag",
            name="first_read_at",
            field=models.DateTimeField(blank=True, help_text="When a clinician first opened its page.", null=True),
        ),
    ]
