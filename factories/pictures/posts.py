"""Post images: a scene of the post's topic, a few shapes in the post's own colours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from factories.pictures.drawing import Pencil, box, colour, disc, path, sky, stroke, svg

Shapes = list[str]


@lru_cache(maxsize=1_024)
def post_svg(key: str) -> str:
    """Draw a post's image by its id, or by the key in a stored address, which begins with a topic: `food-1f2e`.

    Cost: 100 microseconds.
    """
    pencil = Pencil(f"post/{key}")
    topic = key.partition("-")[0]
    if topic not in SCENES:
        topic = pencil.random.choice(tuple(SCENES))
    title, draw = SCENES[topic]
    return svg(title, *draw(pencil))


def _food(pencil: Pencil) -> Shapes:
    table = sky(pencil.colour(0, 0.86, 0.5), pencil.colour(0.05, 0.72, 0.45))
    toppings = [
        disc(
            pencil.random.choice(("#c0392b", "#e67e22", "#5d8a3a", "#f4d35e", "#8e5572")),
            60 + pencil.number(-20, 20),
            60 + pencil.number(-20, 20),
            pencil.number(5, 11),
        )
        for _ in range(8)
    ]
    cutlery = stroke("#6b7280", 3, "M14 32v56M9 32v14q0 5 5 5t5-5V32M106 88V32q-7 8-7 26h7")
    return [
        table,
        disc("#00000022", 62, 64, 42),
        disc("#fff", 60, 60, 42),
        disc("#f1efe9", 60, 60, 33),
        *toppings,
        cutlery,
    ]


def _travel(pencil: Pencil) -> Shapes:
    peaks = [pencil.number(34, 58) for _ in range(3)]
    sun = disc("#ffe9a8", pencil.number(20, 100), pencil.number(18, 36), pencil.number(8, 13))
    far = path(pencil.colour(0.05, 0.55, 0.3), f"M-10 90L25 {peaks[0]} 55 90 85 {peaks[1]} 130 90z")
    near = path(pencil.colour(0.08, 0.38, 0.3), f"M-5 96L50 {peaks[2]} 100 96z")
    tip = peaks[2]
    snow = path("#fff", f"M50 {tip}l-9 9 6-1 4 4 4-5 5 2z")
    sea = path(pencil.colour(0.1, 0.5, 0.45), "M0 88q15-5 30 0t30 0 30 0 30 0v32H0z")
    boat = pencil.number(20, 90)
    sail = path("#fff", f"M{boat} 100V82l11 18z") + path("#7a4a2b", f"M{boat - 9} 102h22l-5 7h-12z")
    return [sky(pencil.colour(0, 0.72, 0.6), pencil.colour(0.1, 0.9, 0.7)), sun, far, near, snow, sea, sail]


def _music(pencil: Pencil) -> Shapes:
    bars = [
        box(pencil.colour(step * 0.03, 0.6, 0.7), 8 + step * 13, 108 - height, 8, height, round_by=4)
        for step, height in enumerate(pencil.number(8, 36) for _ in range(8))
    ]
    record = [
        disc("#16161d", 60, 46, 36),
        *(f'<circle fill="none" stroke="#fff3" cx="60" cy="46" r="{r}"/>' for r in (31, 26, 21)),
    ]
    label = [disc(pencil.colour(0.5, 0.6, 0.7), 60, 46, 13), disc("#fff", 60, 46, 2.5)]
    arm = stroke("#e5e7eb", 3, f"M106 10v28L{pencil.number(78, 84)} {pencil.number(58, 66)}")
    return [sky(pencil.colour(0, 0.32, 0.5), pencil.colour(0.1, 0.16, 0.5)), *record, *label, arm, *bars]


def _fitness(pencil: Pencil) -> Shapes:
    tilt = pencil.number(-28, 28)
    plates = "".join(
        box(pencil.colour(0.5, 0.5, 0.6), 60 - side - 5, 60 - height / 2, 10, height, round_by=4)
        + box(pencil.colour(0.5, 0.38, 0.6), 60 + side - 5, 60 - height / 2, 10, height, round_by=4)
        for side, height in ((30, 44), (42, 32))
    )
    bar = f'<g transform="rotate({tilt} 60 60)">{stroke("#374151", 5, "M8 60h104")}{plates}</g>'
    rings = [f'<circle fill="none" stroke="#fff5" stroke-width="6" cx="60" cy="60" r="{r}"/>' for r in (34, 50, 66)]
    pulse = stroke("#fff", 2.5, f"M0 104h30l6-{pencil.number(6, 12)} 8 {pencil.number(12, 20)} 7-16 5 8h64")
    return [sky(pencil.colour(0, 0.7, 0.7), pencil.colour(0.08, 0.5, 0.6)), *rings, bar, pulse]


def _pets(pencil: Pencil) -> Shapes:
    fur = colour(pencil.random.choice((0.07, 0.09, 0.1, 0.6)), pencil.number(35, 75) / 100, 0.4)
    inner = "#f2b8b5"
    ear = pencil.number(14, 26)
    ears = path(fur, f"M32 58L30 {ear} 58 38zM88 58L90 {ear} 62 38z") + path(
        inner, f"M37 46l-2-{38 - ear} 14 14zM83 46l2-{38 - ear}-14 14z"
    )
    head = f'<ellipse fill="{fur}" cx="60" cy="68" rx="35" ry="{pencil.number(28, 33)}"/>'
    look = pencil.number(-2, 2)
    eyes = "".join(disc("#fff", x, 62, 7) + disc("#1f2937", x + look, 62, 4) for x in (46, 74))
    nose = path("#c06c6c", "M55 74h10l-5 6z") + stroke("#1f2937", 2, "M60 80q-6 8-11 2M60 80q6 8 11 2")
    whiskers = stroke("#1f293788", 1.5, "M42 78l-22-4M42 82l-21 5M78 78l22-4M78 82l21 5")
    return [sky(pencil.colour(0, 0.85, 0.6), pencil.colour(0.1, 0.7, 0.5)), ears, head, eyes, nose, whiskers]


def _photography(pencil: Pencil) -> Shapes:
    body = box("#2b2d42", 18, 40, 84, 54, round_by=9) + box("#3d405b", 44, 28, 32, 16, round_by=4)
    stripe = box(pencil.colour(0.5, 0.6, 0.6), 18, 52, 84, 9)
    lens = "".join(
        disc(fill, 60, 68, r)
        for fill, r in (("#e5e7eb", 23), ("#111827", 20), (pencil.colour(0.1, 0.35, 0.6), 14), ("#0b1020", 7))
    )
    glint = disc("#fff9", 54, 61, 4) + disc("#fff6", 66, 74, 2)
    bokeh = [disc("#ffffff3a", pencil.number(0, 120), pencil.number(0, 120), pencil.number(6, 18)) for _ in range(5)]
    return [
        sky(pencil.colour(0, 0.6, 0.5), pencil.colour(0.12, 0.42, 0.5)),
        *bokeh,
        body,
        stripe,
        lens,
        glint,
        disc("#ef476f", 91, 47, 3),
    ]


def _gaming(pencil: Pencil) -> Shapes:
    stars = [box("#ffffffb0", pencil.number(0, 118), pencil.number(0, 46), 2, 2) for _ in range(7)]
    pad = path(
        pencil.colour(0.5, 0.85, 0.3),
        "M36 50h48c22 0 30 46 17 50-10 3-15-18-22-18H41c-7 0-12 21-22 18C6 96 14 50 36 50z",
    )
    cross = path("#374151", "M32 58h7v7h7v7h-7v7h-7v-7h-7v-7h7z")
    buttons = "".join(
        disc(colour(pencil.hue + step / 4, 0.55, 0.75), 85 + x, 68 + y, 4.2)
        for step, (x, y) in enumerate(((0, -9), (9, 0), (0, 9), (-9, 0)))
    )
    ghost = pencil.number(20, 88)
    alien = path(pencil.colour(0.3, 0.65, 0.8), f"M{ghost} 34v-12q0-9 9-9t9 9v12l-4-4-5 4-5-4z")
    eyes = disc("#fff", ghost + 6, 22, 2.5) + disc("#fff", ghost + 12, 22, 2.5)
    return [sky(pencil.colour(0, 0.2, 0.6), pencil.colour(0.1, 0.35, 0.55)), *stars, alien, eyes, pad, cross, buttons]


def _fashion(pencil: Pencil) -> Shapes:
    cloth = pencil.colour(0.45, 0.55, 0.55)
    flare = pencil.number(26, 40)
    dress = path(cloth, f"M50 34l-6 8 6 20L{60 - flare} 104q{flare} 9 {2 * flare} 0L70 62l6-20-6-8q-10 12-20 0z")
    belt = path(pencil.colour(0.45, 0.35, 0.55), "M50 59h20l1 6H49z")
    hanger = stroke("#4b5563", 2.5, "M60 24q0-5 4-6t2-6-7-1M60 24L38 38h44z")
    dots = [disc("#fff8", 60 + pencil.number(-14, 14), pencil.number(72, 100), 2.4) for _ in range(7)]
    rail = stroke("#6b7280", 4, "M0 10h120")
    return [sky(pencil.colour(0, 0.92, 0.5), pencil.colour(0.06, 0.82, 0.5)), rail, hanger, dress, belt, *dots]


def _books(pencil: Pencil) -> Shapes:
    shapes, x = [], 10
    while x < 98:  # noqa: PLR2004 - the shelf's end
        width, height = pencil.number(9, 15), pencil.number(48, 74)
        shapes += [
            box(
                pencil.colour(pencil.random.random() * 0.5, pencil.number(35, 65) / 100),
                x,
                96 - height,
                width,
                height,
                round_by=1.5,
            ),
            box("#fff9", x + 2, 104 - height, width - 4, 3),
        ]
        x += width + 1
    shelf = box("#7c5a3c", 0, 96, 120, 7) + box("#00000022", 0, 103, 120, 4)
    return [sky(pencil.colour(0, 0.9, 0.4), pencil.colour(0.04, 0.78, 0.4)), *shapes[:14], shelf]


def _films(pencil: Pencil) -> Shapes:
    beam = path("#fff6c844", f"M{pencil.number(0, 120)} 0L6 92h108z")
    screen = box("#f8f5e6", 16, 20, 88, 52, round_by=3)
    y = pencil.number(44, 54)
    scene = path(pencil.colour(0.1, 0.6, 0.5), f"M16 70V{y}q22-18 44 0t44-4V70z") + disc(
        pencil.colour(0.5, 0.65, 0.7), pencil.number(28, 92), 34, 7
    )
    seats = "".join(
        box(pencil.colour(0.95, 0.25, 0.5), x, 94 + row * 12, 16, 20, round_by=5)
        for row, shift in ((0, 2), (1, -7))
        for x in range(shift, 118, 21)
    )
    heads = [disc("#0b0b12", 10 + 21 * seat, 92, 6) for seat in sorted(pencil.random.sample(range(5), 3))]
    return [sky(pencil.colour(0, 0.2, 0.4), "#0b0b12"), screen, scene, beam, *heads, seats]


def _garden(pencil: Pencil) -> Shapes:
    shapes = [sky(pencil.colour(0.5, 0.86, 0.6), pencil.colour(0.55, 0.94, 0.6))]
    shapes.append(path("#86b36b", f"M0 {pencil.number(74, 84)}q30-14 60-4t60-6v56H0z"))
    for x in (24, 60, 96):
        top, petal = pencil.number(34, 62), pencil.colour(pencil.random.random() * 0.4, 0.65, 0.7)
        shapes.append(stroke("#3f7d3a", 3, f"M{x} 112V{top}M{x} 94q-10-2-13-12M{x} 88q10-2 13-12"))
        petals = "".join(f"M{x + dx} {top + dy}h0" for dx, dy in ((0, -8), (8, -2), (5, 7), (-5, 7), (-8, -2)))
        shapes += [stroke(petal, 12, petals), disc("#f4c430", x, top, 5)]
    return [*shapes, path("#6b4f35", "M0 110q30-5 60 0t60 0v10H0z")]


def _tech(pencil: Pencil) -> Shapes:
    lines = []
    for row in range(6):
        start, length = 30 + 6 * pencil.number(0, 2), pencil.number(10, 36)
        lines.append(stroke(pencil.colour(0.3 + row * 0.1, 0.68, 0.7), 3, f"M{start} {35 + row * 7}h{length}"))
    screen = box("#374151", 18, 22, 84, 58, round_by=5) + box("#111827", 22, 26, 76, 50, round_by=2)
    keys = path("#9ca3af", "M8 82h104l5 12q0 4-4 4H7q-4 0-4-4z") + box("#6b7280", 48, 83, 24, 4, round_by=2)
    glow = disc("#ffffff30", pencil.number(10, 110), pencil.number(8, 40), pencil.number(18, 34))
    return [sky(pencil.colour(0, 0.75, 0.6), pencil.colour(0.1, 0.55, 0.5)), glow, screen, *lines, keys]


def _daily(pencil: Pencil) -> Shapes:
    shapes, windows, x = [], [], 4
    moon = disc("#fff3c4", pencil.number(16, 104), pencil.number(14, 26), pencil.number(7, 11))
    while x < 104:  # noqa: PLR2004 - the street's end
        width, height = pencil.number(16, 24), pencil.number(34, 72)
        shapes.append(box(pencil.colour(0.06, pencil.number(24, 40) / 100, 0.35), x, 104 - height, width, height))
        windows += [f"M{x + 4} {112 - height + 10 * floor}h4v5h-4zm8 0h3v5h-3z" for floor in range(pencil.number(1, 3))]
        x += width + pencil.number(1, 4)
    street = box("#2d3142", 0, 104, 120, 16) + stroke("#f4f1de", 1.5, "M6 112h14m12 0h14m12 0h14m12 0h14")
    return [
        sky(pencil.colour(0, 0.5, 0.5), pencil.colour(0.12, 0.82, 0.7)),
        moon,
        *shapes,
        path("#ffdf8e", "".join(windows)),
        street,
    ]


SCENES: Mapping[str, tuple[str, Callable[[Pencil], Shapes]]] = {
    "food": ("A dish on a table", _food),
    "travel": ("A boat before mountains", _travel),
    "music": ("A record that plays", _music),
    "fitness": ("A barbell", _fitness),
    "pets": ("The face of a cat", _pets),
    "photography": ("A camera", _photography),
    "gaming": ("A game controller", _gaming),
    "fashion": ("A dress on a hanger", _fashion),
    "books": ("Books on a shelf", _books),
    "films": ("People in a cinema", _films),
    "garden": ("Flowers in a garden", _garden),
    "tech": ("A laptop with code", _tech),
    "daily": ("Houses in the evening", _daily),
}
"""By topic: the picture's name for screen readers, and who draws it."""
