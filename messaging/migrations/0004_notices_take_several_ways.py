"""A notice may take several ways; each attempt on them is logged and stays."""

from __future__ import annotations

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


# What has left keeps its delivery; what has not is spread anew, with the Message-ID that it had.
KEEP = """
INSERT INTO messaging_delivery
    (notice_id, channel, due_at, attempts, failures, copies, last_error, sent_at)
    SELECT id, 'email', created_at, attempts, 0, 1, '', sent_at FROM messaging_notice WHERE sent_at IS NOT NULL;
UPDATE messaging_notice SET spread_at = sent_at WHERE sent_at IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
"""
FORBID = """
CREATE TRIGGER attempt_append_only BEFORE UPDATE OR DELETE ON messaging_attempt
    FOR EACH ROW EXECUTE FUNCTION ikbt_refuse_change();
"""
ALLOW = "DROP TRIGGER attempt_append_only ON messaging_attempt;"


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0002_audit_is_append_only"),
        ("messaging", "0003_a_notice_is_not_ticked_off"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(choices=[("email", "E-mail"), ("push", "Browser"), ("sms", "SMS")], max_length=10),
                ),
                ("at", models.DateTimeField()),
                ("number", models.PositiveIntegerField(help_text="The first attempt is 1.")),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("sent", "accepted by the server"),
                            ("failed", "failed, is tried again"),
                            ("refused", "refused: the address or the settings are wrong"),
                            ("gone", "gone, or switched off: not tried again"),
                            ("unknown", "broken off in the middle, is tried again"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(choices=[("email", "E-mail"), ("push", "Browser"), ("sms", "SMS")], max_length=10),
                ),
                (
                    "browser",
                    models.UUIDField(
                        blank=True, help_text="The code of the push subscription, also when gone.", null=True
                    ),
                ),
                ("due_at", models.DateTimeField(help_text="When it should leave at first.")),
                ("next_attempt_at", models.DateTimeField(blank=True, null=True)),
                ("leased_at", models.DateTimeField(blank=True, help_text="Being tried, since then.", null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("failures", models.PositiveIntegerField(default=0, help_text="In a row.")),
                ("copies", models.PositiveIntegerField(default=0, help_text="How often a server accepted it.")),
                ("last_error", models.CharField(blank=True, max_length=200)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="NoticeChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email_about_cover", models.BooleanField(default=True)),
                ("sms_about_flags", models.BooleanField(default=False)),
                (
                    "sms_number",
                    models.CharField(blank=True, help_text="International form, +46701234567.", max_length=16),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PushSubscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("endpoint", models.CharField(max_length=500, unique=True)),
                (
                    "p256dh",
                    models.CharField(help_text="The browser's public key (RFC 8291), base64url.", max_length=100),
                ),
                (
                    "auth",
                    models.CharField(help_text="The browser's shared secret (RFC 8291), base64url.", max_length=40),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["created_at"],
            },
        ),
        migrations.AddField(
            model_name="notice",
            name="spread_at",
            field=models.DateTimeField(blank=True, help_text="When it got its deliveries.", null=True),
        ),
        migrations.AlterField(
            model_name="notice",
            name="dropped_at",
            field=models.DateTimeField(
                blank=True, help_text="No longer of use: answered, or a newer one says the same.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("flag_waits", "A flag waits"),
                    ("cover_starts", "You stand in for a colleague"),
                    ("news", "Something new to read"),
                    ("trial", "Trial"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("dropped_at", None), ("spread_at", None)),
                fields=["created_at"],
                name="notice_unspread",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="notice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="messaging.notice"
            ),
        ),
        migrations.AddField(
            model_name="attempt",
            name="delivery",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="log", to="messaging.delivery"
            ),
        ),
        migrations.AddField(
            model_name="noticechoice",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="notice_choice", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="pushsubscription",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="push_subscriptions",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("next_attempt_at__isnull", False)),
                fields=["channel", "next_attempt_at"],
                name="delivery_due",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("next_attempt_at__isnull", False), ("sent_at", None)),
                fields=["due_at"],
                name="delivery_unsent",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("notice", "channel", "browser"), name="delivery_once_to_a_place", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("browser__isnull", False), ("channel", "push")),
                    models.Q(models.Q(("channel", "push"), _negated=True), ("browser", None)),
                    _connector="OR",
                ),
                name="delivery_browser_only_for_push",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("copies", 0), ("sent_at", None)),
                    models.Q(("copies__gt", 0), ("sent_at__isnull", False)),
                    _connector="OR",
                ),
                name="delivery_sent_is_counted",
            ),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(models.OrderBy(models.F("at"), descending=True), name="attempt_by_time"),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(fields=("delivery", "number"), name="attempt_logged_once"),
        ),
        migrations.AddConstraint(
            model_name="noticechoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("sms_about_flags", False), ("sms_number__startswith", "+"), _connector="OR"),
                name="sms_only_with_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="pushsubscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("endpoint", ""), _negated=True),
                    models.Q(("p256dh", ""), _negated=True),
                    models.Q(("auth", ""), _negated=True),
                ),
                name="push_keys_there",
            ),
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
        migrations.RemoveIndex(
            model_name="notice",
            name="notice_due",
        ),
        migrations.RemoveField(
            model_name="notice",
            name="attempts",
        ),
        migrations.RemoveField(
            model_name="notice",
            name="last_error",
        ),
        migrations.RemoveField(
            model_name="notice",
            name="next_attempt_at",
        ),
        migrations.RemoveField(
            model_name="notice",
            name="sent_at",
        ),
        migrations.RunSQL(FORBID, ALLOW),
    ]
