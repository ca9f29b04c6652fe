"""Nothing over nothing is nothing to judge: the one home of 0/0.

This file knows no metric and no contact.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from slasim.arrays import ArrayLike, Floats, NDArray

ZeroOffered = Literal["skip", "met", "missed"]
ZERO_OFFERED = ("skip", "met", "missed")
"""What a period with nothing offered may count as, when periods met are counted; ``skip`` unless a contract says so."""


def ratio(numerator: ArrayLike, denominator: ArrayLike) -> Floats:
    """numerator / denominator, element by element; nan where the denominator is 0.

    The result has the broadcast shape of the two. nan means *nothing to judge*: it is neither met nor missed, never
    100 %.

    >>> ratio([8, 0], [10, 0]).tolist()
    [0.8, nan]
    """
    above: NDArray[Any] = np.asarray(numerator, np.float64)
    below: NDArray[Any] = np.asarray(denominator, np.float64)
    shape = np.broadcast_shapes(above.shape, below.shape)
    result = np.full(shape, np.nan)
    np.divide(above, below, out=result, where=np.broadcast_to(below != 0, shape))
    return result
