"""What an array holds, in the words that signatures use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike as ArrayLike
else:  # `numpy.typing` takes a third as long to load as numpy itself
    ArrayLike = Any

__all__ = ["ArrayLike", "Bools", "Floats", "Ints", "NDArray"]

Kept = TypeVar("Kept", bound=np.generic)

NDArray = np.ndarray[tuple[Any, ...], np.dtype[Kept]]
"""An array of whatever shape, as numpy's own name for it says."""
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
