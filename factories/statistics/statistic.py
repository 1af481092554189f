"""`Statistic`: a figure, what it should be, from which size on, and who says so."""

from __future__ import annotations

from typing import Any

import attrs


@attrs.frozen(kw_only=True)
class Target:
    """What a figure should be: from `low` to `high` (None: no bound), held from `least` of `of` on."""

    low: float
    high: float | None
    least: int
    of: str
    source: str


@attrs.frozen
class Statistic:
    """A figure of a world of which `size` things were looked at. `value` is None where there is nothing to look at."""

    name: str
    value: float | None
    size: int
    target: Target

    @property
    def is_held(self) -> bool:
        """Tell whether the world is large enough to hold the figure against its target."""
        return self.value is not None and self.size >= self.target.least

    @property
    def is_met(self) -> bool:
        """Tell whether the figure is what it should be, or cannot be told yet."""
        if self.value is None or not self.is_held:
            return True
        return self.target.low <= self.value and (self.target.high is None or self.value <= self.target.high)

    @property
    def why_not_held(self) -> str | None:
        """Say why it is not held against its target; None where it is."""
        if self.is_held:
            return None
        return f"wants {self.target.least:,} {self.target.of}, and there are {self.size:,}"

    def __str__(self) -> str:
        """Write it as a summary does."""
        figure = "none" if self.value is None else f"{self.value:.2f}"
        bounds = f"from {self.target.low:g}" + ("" if self.target.high is None else f" to {self.target.high:g}")
        judged = f"target {bounds}, {'met' if self.is_met else 'missed'}: {self.target.source}"
        return (
            f"{self.name.replace('_', ' ')} {figure} ({judged if self.is_held else f'not held: {self.why_not_held}'})"
        )

    def as_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {
            "value": None if self.value is None else round(self.value, 4),
            "target": [self.target.low, self.target.high],
            "held": self.is_held,
            "met": self.is_met if self.is_held else None,
            "why_not_held": self.why_not_held,
            "source": self.target.source,
        }
