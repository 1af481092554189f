"""The service-backed strategy for factory_boy."""

from __future__ import annotations

from seedbed.libraries import need

need("factory")  # before anything here imports what it keeps to itself
