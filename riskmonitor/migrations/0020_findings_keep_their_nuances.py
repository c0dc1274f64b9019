import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("riskmonitor", "0019_flags_are_tried_again"),
    ]

    operations = [
        migrations.AddField(
            model_name="flagfinding",
            name="nuances",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[("negated", "perhaps denied"), ("past", "perhaps about the past")], max_length=10
                ),
                blank=True,
                db_default=[],
                default=list,
                help_text="What the word list saw beside the phrase. Empty also where it was found before this was kept.",
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="flagfinding",
            constraint=models.CheckConstraint(
                condition=models.Q(("nuances__contained_by", ["negated", "past"])), name="finding_nuances_are_known"
            ),
        ),
    ]
