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

from factories.errors import FactoryError, InvalidRangeError, near
from factories.ranges import Range

USERS_MAX = 1_000_000


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
            influencer_followers=Range(1_001, 3_000),
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
        super().__init__(
            f"no preset is called {name!r}: {near(name, PRESETS)} A preset of your own is a .toml file."
        )


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
    return _checked(name, _read(name))


def _read(path: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidPresetError(path, [f"it cannot be read ({error.__class__.__name__})"]) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidPresetError(path, [f"it is not TOML: {error}"]) from error


def _checked(path: str, given: Mapping[str, Any]) -> Preset:
    fields = {field.name: field.type for field in attrs.fields(Preset) if field.name != "name"}
    wrong = [f"{name}: there is no such field, {near(name, fields)}" for name in given if name not in fields]
    values: dict[str, Any] = {"name": Path(path).stem}
    for name, value in given.items():
        try:
            if name in fields:
                values[name] = _field(name, str(fields[name]), value)
        except (ValueError, InvalidRangeError) as error:
            wrong.append(f"{name}: {error}")
    if wrong:
        raise InvalidPresetError(path, wrong)
    return _consistent(path, attrs.evolve(_small(values.get("users", PRESETS["minimal"].users)), **values))


def _small(users: int) -> Preset:
    """Return `minimal`, cut down to what so few users can do."""
    preset = PRESETS["minimal"]
    return attrs.evolve(
        preset,
        influencers=min(preset.influencers, users),
        follows_per_user=min(preset.follows_per_user, users - 1),
    )


def _field(name: str, kind: str, value: Any) -> int | float | Range:
    if kind == "Range":
        return _range(value)
    if kind == "float":
        return _share(value)
    least = 1 if name == "users" else 0
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= USERS_MAX:
        message = f"must be a whole number from {least} to {USERS_MAX:,}, not {value!r}"
        raise ValueError(message)
    return value


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        message = f"must be a share from 0 to 1, not {value!r}"
        raise ValueError(message)
    return float(value)


def _range(value: Any) -> Range:
    if isinstance(value, int):
        return Range(value, value)
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - least and most
        message = f"must be [least, most], not {value!r}"
        raise ValueError(message)
    return Range(*value)


def _consistent(path: str, preset: Preset) -> Preset:
    wrong = []
    if preset.influencers > preset.users:
        wrong.append(f"influencers: {preset.influencers} of {preset.users} users cannot be influencers")
    if preset.follows_per_user >= preset.users:
        wrong.append(
            f"follows_per_user: nobody can follow {preset.follows_per_user} others of {preset.users} users"
        )
    if preset.likes_per_post.min > preset.users:
        wrong.append(
            f"likes_per_post: a post cannot have {preset.likes_per_post.min} likes of {preset.users} users"
        )
    if wrong:
        raise InvalidPresetError(path, wrong)
    return preset
