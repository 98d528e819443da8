from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0002_effect")]

    operations = [
        migrations.CreateModel(
            name="Allowance",
            fields=[
                ("name", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("spent_until", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["spent_until"], name="allowance_by_age")]},
        ),
        # Written often and worth nothing after a crash.
        migrations.RunSQL("ALTER TABLE core_allowance SET UNLOGGED", "ALTER TABLE core_allowance SET LOGGED"),
    ]
