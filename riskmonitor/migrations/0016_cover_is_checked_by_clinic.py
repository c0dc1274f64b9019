import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0009_grants_of_flags_are_found"),
        ("riskmonitor", "0015_words_outside_a_flag"),
    ]

    operations = [
        migrations.CreateModel(
            name="CoverCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("checked_at", models.DateTimeField()),
                (
                    "failed",
                    models.PositiveIntegerField(help_text="1 where the clinic as a whole could not be looked at."),
                ),
                (
                    "clinic",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinics.clinic"
                    ),
                ),
            ],
        ),
    ]
