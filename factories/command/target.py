"""What the command's options say, unchecked. Nothing heavy is imported here, so that `seed --help` is quick."""

from __future__ import annotations

import attrs

from seedbed.dynamo.addresses import without_user


@attrs.define
class Target:
    """Where the table is and what is to be made: the options before a subcommand, unless its own say otherwise."""

    endpoint_url: str | None = attrs.field(default=None, converter=attrs.converters.optional(without_user))
    table: str = "social"
    workers: int | None = None
    seed: int | None = None
    as_of: str | None = None
    env: str | None = None
    scenario: list[str] = attrs.Factory(list)
    json: bool = False
    locale: str | None = None
    beside_others: bool = False
    allow_large: bool = False
