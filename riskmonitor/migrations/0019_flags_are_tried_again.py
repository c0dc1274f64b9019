from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("riskmonitor", "0018_dry_runs_try_breaking_off"),
    ]

    operations = [
        migrations.AddField(
            model_name="flag",
            name="reminded_at",
            field=models.DateTimeField(blank=True, help_text="When the owner was reminded of that try.", null=True),
        ),
        migrations.AddField(
            model_name="flag",
            name="try_again_at",
            field=models.DateTimeField(
                blank=True, help_text="The patient was not reached, and is tried again then.", null=True
            ),
        ),
        migrations.AddField(
            model_name="flagevent",
            name="try_again_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
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
                    ("reminded", "reminded to try again"),
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
        migrations.AddIndex(
            model_name="flag",
            index=models.Index(
                condition=models.Q(("closed_at", None), ("reminded_at", None), ("try_again_at__isnull", False)),
                fields=["try_again_at"],
                name="flag_to_remind",
            ),
        ),
        migrations.AddConstraint(
            model_name="flag",
            constraint=models.CheckConstraint(
                condition=models.Q(("reminded_at", None), ("try_again_at__isnull", False), _connector="OR"),
                name="flag_reminded_of_a_try",
            ),
        ),
        migrations.AddConstraint(
            model_name="flagevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("try_again_at", None), ("kind", "not_reached"), _connector="OR"),
                name="flag_event_tries_again_if_not_reached",
            ),
        ),
    ]
