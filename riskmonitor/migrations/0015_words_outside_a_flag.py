from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("riskmonitor", "0014_a_missing_flag_rests"),
    ]

    operations = [
        migrations.AlterField(
            model_name="flagevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("raised", "raised"),
                    ("attached", "new finding"),
                    ("realerted", "alerted again"),
                    ("notified", "notified"),
                    ("acknowledged", "taken on"),
                    ("lapsed", "lapsed without a documented action"),
                    ("asked", "follow-up questions answered"),
                    ("answered", "left-out question answered"),
                    ("not_reached", "not reached"),
                    ("interviewed", "structured interview"),
                    ("documented", "documented"),
                    ("assigned", "assigned"),
                    ("nobody", "nobody present on any step"),
                    ("closed", "closed"),
                    ("reopened", "opened again"),
                    ("unsaved", "wrote words that are not saved in the flag"),
                ],
                max_length=12,
            ),
        ),
    ]
