"""A social app's service layer over one DynamoDB table, written as if it ran in production.

`connect` gives an `App` with one service each for profiles, posts, likes, comments, follows and feeds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.entities import Comment, FeedEntry, FeedItem, Follow, Like, Page, Post, User

if TYPE_CHECKING:
    from services.app import App, connect

__all__ = [
    "App",
    "Comment",
    "FeedEntry",
    "FeedItem",
    "Follow",
    "Like",
    "Page",
    "Post",
    "User",
    "connect",
]

if not TYPE_CHECKING:  # to a checker a module that has `__getattr__` has any name

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - App or connect
        """Load the app when it is asked for: the AWS client costs a third of a second, and `seed --help` needs none.

        Raises:
            AttributeError: there is no such name.
        """
        if name in {"App", "connect"}:
            from services import app  # noqa: PLC0415 - see above

            return getattr(app, name)
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
