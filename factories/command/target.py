"""What the command's options say, unchecked. Nothing heavy is imported here, so that `seed --help` is quick."""

from __future__ import annotations

import shlex

import attrs

from seedbed.command.console import Console
from seedbed.dynamo.addresses import AWS, address_of, without_user


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
    images: str | None = None

    @property
    def place(self) -> str:
        """The options that name an endpoint's table."""
        return shlex.join(["--endpoint-url", str(self.endpoint_url), "--table", self.table])


def real_place(console: Console, endpoint_url: str | None, real: str | None) -> str | None:
    """Return where an endpoint really is; say so where AWS's configuration sends aws to another place."""
    if endpoint_url != AWS or real is None or address_of(real).is_of_aws:
        return endpoint_url
    console.warn(f"aws is {real} here: AWS's configuration (AWS_ENDPOINT_URL, or a profile) says so")
    return real
