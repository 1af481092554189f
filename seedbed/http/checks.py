"""What is wrong with an endpoint, said where it is declared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from seedbed.http.errors import InvalidEndpointError
from seedbed.plain import show
from seedbed.strategy.errors import near

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")


def check_endpoint(method: Any, path: Any, takes: Any, headers: Any) -> None:
    """Refuse an endpoint that could not be called as it is written.

    Raises:
        InvalidEndpointError: Its method is none, its path is not one, or a name stands for two things.
    """
    where = f"Endpoint({show(method)}, {show(path)})"
    if not isinstance(method, str) or method.upper() not in METHODS:
        known = near(method.upper(), METHODS) if isinstance(method, str) else ", ".join(METHODS)
        raise InvalidEndpointError(where, f"there is no such method: {known}")
    _check_path(where, path)
    _check_names(where, "takes", takes)
    if not isinstance(headers or {}, Mapping):
        raise InvalidEndpointError(where, f'headers must be by keyword, {{"actor": "X-Actor"}}, not {show(headers)}')
    twice = [name for name in headers or {} if f"{{{name}}}" in path]
    if twice:
        raise InvalidEndpointError(where, f"{twice[0]} is named by its path and by its headers: give one another name")


def _check_path(where: str, path: Any) -> None:
    if not isinstance(path, str) or re.search(r"\s", path):
        raise InvalidEndpointError(where, "its path must be a text without spaces, such as /rooms/{room_id}")
    names = re.findall(r"{([^{}]*)}", path)
    wrong = [name for name in names if not name.isidentifier()]
    if wrong or re.search(r"[{}]", re.sub(r"{[^{}]*}", "", path)):
        rule = "each name in its path stands in braces, and is one of Python's, as in /rooms/{room_id}"
        raise InvalidEndpointError(where, rule)
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InvalidEndpointError(where, f"its path names {twice[0]} twice: give one another name")


def _check_names(where: str, field: str, names: Any) -> None:
    is_many = isinstance(names, Iterable) and not isinstance(names, (str, bytes, Mapping))
    if names is not None and not (is_many and all(isinstance(name, str) for name in names)):
        raise InvalidEndpointError(where, f'{field} must be names of keywords, ("guest", "night"), not {show(names)}')
