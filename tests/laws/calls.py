"""Drawing calls: which there are, and how places in the lists of what was made become ids."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st

from tests.laws.model import Model

NOBODY = "01890000-0000-7000-8000-000000000000"
STEMS = ["ann", "bob", "cid", "dan", "eve", "fay", "ANN", "Bob"]

places = st.integers(0, 30)
stems = st.sampled_from(STEMS)
profile_changes = st.fixed_dictionaries(
    {},
    optional={"handle": stems, "username": stems.map(lambda stem: stem + "_name"), "bio": st.sampled_from([None, "x"])},
)
post_changes = st.fixed_dictionaries({}, optional={"is_public": st.booleans(), "caption": st.sampled_from(["", "x"])})
# Targets are places in the lists of what was made so far, taken round.
calls = st.one_of(
    st.tuples(st.just("create_profile"), stems),
    st.tuples(st.just("update_profile"), places, profile_changes),
    st.tuples(st.just("delete_profile"), places),
    st.tuples(st.just("create_post"), places, st.booleans()),
    st.tuples(st.just("create_post"), places, st.just(value=True)),
    st.tuples(st.just("update_post"), places, places, post_changes),
    st.tuples(st.just("delete_post"), places, places),
    st.tuples(st.just("like_post"), places, places),
    st.tuples(st.just("like_post"), places, places),
    st.tuples(st.just("unlike_post"), places, places),
    st.tuples(st.just("create_comment"), places, places, st.none() | places),
    st.tuples(st.just("delete_comment"), places, places),
    st.tuples(st.just("follow_user"), places, places),
    st.tuples(st.just("follow_user"), places, places),
    st.tuples(st.just("unfollow_user"), places, places),
    st.tuples(st.just("mark_read"), places, places),
)


class Names:
    """What was made so far, also what was refused: the lists that calls draw their targets from."""

    def __init__(self) -> None:
        self.people: list[str] = []
        self.posts: list[str] = []
        self.comments: list[tuple[str, str, str]] = []

    def resolve(self, drawn: tuple[Any, ...], model: Model) -> tuple[str, tuple[Any, ...]]:
        name, *rest = drawn
        return name, getattr(self, f"_{name}", self._pair)(*rest)(model) if name in self.SPECIAL else self._pair(*rest)

    SPECIAL = frozenset(
        {
            "create_profile",
            "update_profile",
            "delete_profile",
            "create_post",
            "update_post",
            "delete_post",
            "create_comment",
        }
        | {"delete_comment", "follow_user", "unfollow_user"}
    )

    def person(self, place: int) -> str:
        return self.people[place % len(self.people)] if self.people and place < 30 else NOBODY

    def post(self, place: int) -> str:
        return self.posts[place % len(self.posts)] if self.posts and place < 30 else NOBODY

    def owner(self, post: str, place: int, model: Model) -> str:
        """Mostly the author: else nearly all would be refused."""
        return model.posts[post].author if post in model.posts and place % 5 else self.person(place)

    def _pair(self, user: int, post: int) -> tuple[str, str]:
        return self.person(user), self.post(post)

    def _create_profile(self, stem: str) -> Any:
        return lambda _model: (stem,)

    def _update_profile(self, user: int, changes: dict[str, Any]) -> Any:
        return lambda _model: (self.person(user), changes)

    def _delete_profile(self, user: int) -> Any:
        return lambda _model: (self.person(user),)

    def _create_post(self, author: int, is_public: bool) -> Any:
        return lambda _model: (self.person(author), is_public)

    def _update_post(self, post: int, user: int, changes: dict[str, Any]) -> Any:
        return lambda model: (self.post(post), self.owner(self.post(post), user, model), changes)

    def _delete_post(self, post: int, user: int) -> Any:
        return lambda model: (self.post(post), self.owner(self.post(post), user, model))

    def _create_comment(self, user: int, post: int, parent: int | None) -> Any:
        def resolved(model: Model) -> tuple[str, str, str | None]:
            if parent is None or not self.comments:
                return self.person(user), self.post(post), None
            target, comment, _ = self.comments[parent % len(self.comments)]
            return self.person(user), target if post % 5 else self.post(post), comment

        return resolved

    def _delete_comment(self, place: int, user: int) -> Any:
        def resolved(model: Model) -> tuple[str, str, str]:
            post, comment, author = self.comments[place % len(self.comments)] if self.comments else (NOBODY,) * 3
            return post, comment, author if user % 5 else self.person(user)

        return resolved

    def _follow_user(self, follower: int, followee: int) -> Any:
        return lambda _model: (self.person(follower), self.person(followee))

    _unfollow_user = _follow_user

    def note(self, name: str, args: tuple[Any, ...], made: str) -> str | None:
        """Keep the id of what a create call made; None of any other call."""
        if name == "create_profile":
            self.people.append(made)
        elif name == "create_post":
            self.posts.append(made)
        elif name == "create_comment":
            self.comments.append((args[1], made, args[0]))
        else:
            return None
        return made
