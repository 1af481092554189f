"""What the clinic tells seedbed. `seed` reads this before Django is set up, `manage.py seed` after."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django
from django.apps import AppConfig, apps
from django.db import transaction

from seedbed import Counter, Suite
from seedbed.django import unit_of_work

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
django.setup()


def open_clinic() -> AppConfig:
    return apps.get_app_config("clinic")


@contextmanager
def scratch_clinic() -> Iterator[AppConfig]:
    """Open it for tests and `seed lint`: nothing is kept."""
    with transaction.atomic():
        yield open_clinic()
        transaction.set_rollback(True)


def appointments(_app: AppConfig, doctor: Any) -> int:
    return doctor.appointment_set.exclude(state="cancelled").count()


def visits(_app: AppConfig, patient: Any) -> int:
    return patient.appointment_set.filter(state="over").count()


suite = Suite(
    "clinic",
    open=open_clinic,
    scratch=scratch_clinic,
    factories="clinic.factories",
    scenarios="clinic.factories",
    unit_of_work=unit_of_work(),
    counters=[
        Counter("appointments_count", of="clinic.models:Doctor", recount=appointments),
        Counter("visits_count", of="clinic.models:Patient", recount=visits),
    ],
)
