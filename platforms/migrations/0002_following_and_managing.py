"""Uploads that resume, following within call budgets, operations, categories, subtitles, schedules and imports."""

import uuid

import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F

import platforms.models.account
import platforms.models.fields
import platforms.models.pairs
import platforms.models.subtitle

# What Youku allows an ordinary application; accounts that are added later get it from its driver.
YOUKU_CALLS = 1000


def make_function(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(platforms.models.pairs.FUNCTION)


def give_ids(apps, schema_editor):
    """Each account that is there already gets an id of its own."""
    accounts = apps.get_model("platforms", "Account").objects
    for pk in accounts.filter(callback_id=None).values_list("pk", flat=True):
        accounts.filter(pk=pk).update(callback_id=platforms.models.account.new_callback_id())


def fill(apps, schema_editor):
    apps.get_model("platforms", "Account").objects.filter(platform="youku").update(calls_per_hour=YOUKU_CALLS)
    followed = apps.get_model("platforms", "Publication").objects.filter(state__in=("processing", "reviewing"))
    followed.update(followed_since=F("state_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("platforms", "0001_first"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(make_function, migrations.RunPython.noop),
        migrations.CreateModel(
            name="AccessKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "viewer",
                    models.CharField(
                        blank=True, help_text="Who it is for; only you see it.", max_length=150, verbose_name="viewer"
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                (
                    "most_plays",
                    models.PositiveIntegerField(
                        blank=True, help_text="Empty: any number.", null=True, verbose_name="plays"
                    ),
                ),
                ("plays", models.PositiveIntegerField(default=0, editable=False, verbose_name="played")),
                ("refusals", models.PositiveIntegerField(default=0, editable=False, verbose_name="refused")),
                ("last_asked_at", models.DateTimeField(editable=False, null=True, verbose_name="last asked")),
                ("revoked_at", models.DateTimeField(editable=False, null=True, verbose_name="revoked")),
                ("created_by", models.CharField(editable=False, max_length=150, verbose_name="issued by")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="issued")),
            ],
            options={
                "verbose_name": "access key",
                "verbose_name_plural": "access keys",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="BulkRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="row")),
                ("path", models.TextField(verbose_name="file")),
                ("title", models.CharField(blank=True, max_length=1000, verbose_name="title")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                ("tags", models.TextField(blank=True, verbose_name="tags")),
                ("targets", models.JSONField(default=list)),
                ("publish_at", models.CharField(blank=True, max_length=32)),
                ("block_at", models.CharField(blank=True, max_length=32)),
                ("subtitles", models.JSONField(default=list)),
                ("filling", models.JSONField(default=dict)),
                ("problems", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("wrong", "To be corrected"),
                            ("ready", "Good"),
                            ("waiting", "Waiting"),
                            ("arriving", "Being taken in"),
                            ("done", "Queued for upload"),
                            ("skipped", "Skipped"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="ready",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("mark", models.CharField(blank=True, db_index=True, max_length=64)),
                ("md5", models.CharField(blank=True, max_length=32)),
                ("outcomes", models.JSONField(default=list)),
                ("error", models.JSONField(null=True)),
            ],
            options={
                "verbose_name": "row of a bulk upload",
                "verbose_name_plural": "rows of bulk uploads",
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="BulkUpload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, verbose_name="folder or table")),
                ("actor", models.CharField(max_length=150, verbose_name="begun by")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checked", "Checked"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="checked",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("choices", models.JSONField(blank=True, default=dict)),
                ("notes", models.JSONField(blank=True, default=list)),
                ("note", models.JSONField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="checked")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                ("next_run_at", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("fence", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "bulk upload",
                "verbose_name_plural": "bulk uploads",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("remote_id", models.CharField(max_length=100, null=True, verbose_name="remote id")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("level", models.PositiveSmallIntegerField(default=1, verbose_name="level")),
                ("path", models.CharField(max_length=1012, verbose_name="path")),
                ("gone_at", models.DateTimeField(null=True, verbose_name="gone since")),
                ("asked_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "category",
                "verbose_name_plural": "categories",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="CategoryMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "verbose_name": "category mapping",
                "verbose_name_plural": "category mappings",
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("qid", models.CharField(max_length=100, null=True, verbose_name="qid")),
                ("received_at", models.DateTimeField(auto_now_add=True, verbose_name="received")),
                ("verified", models.BooleanField(verbose_name="verified")),
                ("body", models.JSONField(default=dict, verbose_name="content")),
                ("refusal", models.JSONField(null=True, verbose_name="refused because")),
                ("processed_at", models.DateTimeField(null=True, verbose_name="processed")),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="FileErrand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bring", "On its way into the storage"),
                            ("clear", "To be removed from the disk"),
                            ("remove", "To be removed from the storage"),
                        ],
                        max_length=10,
                        verbose_name="what is done",
                    ),
                ),
                ("name", models.CharField(max_length=300, verbose_name="file")),
                ("error", models.JSONField(blank=True, null=True, verbose_name="error")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="since")),
                ("next_run_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("lease_holder", models.CharField(blank=True, max_length=100)),
                ("fence", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "errand for a file",
                "verbose_name_plural": "errands for files",
                "ordering": ["next_run_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="HubCategory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="added")),
            ],
            options={
                "verbose_name": "hub category",
                "verbose_name_plural": "hub categories",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="IncomingFile",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("browser", "From a browser"),
                            ("folder", "From the server's folder"),
                            ("address", "From an address"),
                        ],
                        max_length=10,
                        verbose_name="way",
                    ),
                ),
                ("name", models.CharField(max_length=255, verbose_name="name")),
                ("size", models.BigIntegerField(null=True, verbose_name="size")),
                ("received", models.BigIntegerField(default=0, verbose_name="received")),
                ("md5", models.CharField(blank=True, max_length=32, verbose_name="md5")),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("fingerprint", models.CharField(blank=True, max_length=200)),
                ("origin", platforms.models.fields.EncryptedJSONField(default=dict, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("arriving", "Arriving"),
                            ("paused", "Paused"),
                            ("ready", "Arrived"),
                            ("taken", "Added as a video"),
                            ("failed", "Failed"),
                        ],
                        default="arriving",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("error", models.JSONField(blank=True, null=True, verbose_name="error")),
                ("makes_video", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="begun")),
                ("touched_at", models.DateTimeField(auto_now_add=True, verbose_name="last sign of life")),
                ("next_run_at", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("lease_holder", models.CharField(blank=True, max_length=100)),
                ("fence", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "incoming file",
                "verbose_name_plural": "incoming files",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="LibraryImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor", models.CharField(max_length=150, verbose_name="who")),
                ("dry_run", models.BooleanField(default=False, verbose_name="only looks")),
                ("category", models.CharField(blank=True, max_length=100, verbose_name="category")),
                ("remote_ids", models.JSONField(default=list, verbose_name="remote ids")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("cursor", models.CharField(blank=True, max_length=200)),
                ("is_listed", models.BooleanField(default=False)),
                ("seen", models.BinaryField(null=True)),
                ("position", models.BigIntegerField(default=0)),
                ("taken", models.PositiveIntegerField(default=0, verbose_name="videos so far")),
                ("total", models.PositiveIntegerField(null=True, verbose_name="videos there")),
                ("created", models.PositiveIntegerField(default=0, verbose_name="new")),
                ("updated", models.PositiveIntegerField(default=0, verbose_name="updated")),
                ("missing", models.PositiveIntegerField(default=0, verbose_name="missing")),
                ("findings", models.JSONField(default=dict)),
                ("error", models.JSONField(null=True, verbose_name="error")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="asked for")),
                ("began_at", models.DateTimeField(null=True, verbose_name="began")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("next_run_at", models.DateTimeField(null=True, verbose_name="next run")),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("lease_holder", models.CharField(blank=True, max_length=100)),
                ("fence", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Operation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40, verbose_name="what is done")),
                ("arguments", models.JSONField(default=dict, verbose_name="with")),
                ("batch", models.UUIDField(null=True, verbose_name="asked for together")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                            ("unknown", "Needs a decision"),
                        ],
                        default="waiting",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("planned_at", models.DateTimeField(null=True, verbose_name="planned for")),
                ("asked_by", models.CharField(max_length=150, verbose_name="asked for by")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="asked for")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("error", models.JSONField(null=True, verbose_name="error")),
                ("said", models.JSONField(null=True, verbose_name="outcome")),
                ("tried_again", models.BooleanField(default=False, verbose_name="tried again")),
                ("next_run_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                ("fence", models.PositiveBigIntegerField(default=0)),
                ("noted", models.JSONField(null=True)),
            ],
            options={
                "verbose_name": "operation",
                "verbose_name_plural": "operations",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="time")),
                ("actor", models.CharField(max_length=150, verbose_name="who")),
                ("changes", models.JSONField(default=dict, verbose_name="changes")),
            ],
            options={
                "verbose_name": "revision",
                "verbose_name_plural": "revisions",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Subtitle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=35, verbose_name="language")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("format", models.CharField(max_length=3, verbose_name="format")),
                (
                    "file",
                    models.FileField(
                        max_length=300, upload_to=platforms.models.subtitle.subtitle_path, verbose_name="file"
                    ),
                ),
                ("original_name", models.CharField(blank=True, max_length=255, verbose_name="original name")),
                ("size", models.PositiveIntegerField(default=0, verbose_name="size")),
                ("md5", models.CharField(max_length=32, verbose_name="md5")),
                ("cues", models.PositiveIntegerField(default=0, verbose_name="cues")),
                ("remarks", models.JSONField(default=list, verbose_name="remarks")),
                ("is_default", models.BooleanField(default=False, verbose_name="default")),
                ("created_by", models.CharField(blank=True, max_length=150, verbose_name="added by")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="added")),
                ("removed_at", models.DateTimeField(null=True, verbose_name="removed")),
            ],
            options={
                "verbose_name": "subtitle",
                "verbose_name_plural": "subtitles",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="SubtitleCopy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "To be sent"),
                            ("sending", "Being sent"),
                            ("there", "In step"),
                            ("changing", "To be changed"),
                            ("removing", "To be removed"),
                            ("failed", "Failed"),
                            ("missing", "Not on the platform"),
                        ],
                        default="waiting",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("remote_id", models.CharField(blank=True, max_length=100, verbose_name="remote id")),
                ("remote_name", models.CharField(blank=True, max_length=300, verbose_name="name on the platform")),
                ("remote_default", models.BooleanField(default=False, verbose_name="default on the platform")),
                ("before", models.JSONField(default=list)),
                ("error", models.JSONField(null=True, verbose_name="error")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked for")),
                ("tried_at", models.DateTimeField(null=True, verbose_name="last tried")),
            ],
            options={
                "verbose_name": "copy of a subtitle",
                "verbose_name_plural": "copies of subtitles",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="TemplateTarget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("category", models.CharField(blank=True, max_length=100, null=True, verbose_name="category")),
                ("options", models.JSONField(blank=True, default=dict, verbose_name="options")),
            ],
            options={
                "verbose_name": "account of a template",
                "verbose_name_plural": "accounts of templates",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="VideoTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        help_text="Such as “weekly lesson”.", max_length=100, unique=True, verbose_name="name"
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=200, verbose_name="title")),
                ("description", models.TextField(blank=True, max_length=4000, verbose_name="description")),
                (
                    "tags",
                    models.CharField(blank=True, help_text="Separated by commas.", max_length=500, verbose_name="tags"),
                ),
                ("next_number", models.PositiveIntegerField(default=1, verbose_name="next number")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
            ],
            options={
                "verbose_name": "template",
                "verbose_name_plural": "templates",
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="account",
            name="callback_id",
            field=models.CharField(max_length=64, null=True, editable=False),
        ),
        migrations.RunPython(give_ids, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="account",
            name="callback_id",
            field=models.CharField(
                default=platforms.models.account.new_callback_id, editable=False, max_length=64, unique=True
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="calls_followed",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="account",
            name="calls_hour",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="calls_made",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="account",
            name="calls_per_hour",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="What the platform allows; empty: it names no number.",
                null=True,
                verbose_name="calls an hour",
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="categories_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="categories synced"),
        ),
        migrations.AddField(
            model_name="account",
            name="follow_from",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="learned",
            field=models.JSONField(default=dict, editable=False),
        ),
        migrations.AddField(
            model_name="account",
            name="registered_callback",
            field=models.CharField(editable=False, max_length=500, null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="time_zone",
            field=models.CharField(
                default=platforms.models.account.hub_time_zone,
                help_text="In which times of this account are meant.",
                max_length=64,
                verbose_name="time zone",
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="troubles",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="account",
            name="upload_limit",
            field=models.PositiveBigIntegerField(
                blank=True,
                help_text="Bytes a second for all its uploads; empty: no limit.",
                null=True,
                verbose_name="upload limit",
            ),
        ),
        migrations.AddField(
            model_name="publication",
            name="bytes_moved",
            field=models.BigIntegerField(default=0, verbose_name="bytes moved"),
        ),
        migrations.AddField(
            model_name="publication",
            name="differs",
            field=models.BooleanField(default=False, editable=False, verbose_name="differs from the platform"),
        ),
        migrations.AddField(
            model_name="publication",
            name="followed_since",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="publication",
            name="held",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="publication",
            name="looked_closely_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="publication",
            name="publish_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="planned for"),
        ),
        migrations.AddField(
            model_name="publication",
            name="remote_category",
            field=models.CharField(editable=False, max_length=100, null=True, verbose_name="category on the platform"),
        ),
        migrations.AddField(
            model_name="publication",
            name="remote_description",
            field=models.TextField(editable=False, null=True, verbose_name="description on the platform"),
        ),
        migrations.AddField(
            model_name="publication",
            name="remote_tags",
            field=models.CharField(editable=False, max_length=500, null=True, verbose_name="tags on the platform"),
        ),
        migrations.AddField(
            model_name="publication",
            name="remote_title",
            field=models.CharField(blank=True, max_length=300, verbose_name="title on the platform"),
        ),
        migrations.AddField(
            model_name="publication",
            name="synced_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="publication",
            name="upload_from",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="pulse",
            name="seen_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="video",
            name="cover",
            field=models.CharField(blank=True, editable=False, max_length=1000, verbose_name="cover"),
        ),
        migrations.AddField(
            model_name="video",
            name="cover_from",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="platforms.publication",
            ),
        ),
        migrations.AddField(
            model_name="video",
            name="imported_from",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="imported_videos",
                to="platforms.account",
                verbose_name="imported from",
            ),
        ),
        migrations.AddField(
            model_name="video",
            name="mark",
            field=models.CharField(blank=True, editable=False, max_length=16),
        ),
        migrations.AlterField(
            model_name="event",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="events",
                to="platforms.account",
                verbose_name="account",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="time"),
        ),
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(max_length=40, verbose_name="kind"),
        ),
        migrations.AlterField(
            model_name="publication",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="publications",
                to="platforms.account",
                verbose_name="account",
            ),
        ),
        migrations.AlterField(
            model_name="publication",
            name="video",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="publications",
                to="platforms.video",
                verbose_name="video",
            ),
        ),
        migrations.AlterField(
            model_name="video",
            name="created_at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="added"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["-at", "-id"], name="event_newest"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["kind", "-at", "-id"], name="event_kind"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["account", "-at", "-id"], name="event_account"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["actor", "-at", "-id"], name="event_actor"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("account", None), ("publication", None)), fields=["subject"], name="event_gone"
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(fields=["state", "-state_at"], name="publication_since"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(fields=["account", "-id"], name="publication_account"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(fields=["remote_id"], name="publication_remote_id"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(condition=models.Q(("differs", True)), fields=["-id"], name="publication_differs"),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                models.F("account"),
                django.db.models.functions.comparison.Coalesce("remote_category", "category"),
                models.F("state"),
                name="publication_stands_in",
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=models.Index(
                condition=models.Q(("held", True)), fields=["state", "publish_at"], name="publication_kept_hidden"
            ),
        ),
        migrations.AddIndex(
            model_name="publication",
            index=platforms.models.pairs.PairsIndex(
                condition=models.Q(("title", ""), _negated=True), fields=["title"], name="publication_own_title"
            ),
        ),
        migrations.AddField(
            model_name="accesskey",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="access_keys",
                to="platforms.account",
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="accesskey",
            name="video",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: every video.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to="platforms.video",
                verbose_name="video",
            ),
        ),
        migrations.AddField(
            model_name="bulkrow",
            name="video",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to="platforms.video"),
        ),
        migrations.AddField(
            model_name="bulkupload",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to=settings.AUTH_USER_MODEL,
                verbose_name="begun by",
            ),
        ),
        migrations.AddField(
            model_name="bulkrow",
            name="job",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rows",
                to="platforms.bulkupload",
            ),
        ),
        migrations.AddField(
            model_name="category",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="categories",
                to="platforms.account",
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="category",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="children",
                to="platforms.category",
                verbose_name="parent category",
            ),
        ),
        migrations.AddField(
            model_name="categorymapping",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="category_mappings",
                to="platforms.account",
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="categorymapping",
            name="category",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mappings",
                to="platforms.category",
                verbose_name="category",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to="platforms.account",
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="publication",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="deliveries",
                to="platforms.publication",
                verbose_name="publication",
            ),
        ),
        migrations.AddField(
            model_name="fileerrand",
            name="video",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="errand",
                to="platforms.video",
                verbose_name="video",
            ),
        ),
        migrations.AddField(
            model_name="categorymapping",
            name="hub_category",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mappings",
                to="platforms.hubcategory",
                verbose_name="hub category",
            ),
        ),
        migrations.AddField(
            model_name="bulkrow",
            name="hub_category",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, to="platforms.hubcategory"
            ),
        ),
        migrations.AddField(
            model_name="video",
            name="category",
            field=models.ForeignKey(
                blank=True,
                help_text="Each account gets the category of its own that this one is mapped to.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="videos",
                to="platforms.hubcategory",
                verbose_name="category",
            ),
        ),
        migrations.AddIndex(
            model_name="video",
            index=models.Index(fields=["-created_at", "-id"], name="video_newest"),
        ),
        migrations.AddIndex(
            model_name="video",
            index=models.Index(fields=["title", "-id"], name="video_title"),
        ),
        migrations.AddIndex(
            model_name="video",
            index=models.Index(
                condition=models.Q(("imported_from", None), _negated=True),
                fields=["imported_from", "-id"],
                name="video_imported",
            ),
        ),
        migrations.AddIndex(
            model_name="video",
            index=platforms.models.pairs.PairsIndex(fields=["title", "tags", "original_name"], name="video_words"),
        ),
        migrations.AddField(
            model_name="incomingfile",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to=settings.AUTH_USER_MODEL,
                verbose_name="begun by",
            ),
        ),
        migrations.AddField(
            model_name="incomingfile",
            name="video",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to="platforms.video",
                verbose_name="video",
            ),
        ),
        migrations.AddField(
            model_name="bulkrow",
            name="incoming",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, to="platforms.incomingfile"
            ),
        ),
        migrations.AddField(
            model_name="libraryimport",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="imports",
                to="platforms.account",
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="operation",
            name="publication",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="operations",
                to="platforms.publication",
                verbose_name="publication",
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="publication",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="revisions",
                to="platforms.publication",
                verbose_name="publication",
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="video",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="revisions",
                to="platforms.video",
                verbose_name="video",
            ),
        ),
        migrations.AddField(
            model_name="subtitle",
            name="video",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="subtitles",
                to="platforms.video",
                verbose_name="video",
            ),
        ),
        migrations.AddField(
            model_name="subtitlecopy",
            name="publication",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="subtitle_copies",
                to="platforms.publication",
                verbose_name="publication",
            ),
        ),
        migrations.AddField(
            model_name="subtitlecopy",
            name="subtitle",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="copies",
                to="platforms.subtitle",
                verbose_name="subtitle",
            ),
        ),
        migrations.AddField(
            model_name="templatetarget",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="platforms.account",
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="videotemplate",
            name="accounts",
            field=models.ManyToManyField(
                through="platforms.TemplateTarget", to="platforms.account", verbose_name="accounts"
            ),
        ),
        migrations.AddField(
            model_name="videotemplate",
            name="category",
            field=models.ForeignKey(
                blank=True,
                help_text="Each account gets the category of its own that this one is mapped to.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="platforms.hubcategory",
                verbose_name="category",
            ),
        ),
        migrations.AddField(
            model_name="videotemplate",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to=settings.AUTH_USER_MODEL,
                verbose_name="added by",
            ),
        ),
        migrations.AddField(
            model_name="templatetarget",
            name="template",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="targets",
                to="platforms.videotemplate",
                verbose_name="template",
            ),
        ),
        migrations.AddField(
            model_name="incomingfile",
            name="template",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="platforms.videotemplate",
            ),
        ),
        migrations.AddIndex(
            model_name="accesskey",
            index=models.Index(fields=["account", "-created_at"], name="access_key_account"),
        ),
        migrations.AddIndex(
            model_name="accesskey",
            index=models.Index(fields=["-created_at", "-id"], name="access_key_newest"),
        ),
        migrations.AddIndex(
            model_name="accesskey",
            index=models.Index(fields=["expires_at", "-id"], name="access_key_expiry"),
        ),
        migrations.AddIndex(
            model_name="accesskey",
            index=models.Index(
                condition=models.Q(("revoked_at__isnull", False)),
                fields=["-created_at", "-id"],
                name="access_key_revoked",
            ),
        ),
        migrations.AddIndex(
            model_name="accesskey",
            index=platforms.models.pairs.PairsIndex(fields=["viewer"], name="access_key_viewer"),
        ),
        migrations.AddConstraint(
            model_name="accesskey",
            constraint=models.CheckConstraint(
                condition=models.Q(("most_plays", None), ("plays__lte", models.F("most_plays")), _connector="OR"),
                name="no_more_plays_than_allowed",
            ),
        ),
        migrations.AddIndex(
            model_name="bulkupload",
            index=models.Index(fields=["state", "next_run_at"], name="bulk_due"),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.UniqueConstraint(fields=("account", "remote_id"), name="one_category_a_remote_id"),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.UniqueConstraint(
                condition=models.Q(("parent", None), ("remote_id", None)),
                fields=("account", "name"),
                name="one_top_category_being_added",
            ),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.UniqueConstraint(
                condition=models.Q(("remote_id", None)), fields=("parent", "name"), name="one_category_being_added"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("processed_at", None), ("verified", True)), fields=["id"], name="delivery_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["account", "verified", "-id"], name="delivery_account"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["account", "-received_at", "-id"], name="delivery_account_newest"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["-received_at", "-id"], name="delivery_newest"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("refusal__isnull", False)), fields=["-received_at", "-id"], name="delivery_refused"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["qid"], name="delivery_qid"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(fields=("account", "qid"), name="one_delivery_a_qid"),
        ),
        migrations.AddConstraint(
            model_name="categorymapping",
            constraint=models.UniqueConstraint(
                fields=("hub_category", "account"), name="one_mapping_a_hub_category_and_account"
            ),
        ),
        migrations.AddIndex(
            model_name="bulkrow",
            index=models.Index(fields=["job", "state", "number"], name="bulk_row_state"),
        ),
        migrations.AddIndex(
            model_name="bulkrow",
            index=models.Index(fields=["state"], name="bulk_row_of_state"),
        ),
        migrations.AddConstraint(
            model_name="bulkrow",
            constraint=models.UniqueConstraint(fields=("job", "number"), name="one_bulk_row_a_number"),
        ),
        migrations.AddIndex(
            model_name="libraryimport",
            index=models.Index(fields=["state", "next_run_at"], name="import_due"),
        ),
        migrations.AddConstraint(
            model_name="libraryimport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["waiting", "running"])),
                fields=("account",),
                name="one_import_an_account",
            ),
        ),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(fields=["state", "next_run_at"], name="operation_due"),
        ),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(fields=["publication", "-id"], name="operation_publication"),
        ),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(fields=["batch", "id"], name="operation_batch"),
        ),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(fields=["state", "planned_at"], name="operation_planned"),
        ),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(fields=["state", "-id"], name="operation_state"),
        ),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(fields=["kind", "-id"], name="operation_kind"),
        ),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(fields=["kind", "state", "-id"], name="operation_kind_state"),
        ),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(
                condition=models.Q(("planned_at__isnull", False)), fields=["planned_at"], name="operation_schedule"
            ),
        ),
        migrations.AddConstraint(
            model_name="operation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ("publish_at", "block_at")), ("state__in", ("waiting", "running"))),
                fields=("publication", "kind"),
                name="one_open_plan_a_publication_and_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(fields=["video", "-id"], name="revision_video"),
        ),
        migrations.AddConstraint(
            model_name="subtitle",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)), fields=("video",), name="one_default_a_video"
            ),
        ),
        migrations.AddConstraint(
            model_name="subtitle",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None)), fields=("video", "name"), name="one_subtitle_a_video_and_name"
            ),
        ),
        migrations.AddIndex(
            model_name="subtitlecopy",
            index=models.Index(fields=["state", "publication"], name="subtitle_copy_state"),
        ),
        migrations.AddConstraint(
            model_name="subtitlecopy",
            constraint=models.UniqueConstraint(
                fields=("publication", "subtitle"), name="one_copy_a_publication_and_subtitle"
            ),
        ),
        migrations.AddConstraint(
            model_name="subtitlecopy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("remote_id", ""), _negated=True),
                fields=("publication", "remote_id"),
                name="one_copy_a_remote_subtitle",
            ),
        ),
        migrations.AddConstraint(
            model_name="templatetarget",
            constraint=models.UniqueConstraint(
                fields=("template", "account"), name="one_target_a_template_and_account"
            ),
        ),
        migrations.AddIndex(
            model_name="incomingfile",
            index=models.Index(fields=["state", "next_run_at"], name="incoming_due"),
        ),
        migrations.AddIndex(
            model_name="incomingfile",
            index=models.Index(fields=["state", "touched_at"], name="incoming_old"),
        ),
        migrations.AddIndex(
            model_name="incomingfile",
            index=models.Index(fields=["owner", "state", "-created_at"], name="incoming_owner"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
