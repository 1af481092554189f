"""Type variables that are Any where nobody says more: for a checker only, since Python has defaults from 3.13 on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    Answer = TypeVar("Answer", default=Any)
    App_co = TypeVar("App_co", covariant=True, default=Any)
    Made_co = TypeVar("Made_co", covariant=True, default=Any)
    Opened_co = TypeVar("Opened_co", covariant=True, default=Any)
else:
    from typing import TypeVar

    Answer = TypeVar("Answer")
    App_co = TypeVar("App_co", covariant=True)
    Made_co = TypeVar("Made_co", covariant=True)
    Opened_co = TypeVar("Opened_co", covariant=True)
