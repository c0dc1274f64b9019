from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("riskmonitor", "0012_steps_choose_their_ways"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="flagfinding", name="finding_once_per_row"),
        migrations.AddConstraint(
            model_name="flagfinding",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("submission__isnull", False),
                    ("message__isnull", False),
                    ("draft_key__isnull", False),
                    _connector="OR",
                ),
                fields=("submission", "message", "draft_key", "rule", "item", "value", "address", "start", "urgency"),
                name="finding_once_per_row",
                nulls_distinct=False,
            ),
        ),
        migrations.AddField(
            model_name="rescan",
            name="newly_found",
            field=models.PositiveIntegerField(default=0, help_text="Rows in which newer rules found more."),
        ),
        migrations.RemoveConstraint(model_name="dryrundifference", name="difference_once_per_row_and_kind"),
        migrations.AddConstraint(
            model_name="dryrundifference",
            constraint=models.UniqueConstraint(
                fields=("dry_run", "submission", "message", "kind", "change"),
                name="difference_once_per_row_kind_and_change",
                nulls_distinct=False,
            ),
        ),
        migrations.AlterField(
            model_name="dryrun",
            name="planned",
            field=models.PositiveIntegerField(
                help_text="How many answers and messages there are to look at; None until that is counted.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="dryrun",
            name="unscreened",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="dryrun",
            name="submission_done",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="dryrun",
            name="message_done",
            field=models.BigIntegerField(default=0),
        ),
    ]
