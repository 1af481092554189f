"""boto3 sessions for this package's clients: not boto3's default one, which belongs to the whole process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
import botocore.loaders
import botocore.plugin
import botocore.session

_KEY_LOG = "SSLKEYLOGFILE"
"""Where TLS libraries write keys: botocore opens the file for each client, also for one that never sends."""


def _without_environment() -> dict[str, Any]:
    """Return botocore's settings, each with neither a place in files nor a variable: its default alone.

    botocore writes a setting as its name in files, its variables, its default, and how a text is converted.
    """
    variables: dict[str, Any] = botocore.session.Session.SESSION_VARIABLES
    alone: dict[str, Any] = {name: (None, [], default, convert) for name, (_, _, default, convert) in variables.items()}
    return alone | {name: (None, [], os.devnull, None) for name in ("config_file", "credentials_file")}


@cache
def _loader(*, is_alone: bool) -> botocore.loaders.Loader:
    # Reads and keeps botocore's descriptions of the services: 50 ms for each session that has a loader of its own.
    if not is_alone:
        return botocore.loaders.create_loader()
    # The other place where it looks is in the home directory.
    built_in: Any = botocore.loaders.Loader
    return botocore.loaders.Loader([built_in.BUILTIN_DATA_PATH], include_default_search_paths=False)


def new_session(region: str | None = None, *, is_alone: bool = False) -> boto3.session.Session:
    """Make a session; all of them share what they read of botocore's data files.

    One that is alone reads no AWS configuration: no variable, no profile, no file.
    """
    session = botocore.session.Session(session_vars=_without_environment() if is_alone else None)
    if is_alone:  # one section has variables of its own, and is checked for every service
        session.get_component("config_store").set_config_variable("s3", {})
    session.register_component("data_loader", _loader(is_alone=is_alone))
    return boto3.session.Session(region_name=region, botocore_session=session)


@contextmanager
def without_plugins() -> Iterator[None]:
    """Let botocore make clients that are what it ships, for the block: no plugin, no log of keys."""
    token = botocore.plugin.set_plugin_context(botocore.plugin.PluginContext(plugins="DISABLED"))
    try:
        with hidden(_KEY_LOG):
            yield
    finally:
        botocore.plugin.reset_plugin_context(token)


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Take variables out of the environment for the block: for libraries that can be told in no other way."""
    values = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(values)
