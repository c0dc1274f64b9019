"""The key of a draft holds the longest name that a page may have."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programs", "0003_what_was_sent_stays")]
    operations = [
        migrations.AlterField(
            model_name="draft",
            name="form_key",
            field=models.CharField(
                help_text="Which form: measure:phq9, page:<step>:<page>, tool:goals, …", max_length=120
            ),
        ),
    ]
