"""The built-in presets as the suite names them: each makes its world in the app that is bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from factories.presets import PRESETS, Preset
from factories.seeding.making import Progress, no_progress
from factories.seeding.seeder import Seeder
from services import Post, User


def make(preset: Preset, app: Any, progress: Progress = no_progress) -> dict[str, User | tuple[User, ...] | Post]:
    """Make a preset's world, and name what is worth looking at: `star`, `post`, `users`, `influencers`.

    The star has the most followers, and the post is the one of the star's latest fifty that has the most likes.
    """
    made = Seeder(app, preset, progress).run()
    stored = app.profiles.get_many([user.id for user in made.users])
    star = max(stored.values(), key=lambda user: user.followers_count)
    posts = app.posts.by_author(star.id).items
    named: dict[str, Any] = {"star": star, "users": tuple(stored.values())}
    named["influencers"] = tuple(stored[user.id] for user in made.influencers)
    return named if not posts else named | {"post": max(posts, key=lambda post: post.likes_count)}


presets: Mapping[str, Callable[..., Any]] = {name: partial(make, preset) for name, preset in PRESETS.items()}
