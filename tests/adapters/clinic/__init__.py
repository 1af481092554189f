"""A clinic on Django: its services have rules and counters of their own, and know nothing of factories.

Who imports it has Django set up, whichever test is collected first.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        INSTALLED_APPS=["seedbed.django"],
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
            "archive": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(tempfile.mkdtemp()) / "archive.db"},
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()
