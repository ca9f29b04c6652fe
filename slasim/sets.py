"""Sets of values as arrays: numpy's ``unique`` and ``isin``, which load masked arrays first to ask for them."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from slasim.arrays import ArrayLike, Bools, NDArray

__all__ = ["among", "distinct"]

Item = TypeVar("Item", bound=np.generic)


def distinct(values: NDArray[Item]) -> NDArray[Item]:
    """Sorted, each once. Not for NaN."""
    inorder = np.sort(values, axis=None)
    first = np.ones(inorder.size, np.bool_)
    np.not_equal(inorder[1:], inorder[:-1], out=first[1:])
    return inorder[first]


def among(values: NDArray[Item], some: ArrayLike) -> Bools:
    """Whether each of the values is one of ``some``, which are numbers of the same kind. Not for NaN."""
    inorder = np.sort(np.asarray(some, values.dtype), axis=None)
    if inorder.size == 0:
        return np.zeros(values.shape, np.bool_)
    place = np.minimum(np.searchsorted(inorder, values), inorder.size - 1)
    return np.asarray(inorder[place] == values)
