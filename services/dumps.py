"""Whether a dump can be written or read: told before anybody is asked for a table, or a world is made for it."""

from __future__ import annotations

from pathlib import Path

from seedbed.dynamo.dumps import check_name, check_new, read_manifest
from services.rows.schema import SCHEMA

__all__ = ["check_name", "check_new", "check_whole"]


def check_whole(path: Path) -> None:
    """Refuse a dump that cannot be loaded into any table.

    Raises:
        DumpError: there is none, or it is another program's, newer, or damaged.

    Cost: reads each file once.
    """
    read_manifest(path, SCHEMA.version)
