from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0008_silence_and_hubs"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="accessgrant",
            index=models.Index(condition=models.Q(("why", "flag")), fields=["source"], name="grant_by_flag"),
        ),
        migrations.AddIndex(
            model_name="accessgrant",
            index=models.Index(condition=models.Q(("why", "flag")), fields=["ends_at"], name="grant_of_flag_open"),
        ),
    ]
