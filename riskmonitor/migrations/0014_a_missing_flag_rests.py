from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("riskmonitor", "0013_one_comparison_for_what_is_found"),
    ]

    operations = [
        migrations.AddField(
            model_name="raisedflag",
            name="next_attempt_at",
            field=models.DateTimeField(
                blank=True, help_text="When one of which nobody could be told is tried again.", null=True
            ),
        ),
    ]
