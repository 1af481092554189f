"""The social app in a browser: people, profiles, posts, threads and feeds from the services, and the world's figures.

    from factories.pages import pages

    Starlette(routes=pages(app))  # `seedbed.serve.pages.guarded` puts its guard before them, which forms need

No page scans the table: each is a bounded number of reads, whatever the table holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from factories.pages import acts, assets, people, posts, recounts
from factories.pages.site import Site
from factories.pages.world import World

if TYPE_CHECKING:
    from services import App

__all__ = ["World", "pages"]


def pages(app: App, *, world: World | None = None, is_read_only: bool = False) -> list[Route]:
    """Return the pages of an app as Starlette's routes.

    Args:
        app: The app, open for as long as they are served.
        world: The figures that the page *World* shows, where there are.
        is_read_only: Show no button that writes, and refuse what would.
    """
    shown = world or World()
    shown.begin()
    site = Site(app, is_read_only=is_read_only)
    return [
        Route("/", site.view(people.everybody)),
        Route("/me", site.view(people.choice)),
        Route("/me", site.view(acts.become), methods=["POST"]),
        Route("/people/{handle}", site.view(people.profile)),
        Route("/people/{handle}/followers", site.view(people.followers)),
        Route("/people/{handle}/following", site.view(people.following)),
        Route("/people/{handle}/feed", site.view(posts.feed)),
        Route("/people/{handle}/follow", site.act(acts.follow), methods=["POST"]),
        Route("/posts/{post_id}", site.view(posts.thread)),
        Route("/posts/{post_id}/likes", site.view(posts.likes)),
        Route("/posts/{post_id}/like", site.act(acts.like), methods=["POST"]),
        Route("/posts/{post_id}/comments", site.act(acts.comment), methods=["POST"]),
        Route("/recounts/people/{handle}", site.view(recounts.of_person)),
        Route("/recounts/posts/{post_id}", site.view(recounts.of_post)),
        Route("/recounts/threads/{post_id}", site.view(recounts.of_thread)),
        Route("/world", site.view(shown.show)),
        Route("/world", site.view(shown.look), methods=["POST"]),
        *assets.ROUTES,
        Route("/{path:path}", site.view(people.nothing)),
    ]
