"""Django's settings."""

from pathlib import Path

DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(__file__).resolve().parents[1] / "clinic.db"}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["clinic", "seedbed.django"]
SECRET_KEY = "not a secret"
USE_TZ = True
