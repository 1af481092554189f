"""The Django app that brings `manage.py seed`."""

from __future__ import annotations

from django.apps import AppConfig


class SeedbedConfig(AppConfig):
    """An app without models."""

    name = "seedbed.django"
    label = "seedbed"
    verbose_name = "Seedbed"
