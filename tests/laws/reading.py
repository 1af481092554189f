"""Read everything that an app shows, and compare it with the model."""

from __future__ import annotations

from typing import Any

from services.app import App
from services.entities import Comment, FeedItem, Follow, Like, Post, User
from services.rows import items, keys
from tests.contract.world import read_all
from tests.laws.model import Model

GONE = object()


ROWS: dict[type, tuple[Any, Any]] = {
    User: (lambda user: keys.user_key(user.id), items.user_of),
    Post: (lambda post: keys.post_key(post.id), items.post_of),
    Comment: (lambda comment: keys.comment_key(comment.post_id, comment.id), items.comment_of),
    Like: (lambda like: keys.like_key(like.post_id, like.user_id), items.like_of),
    Follow: (lambda follow: keys.follow_key(follow.follower_id, follow.followee_id), items.follow_of),
    FeedItem: (lambda item: keys.feed_key(item.reader_id, item.post_id), items.feed_item_of),
}


def as_stored(app: App, value: Any) -> Any:
    """What a read of its row gives for a value that a call returned; GONE where there is none."""
    if type(value) not in ROWS:
        return value
    key_of, read = ROWS[type(value)]
    row = app.session.get(key_of(value))
    return GONE if row is None else read(row)


def shown(app: App, model: Model, limit: int) -> dict[str, Any]:
    """What all reads of the app show, told in the model's words."""
    people, posts = sorted(model.people), sorted(model.posts)
    users = app.profiles.get_many(people)
    texts = app.posts.get_many(posts)

    def ids(read: Any, *args: str) -> list[str]:
        return [item.id for item in read_all(lambda **page: read(*args, **page), limit)]

    def entries(read: Any, user: str) -> list[tuple[str, bool]]:
        return [(entry.post_id, entry.is_read) for entry in read_all(lambda **page: read(user, **page), limit)]

    return {
        "people": {key: (user.handle, user.email, user.username, user.bio) for key, user in sorted(users.items())},
        "counts": {
            key: (user.posts_count, user.followers_count, user.following_count) for key, user in sorted(users.items())
        },
        "found": {key: app.profiles.find_by_handle(users[key].handle.upper()) == users[key] for key in users},
        "posts": {
            key: (post.author_id, post.is_public, post.caption, post.likes_count, post.comments_count)
            for key, post in sorted(texts.items())
        },
        "by_author": {key: ids(app.posts.by_author, key) for key in people},
        "likers": {key: ids(app.likes.likers, key) for key in posts},
        "liked": {key: ids(app.likes.liked_posts, key) for key in people},
        "statuses": {key: app.likes.statuses(key, posts) for key in people},
        "comments": {
            key: [
                (comment.id, comment.user_id, comment.parent_comment_id, comment.replies_count)
                for comment in read_all(lambda **page: app.comments.of_post(key, **page), limit)  # noqa: B023 - read at once
            ]
            for key in posts
        },
        "replies": {key: ids(app.comments.replies, reply.post, key) for key, reply in sorted(model.comments.items())},
        "followers": {key: ids(app.follows.followers, key) for key in people},
        "following": {key: ids(app.follows.following, key) for key in people},
        "feed": {key: entries(app.feeds.read, key) for key in people},
        "unread": {key: entries(app.feeds.unread, key) for key in people},
    }


def wanted(model: Model) -> dict[str, Any]:
    """What they must show."""
    people, posts, comments = sorted(model.people), sorted(model.posts), sorted(model.comments)
    feeds = {key: model.feed(key) for key in people}
    return {
        "people": {
            key: (person.handle, person.email, person.username, person.bio)
            for key, person in sorted(model.people.items())
        },
        "counts": {
            key: (
                sum(text.author == key for text in model.posts.values()),
                sum(followee == key for _, followee in model.follows),
                sum(follower == key for follower, _ in model.follows),
            )
            for key in people
        },
        "found": dict.fromkeys(people, True),
        "posts": {
            key: (
                model.posts[key].author,
                model.posts[key].is_public,
                model.posts[key].caption,
                sum(post == key for _, post in model.likes),
                sum(reply.post == key for reply in model.comments.values()),
            )
            for key in posts
        },
        "by_author": {key: [post for post in posts[::-1] if model.posts[post].author == key] for key in people},
        "likers": {key: sorted(user for user, post in model.likes if post == key) for key in posts},
        "liked": {key: [post for user, post in reversed(model.likes) if user == key] for key in people},
        "statuses": {key: {post: (key, post) in model.likes for post in posts} for key in people},
        "comments": {
            key: [
                (
                    comment,
                    model.comments[comment].user,
                    model.comments[comment].parent,
                    sum(reply.parent == comment for reply in model.comments.values()),
                )
                for comment in comments
                if model.comments[comment].post == key
            ]
            for key in posts
        },
        "replies": {key: [reply for reply in comments if model.comments[reply].parent == key] for key in comments},
        "followers": {key: sorted(one for one, other in model.follows if other == key) for key in people},
        "following": {key: sorted(other for one, other in model.follows if one == key) for key in people},
        "feed": feeds,
        "unread": {key: [(post, read) for post, read in feed if not read] for key, feed in feeds.items()},
    }
