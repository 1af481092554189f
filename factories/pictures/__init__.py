"""Pictures of people and posts: small SVG, each a function of its key alone, so nothing is kept and nothing is fetched.

A stored address such as `/images/posts/food-1f2e3d4c5b6a.svg` names what is to be drawn; `draw` gives it to a server.
"""

from __future__ import annotations

from factories.pictures.addresses import draw, picture_url
from factories.pictures.kinds import KINDS, images
from factories.pictures.people import person_svg
from factories.pictures.posts import post_svg

__all__ = ["KINDS", "draw", "images", "person_svg", "picture_url", "post_svg"]
