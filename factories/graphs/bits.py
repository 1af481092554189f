"""Random whole numbers as arrays: Philox's raw bits, and no floating point in between."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]


class Bits:
    """A stream of draws that is a function of its key."""

    def __init__(self, key: int) -> None:
        self._source = np.random.Philox(key=key)

    def below(self, bounds: Ints) -> Ints:
        """Draw one number from 0 to below each bound. The bias is under 2**-31 for bounds up to 2**32."""
        raw = self._source.random_raw(len(bounds))
        return (raw % bounds.astype(np.uint64)).astype(np.int64)

    def order(self, count: int) -> Ints:
        """Draw an order of the numbers from 0 to below `count`."""
        return np.argsort(self._source.random_raw(count), kind="stable")

    def are(self, count: int, share: float) -> NDArray[np.bool_]:
        """Draw `count` times whether something is so, in this share of the cases."""
        raw = self._source.random_raw(count)
        return (raw >> np.uint64(32)) < np.uint64(int(share * 2**32))
