import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0011_calls_and_pauses"),
        ("riskmonitor", "0017_canaries_come_through_the_web"),
    ]

    operations = [
        migrations.AddField(
            model_name="dryrun",
            name="treatment_done",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="dryrun",
            name="planned",
            field=models.PositiveIntegerField(
                help_text="How many answers, messages and treatments to look at; None until that is counted.", null=True
            ),
        ),
        migrations.AddField(
            model_name="dryrundifference",
            name="treatment",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="programs.treatment",
            ),
        ),
        migrations.RenameField(model_name="dryrundifference", old_name="sent_at", new_name="at"),
        migrations.AlterField(
            model_name="dryrundifference",
            name="at",
            field=models.DateTimeField(
                help_text="When it was sent; of a treatment, since when something is or was missing."
            ),
        ),
        migrations.RemoveConstraint(model_name="dryrundifference", name="difference_is_of_one_row"),
        migrations.AddConstraint(
            model_name="dryrundifference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("message", None), ("submission__isnull", False), ("treatment", None)),
                    models.Q(("message__isnull", False), ("submission", None), ("treatment", None)),
                    models.Q(("message", None), ("submission", None), ("treatment__isnull", False)),
                    _connector="OR",
                ),
                name="difference_is_of_one_row",
            ),
        ),
        migrations.AddConstraint(
            model_name="dryrundifference",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("treatment", None), models.Q(("kind", "break_off"), _negated=True)),
                    models.Q(("kind__in", ["break_off", "unscreenable"]), ("treatment__isnull", False)),
                    _connector="OR",
                ),
                name="difference_of_breaking_off_is_of_a_treatment",
            ),
        ),
        migrations.RemoveConstraint(model_name="dryrundifference", name="difference_once_per_row_kind_and_change"),
        migrations.AddConstraint(
            model_name="dryrundifference",
            constraint=models.UniqueConstraint(
                fields=("dry_run", "submission", "message", "treatment", "kind", "change"),
                name="difference_once_per_row_kind_and_change",
                nulls_distinct=False,
            ),
        ),
    ]
