"""Rows on their way out, in the shape in which moto's handlers pass them on."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from seedbed.dynamo.engines.embedded.rows import Attributes


@frozen
class PlainAttributes:
    """Attributes in their final form, wrapped so that moto's response code passes them on unread."""

    plain: Attributes


@frozen
class AnswerItem:
    """What moto's handlers need of an item that they only pass on.

    moto's own `Item` will not do: moto keeps every one that is made or copied until the process ends.
    """

    attributes: Attributes

    @property
    def attrs(self) -> PlainAttributes:
        """All the attributes."""
        return PlainAttributes(self.attributes)

    def describe_attrs(self, attributes: object) -> dict[str, PlainAttributes]:  # noqa: ARG002 - moto's signature
        """Return the attributes as GetItem answers them."""
        return {"Item": self.attrs}

    def to_json(self) -> dict[str, Attributes]:
        """Return the attributes as a write answers them, for moto to take its pick."""
        return {"Attributes": self.attributes}

    def __deepcopy__(self, memo: dict[int, Any]) -> AnswerItem:
        """Return itself: it is a copy already, and nobody changes it."""
        return self
