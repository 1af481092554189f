"""boto3 sessions for this package's clients: not boto3's default one, which belongs to the whole process."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import boto3
import botocore.loaders
import botocore.session

from services.engines.rows import RowParserFactory

# A setting's name in files, the variables that it is read from, its default, and how it is converted.
_NO_CONFIGURATION: dict[str, Any] = {
    "profile": (None, [], None, None),
    "config_file": (None, [], os.devnull, None),
    "credentials_file": (None, [], os.devnull, None),
}


@cache
def _loader() -> botocore.loaders.Loader:
    # Reads and keeps botocore's descriptions of the services: 50 ms for each session that has a loader of its own.
    return botocore.loaders.create_loader()


def new_session(region: str | None = None, *, is_alone: bool = False) -> boto3.session.Session:
    """Make a session; all of them share what they read of botocore's data files.

    One that is alone reads no AWS configuration: no profile, no file.
    """
    session = botocore.session.Session(session_vars=_NO_CONFIGURATION if is_alone else None)
    session.register_component("data_loader", _loader())
    session.register_component("response_parser_factory", RowParserFactory())
    return boto3.session.Session(region_name=region, botocore_session=session)
