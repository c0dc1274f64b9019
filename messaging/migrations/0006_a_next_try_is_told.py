from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0005_a_notice_knows_its_ways"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("flag_waits", "A flag waits"),
                    ("try_again", "The next try has come"),
                    ("cover_starts", "You stand in for a colleague"),
                    ("news", "Something new to read"),
                    ("trial", "Trial"),
                ],
                max_length=20,
            ),
        ),
    ]
