"""The app as plain Python: what each call does to sets and dicts, or which error it is refused with."""

from __future__ import annotations

from typing import Any

import attrs

from services import errors
from services.errors import ServiceError

Refused = type[ServiceError] | None


@attrs.define
class Person:
    handle: str
    email: str
    username: str
    bio: str | None = None


@attrs.define
class Text:
    author: str
    is_public: bool = True
    caption: str = ""


@attrs.define
class Reply:
    post: str
    user: str
    parent: str | None


@attrs.define
class Model:
    """Who and what there is. `call(name, *args)` plays one call; `made` is the id of what a create call made."""

    people: dict[str, Person] = attrs.Factory(dict)
    posts: dict[str, Text] = attrs.Factory(dict)
    likes: dict[tuple[str, str], None] = attrs.Factory(dict)  # (user, post), in the order of liking
    comments: dict[str, Reply] = attrs.Factory(dict)
    follows: set[tuple[str, str]] = attrs.Factory(set)
    read: set[tuple[str, str]] = attrs.Factory(set)

    def call(self, name: str, args: tuple[Any, ...], made: str | None = None) -> Refused:
        act = getattr(self, name)
        return act(*args) if made is None else act(made, *args)

    # Profiles

    def _claimed(self, field: str, value: str, but: str | None = None) -> bool:
        return any(getattr(person, field).lower() == value.lower() for key, person in self.people.items() if key != but)

    def create_profile(self, made: str, stem: str) -> Refused:
        person = profile_fields(stem)
        for field, error in TAKEN.items():
            if self._claimed(field, person[field]):
                return error
        self.people[made] = Person(person["handle"], person["email"], person["username"])
        return None

    def update_profile(self, user: str, changes: dict[str, Any]) -> Refused:
        if user not in self.people:
            return errors.UserNotFoundError
        for field, error in TAKEN.items():
            if field in changes and self._claimed(field, changes[field], user):
                return error
        for field, value in changes.items():
            setattr(self.people[user], field, value)
        return None

    def delete_profile(self, user: str) -> Refused:
        for post in [post for post, text in self.posts.items() if text.author == user]:
            self.delete_post(post, user)
        self.likes = {like: None for like in self.likes if like[0] != user}
        for key, reply in list(self.comments.items()):
            if reply.user == user and key in self.comments:
                self.delete_comment(reply.post, key, user)
        self.follows = {pair for pair in self.follows if user not in pair}
        self._unread(lambda mark: mark[0] == user)
        self.people.pop(user, None)
        return None

    # Posts

    def create_post(self, made: str, author: str, is_public: bool) -> Refused:
        if author not in self.people:
            return errors.UserNotFoundError
        self.posts[made] = Text(author, is_public)
        return None

    def update_post(self, post: str, user: str, changes: dict[str, Any]) -> Refused:
        if refused := self._not_own(post, user):
            return refused
        for field, value in changes.items():
            setattr(self.posts[post], field, value)
        if not self.posts[post].is_public:
            self._unread(lambda mark: mark[1] == post)
        return None

    def delete_post(self, post: str, user: str) -> Refused:
        if refused := self._not_own(post, user):
            return refused
        del self.posts[post]
        self.likes = {like: None for like in self.likes if like[1] != post}
        self.comments = {key: comment for key, comment in self.comments.items() if comment.post != post}
        self._unread(lambda mark: mark[1] == post)
        return None

    def _not_own(self, post: str, user: str) -> Refused:
        if post not in self.posts:
            return errors.PostNotFoundError
        return None if self.posts[post].author == user else errors.NotAuthorError

    # Likes

    def like_post(self, user: str, post: str) -> Refused:
        if (user, post) in self.likes:
            return None
        if post not in self.posts:
            return errors.PostNotFoundError
        if user not in self.people:
            return errors.UserNotFoundError
        self.likes[user, post] = None
        return None

    def unlike_post(self, user: str, post: str) -> Refused:
        self.likes.pop((user, post), None)
        return None

    # Comments

    def create_comment(self, made: str, user: str, post: str, parent: str | None) -> Refused:
        if post not in self.posts:
            return errors.PostNotFoundError
        if parent is not None and (parent not in self.comments or self.comments[parent].post != post):
            return errors.CommentNotFoundError
        if user not in self.people:
            return errors.UserNotFoundError
        self.comments[made] = Reply(post, user, parent)
        return None

    def delete_comment(self, post: str, comment: str, user: str) -> Refused:
        found = self.comments.get(comment)
        if found is None or found.post != post:
            return errors.CommentNotFoundError
        if found.user != user:
            return errors.NotAuthorError
        gone, todo = {comment}, [comment]
        while todo:
            last = todo.pop()
            below = [key for key, reply in self.comments.items() if reply.parent == last]
            gone.update(below)
            todo += below
        self.comments = {key: reply for key, reply in self.comments.items() if key not in gone}
        return None

    # Follows and feeds

    def follow_user(self, follower: str, followee: str) -> Refused:
        if follower == followee:
            return errors.SelfFollowError
        if (follower, followee) in self.follows:
            return None
        if follower not in self.people or followee not in self.people:
            return errors.UserNotFoundError
        self.follows.add((follower, followee))
        return None

    def unfollow_user(self, follower: str, followee: str) -> Refused:
        if follower == followee:
            return errors.SelfFollowError
        self.follows.discard((follower, followee))
        self._unread(lambda mark: mark[0] == follower and self.posts[mark[1]].author == followee)
        return None

    def mark_read(self, user: str, post: str) -> Refused:
        if post not in self.posts:
            return errors.PostNotFoundError
        if (user, self.posts[post].author) not in self.follows:
            return errors.NotFollowingError
        if not self.posts[post].is_public:
            return errors.PostNotPublicError
        self.read.add((user, post))
        return None

    def _unread(self, is_gone: Any) -> None:
        self.read = {mark for mark in self.read if not is_gone(mark)}

    # What reads must show

    def feed(self, user: str) -> list[tuple[str, bool]]:
        followed = {followee for follower, followee in self.follows if follower == user}
        shown = [post for post, text in self.posts.items() if text.is_public and text.author in followed]
        return [(post, (user, post) in self.read) for post in sorted(shown, reverse=True)]


TAKEN: dict[str, type[ServiceError]] = {
    "email": errors.EmailTakenError,
    "username": errors.UsernameTakenError,
    "handle": errors.HandleTakenError,
}


def profile_fields(stem: str) -> dict[str, str]:
    return {"email": f"{stem}@example.org", "username": f"{stem}_name", "handle": stem, "full_name": "Somebody"}


def perform(app: Any, name: str, args: tuple[Any, ...]) -> Any:  # noqa: C901, PLR0911 - one line a call
    """Make the same call of the app."""
    match name, args:
        case "create_profile", (stem,):
            return app.profiles.create_profile(**profile_fields(stem))
        case "update_profile", (user, changes):
            return app.profiles.update_profile(user, **changes)
        case "delete_profile", (user,):
            return app.profiles.delete_profile(user)
        case "create_post", (author, is_public):
            return app.posts.create_post(author_id=author, is_public=is_public)
        case "update_post", (post, user, changes):
            return app.posts.update_post(post, user_id=user, **changes)
        case "delete_post", (post, user):
            return app.posts.delete_post(post, user_id=user)
        case "create_comment", (user, post, parent):
            return app.comments.create_comment(user, post, "so it is", parent)
        case "delete_comment", (post, comment, user):
            return app.comments.delete_comment(post, comment, user_id=user)
        case "like_post" | "unlike_post", _:
            return getattr(app.likes, name)(*args)
        case "follow_user" | "unfollow_user", _:
            return getattr(app.follows, name)(*args)
        case _:
            return getattr(app.feeds, name)(*args)
