"""boto3 sessions for this package's clients: not boto3's default one, which belongs to the whole process."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib.util import find_spec
from typing import Any

import boto3
import botocore.loaders
import botocore.session

from seedbed import forks

# Before 1.37 it has none.
_PLUGINS: Any = importlib.import_module("botocore.plugin") if find_spec("botocore.plugin") else None
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


_alone: Any = cache(partial(new_session, is_alone=True))
_MAKING = forks.new_lock()


def new_client(**settings: Any) -> Any:  # noqa: ANN401 - boto3's
    """Make a DynamoDB client that reads no AWS configuration.

    All are of one session, since that takes longer to make than they do; a session is not safe for threads.
    """
    with _MAKING:
        return _alone().client("dynamodb", **settings)


_PARENTS: list[Any] = []
"""Connections of the parents of this process. Closing them takes locks, and what talks over them is not ours."""


def reconnect(client: Any) -> None:  # noqa: ANN401 - a client of any session
    """Give a client sockets of its own, in a forked child: on its parent's, each would read the other's answers."""
    http = client._endpoint.http_session  # noqa: SLF001 - where botocore keeps it; pinned by test_forks
    managers = [http._manager, *http._proxy_managers.values()]  # noqa: SLF001 - as above
    for manager in managers:
        for pool in manager.pools._container.values():  # noqa: SLF001 - as above
            _unlock(pool.pool)
    _PARENTS.extend(managers)
    http._manager = type(managers[0])(**http._get_pool_manager_kwargs())  # noqa: SLF001 - as above
    http._manager.pool_classes_by_scheme = http._pool_classes_by_scheme  # noqa: SLF001 - as above
    http._proxy_managers = {}  # noqa: SLF001 - as above


def _unlock(waiting: Any) -> None:  # noqa: ANN401 - urllib3's queue of connections
    """Free the lock of a queue, which is emptied at exit: a thread of the parent may have held it at the fork."""
    if waiting is not None:
        waiting.mutex._at_fork_reinit()  # noqa: SLF001 - as the standard library's own


@contextmanager
def without_plugins() -> Iterator[None]:
    """Let botocore make clients that are what it ships, for the block: no plugin, no log of keys."""
    with hide_variables(_KEY_LOG):
        if _PLUGINS is None:
            yield
            return
        token = _PLUGINS.set_plugin_context(_PLUGINS.PluginContext(plugins="DISABLED"))
        try:
            yield
        finally:
            _PLUGINS.reset_plugin_context(token)


@contextmanager
def hide_variables(*names: str) -> Iterator[None]:
    """Take variables out of the environment for the block: for libraries that can be told in no other way."""
    values = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(values)
