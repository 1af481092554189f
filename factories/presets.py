"""Presets: how large and how lively a seeded world is. Three are built in, others are read from TOML files.

    users = 20
    verified = 0.25                  # a share of the users
    influencers = 2
    influencer_followers = [50, 80]  # least and most
    posts_per_user = [1, 3]
    likes_per_post = [0, 5]
    comments_per_post = [0, 2]
    follows_per_user = 3

Fields that a file leaves out are those of `minimal`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from factories.errors import FactoryError, near
from seedbed.strategy.ranges import COUNT_MAX, Range, find_count

ROWS_MAX = 10_000_000
"""More rows are made only where somebody says that they are meant: five times `stress`, hours of writing."""
FAN_OUT_LIMIT = 1_000
"""Authors with more followers are merged on read (services.app has the rule; this is for an estimate)."""


@attrs.frozen(kw_only=True)
class Preset:
    """The size of a world. For the followers of its influencers an audience is made beside `users`."""

    name: str
    users: int
    verified: float
    influencers: int
    influencer_followers: Range
    posts_per_user: Range
    likes_per_post: Range
    comments_per_post: Range
    follows_per_user: int

    @property
    def identity(self) -> str:
        """What a world is drawn from: all that a file says, not its name; so an edited one makes another world.

        Of a file that says what a built-in preset says, it is that one's name.
        """
        nameless = attrs.evolve(self, name="")
        built_in = (name for name, preset in PRESETS.items() if attrs.evolve(preset, name="") == nameless)
        return next(built_in, repr(nameless))

    @property
    def rows(self) -> int:
        """About how many rows the world will have, for a warning."""
        posts = self.users * _middle(self.posts_per_user)
        fans = _typical(self.influencer_followers)
        deliveries = self.follows_per_user + (self.influencers / self.users * fans if fans <= FAN_OUT_LIMIT else 0)
        of_users = 4 * (self.users + (fans if self.influencers else 0))
        of_follows = 2 * (self.users * self.follows_per_user + self.influencers * fans)
        of_post = 2 + _typical(self.likes_per_post) + _typical(self.comments_per_post) + deliveries
        return round(of_users + of_follows + posts * of_post)


def _middle(span: Range) -> float:
    return (span.min + span.max) / 2


def _typical(span: Range) -> float:
    return span.min + (span.max - span.min) / 4


PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            name="minimal",
            users=10,
            verified=0.5,
            influencers=1,
            influencer_followers=Range(20, 40),
            posts_per_user=Range(1, 3),
            likes_per_post=Range(0, 5),
            comments_per_post=Range(0, 2),
            follows_per_user=3,
        ),
        Preset(
            name="realistic",
            users=50,
            verified=0.2,
            influencers=5,
            influencer_followers=Range(1_001, 1_200),
            posts_per_user=Range(3, 10),
            likes_per_post=Range(0, 20),
            comments_per_post=Range(0, 5),
            follows_per_user=10,
        ),
        Preset(
            name="stress",
            users=1_000,
            verified=0.1,
            influencers=50,
            influencer_followers=Range(1_001, 20_000),
            posts_per_user=Range(5, 20),
            likes_per_post=Range(10, 100),
            comments_per_post=Range(5, 30),
            follows_per_user=50,
        ),
    )
}
DEFAULT = "realistic"


class UnknownPresetError(FactoryError):
    """No preset goes by this name, and it is no TOML file either."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no preset is called {name!r}: {near(name, PRESETS)} (your own: a file that ends in .toml)")


class InvalidPresetError(FactoryError):
    """A preset's file cannot be read, or fields of it are wrong; all of them are named."""

    def __init__(self, path: str, wrong: list[str]) -> None:
        self.path = path
        self.wrong = tuple(wrong)
        super().__init__(f"{path} is no preset: {'; '.join(wrong)}")


def find_preset(name: str) -> Preset:
    """Return a built-in preset by name, or read one from a path that ends in `.toml`.

    Raises:
        UnknownPresetError: there is no such preset.
        InvalidPresetError: the file cannot be read, or fields of it are wrong.
    """
    if name in PRESETS:
        return PRESETS[name]
    if not name.endswith(".toml"):
        raise UnknownPresetError(name)
    return _check(name, _read(name))


def _read(path: str) -> Mapping[str, Any]:
    if Path(path).is_fifo():  # it would be waited for, maybe for good
        raise InvalidPresetError(path, ["it cannot be read (a pipe is no file)"])
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidPresetError(path, [f"it cannot be read ({error.strerror})"]) from error
    except (ValueError, RecursionError) as error:  # also of text that is no UTF-8, or nested too deep
        raise InvalidPresetError(path, [f"it is not TOML: {error}"]) from error


def _check(path: str, given: Mapping[str, Any]) -> Preset:
    fields = {field.name: str(field.type) for field in attrs.fields(Preset) if field.name != "name"}
    wrong = {name: f"there is no such field, {near(name, fields)}" for name in given if name not in fields}
    values: dict[str, Any] = {"name": Path(path).stem}
    for name in given.keys() & fields.keys():
        try:
            values[name] = _field(name, fields[name], given[name])
        except ValueError as error:
            wrong[name] = str(error)
    preset = attrs.evolve(_small(values.get("users", PRESETS["minimal"].users)), **values)
    if "users" not in wrong:  # else there is nothing to compare with
        wrong = {**_contradictions(preset), **wrong}
    if wrong:
        order = [*given, *fields]
        raise InvalidPresetError(path, [f"{name}: {wrong[name]}" for name in sorted(wrong, key=order.index)])
    return preset


def _small(users: int) -> Preset:
    """Return `minimal`, cut down to what so few users can do."""
    preset = PRESETS["minimal"]
    return attrs.evolve(
        preset,
        influencers=min(preset.influencers, users),
        follows_per_user=min(preset.follows_per_user, users - 1),
    )


def _field(name: str, kind: str, value: object) -> int | float | Range:
    if kind == "Range":
        return _range(value)
    if kind == "float":
        return _share(value)
    least = 1 if name == "users" else 0
    count = find_count(value)
    if count is None or not least <= count <= COUNT_MAX:
        message = f"must be a whole number from {least} to {COUNT_MAX:,}, not {value!r}"
        raise ValueError(message)
    return count


def _is_count(value: object) -> bool:
    count = find_count(value)
    return count is not None and count <= COUNT_MAX


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        message = f"must be a share from 0 to 1, not {value!r}"
        raise ValueError(message)
    return float(value)


def _range(value: object) -> Range:
    bounds: list[Any] = value if isinstance(value, list) else [value, value]
    if len(bounds) != 2 or not all(map(_is_count, bounds)):  # noqa: PLR2004 - least and most
        message = f"must be [least, most], whole numbers from 0 to {COUNT_MAX:,}, not {value!r}"
        raise ValueError(message)
    if bounds[0] > bounds[1]:
        message = f"must be [least, most], and {value!r} is the wrong way round"
        raise ValueError(message)
    return Range(*bounds)


def _contradictions(preset: Preset) -> dict[str, str]:
    """Say which fields cannot be true of the same world."""
    users, influencers, follows = preset.users, preset.influencers, preset.follows_per_user
    wrong = {}
    if influencers > users:
        wrong["influencers"] = f"{influencers} of {users} users cannot be influencers"
    if follows >= users:
        wrong["follows_per_user"] = f"nobody can follow {follows} others of {users} users"
    elif preset.influencer_followers.min < users - 1 and follows > users - 1 - influencers:
        # An influencer may be full then, and who is not an influencer is too few.
        wrong["influencer_followers"] = f"must be {users - 1} or more where {users} users follow {follows} others each"
    if preset.likes_per_post.min > users:
        wrong["likes_per_post"] = f"a post cannot have {preset.likes_per_post.min} likes of {users} users"
    return wrong
