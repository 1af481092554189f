"""boto3 sessions for this package's clients: not boto3's default one, which belongs to the whole process."""

from __future__ import annotations

from functools import cache

import boto3
import botocore.loaders
import botocore.session


@cache
def _loader() -> botocore.loaders.Loader:
    # Reads and keeps botocore's descriptions of the services: 50 ms for each session that has a loader of its own.
    return botocore.loaders.create_loader()


def new_session(region: str | None = None) -> boto3.session.Session:
    """Make a session; all of them share what they read of botocore's data files."""
    session = botocore.session.get_session()
    session.register_component("data_loader", _loader())
    return boto3.session.Session(region_name=region, botocore_session=session)
