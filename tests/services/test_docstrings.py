"""What docstrings and errors of the services say is so: every error that a caller can meet is listed."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import seedbed.dynamo
import services
from factories.command.remedies import REMEDIES, with_remedy
from services import connect, errors
from services.comments import CommentService
from services.feeds import FeedService
from services.follows import FollowService
from services.likes import LikeService
from services.posts import PostService
from services.profiles import ProfileService

NOBODY = "01890000-0000-7000-8000-000000000000"
SERVICES = {
    "profiles": ProfileService,
    "posts": PostService,
    "likes": LikeService,
    "comments": CommentService,
    "follows": FollowService,
    "feeds": FeedService,
}
METHODS = [
    (name, method)
    for name, kind in SERVICES.items()
    for method, _ in inspect.getmembers(kind, inspect.isfunction)
    if not method.startswith("_")
]
WRONG: list[Any] = [
    None,
    "",
    0,
    -1,
    5,
    True,
    "no id",
    "x" * 3_000,
    "\ud800",
    b"bytes",
    object(),
    [None],
    [""],
    NOBODY,
    (),
]
SECTION = re.compile(r"Raises:\n((?:.+\n?)+)")
ENTRY = re.compile(r"^\s+(\w+): ", re.MULTILINE)


def listed(method: Callable[..., Any]) -> tuple[type[BaseException], ...]:
    found = SECTION.search(inspect.getdoc(method) or "")
    names = ENTRY.findall(found[1]) if found else []
    return tuple(getattr(errors, name, None) or {"TypeError": TypeError}[name] for name in names)


class Stage:
    """An app with two people, posts and a comment, and a right value for each parameter."""

    def __init__(self) -> None:
        self.app = connect(seed=1)
        app = self.app
        ann, bob = (self.sign_up(name) for name in ("ann", "bob"))
        app.follows.follow_user(bob, ann)
        post = app.posts.create_post(author_id=ann)
        hidden = app.posts.create_post(author_id=ann, is_public=False)
        comment = app.comments.create_comment(bob, post.id, "yes")
        self.people, self.posts, self.comments = [ann, bob], [post.id, hidden.id], [comment.id]
        self.values: dict[str, list[Any]] = {
            **dict.fromkeys(("user_id", "author_id", "reader_id", "follower_id", "followee_id"), self.people),
            **dict.fromkeys(("post_id",), self.posts),
            **dict.fromkeys(("comment_id", "parent_comment_id"), self.comments),
            "user_ids": [self.people],
            "post_ids": [self.posts],
            "content": ["hm"],
            "handle": ["ann", "free"],
            "email": ["ann@example.org", "free@example.org"],
            "username": ["ann_name", "free"],
            "full_name": ["Free"],
            "limit": [5],
            "cursor": [None],
        }

    def sign_up(self, name: str) -> str:
        return self.app.profiles.create_profile(
            email=f"{name}@example.org", username=f"{name}_name", handle=name, full_name=name
        ).id

    def calls(self, method: Callable[..., Any]) -> Iterator[dict[str, Any]]:
        """Right arguments, and those with one wrong one each."""
        parameters = inspect.signature(method).parameters.values()
        names = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
        needed = [p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
        for place in range(2):
            right = {name: self.values[name][place % len(self.values[name])] for name in needed}
            yield right
            for name in names:
                yield from (right | {name: wrong} for wrong in WRONG)
            for other in self.people:
                yield from (right | {name: other} for name in names if name.endswith("_id"))
        if len(names) < len(parameters):
            for field in (
                "caption",
                "image_url",
                "tags",
                "is_public",
                "handle",
                "email",
                "bio",
                "email_verified",
                "none",
            ):
                yield from (right | {field: wrong} for wrong in (*WRONG, "bob", "bob@example.org"))


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    with stage.app:
        yield stage


@pytest.mark.parametrize(("service", "name"), METHODS, ids=[f"{service}.{name}" for service, name in METHODS])
def test_a_docstring_lists_every_error_that_is_raised(stage, service, name):
    method = getattr(getattr(stage.app, service), name)
    allowed = listed(method)
    met = [error for arguments in list(stage.calls(method)) if (error := raised(method, arguments)) is not None]
    assert [error for error in met if not isinstance(error, allowed)] == []
    assert met or not allowed


def raised(method: Callable[..., Any], arguments: dict[str, Any]) -> Exception | None:
    try:
        method(**arguments)
    except Exception as error:  # noqa: BLE001 - whatever comes is to be listed
        error.add_note(f"{arguments}")
        return error
    return None


def test_the_methods_are_all_looked_at():
    assert len(METHODS) >= 35
    assert {name for _, name in METHODS} >= {"unread", "statuses", "get_many", "delete_profile", "deliver"}


# Services know no command

SOURCES = [*Path(services.__file__).parent.rglob("*.py"), *Path(seedbed.dynamo.__file__).parent.rglob("*.py")]
COMMAND = re.compile(r"(?<![\w-])--[a-z]|`seed\b|\bseed (?:reset|audit|status|shell|it)\b")


def strings(path: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.lineno, node.value


def test_no_error_of_a_service_names_the_command_s_options():
    found = [
        f"{path.name}:{line}: {text}"
        for path in sorted(SOURCES)
        for line, text in strings(path)
        if COMMAND.search(text)
    ]
    assert found == []


@pytest.mark.parametrize("kind", REMEDIES, ids=lambda kind: kind.__name__)
def test_the_command_adds_the_remedy_also_to_what_an_error_caused(kind):
    needed = {"NoImportsError": ("u", "why"), "RunResettingError": ("r", "the run"), "TableShapeError": ("t", ["a"])}
    error = kind(*needed.get(kind.__name__, ("t",)))
    stopped = errors.StoppedError(error, committed=1, unwritten=2)
    assert with_remedy(error) == f"{error}: {REMEDIES[kind]}"
    assert with_remedy(stopped) == f"{stopped}: {REMEDIES[kind]}"
    assert with_remedy(ValueError("x")) == "x"
