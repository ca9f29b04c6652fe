"""Sets of values: what numpy says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from slasim.sets import among, distinct


@given(st.lists(st.integers(-5, 5)))
def test_whole_numbers(values: list[int]) -> None:
    array = np.array(values, np.int64)
    assert_array_equal(distinct(array), np.unique(array), strict=True)


@given(st.lists(st.sampled_from(["a", "bc", ""]), min_size=1))
def test_words(values: list[str]) -> None:
    array = np.array(values)
    assert_array_equal(distinct(array), np.unique(array), strict=True)


def test_more_dimensions_and_the_array_itself_is_left_as_it_is() -> None:
    array = np.array([[3, 1], [1, 2]])
    assert distinct(array).tolist() == [1, 2, 3]
    assert array.tolist() == [[3, 1], [1, 2]]


@given(st.lists(st.integers(-5, 5)), st.lists(st.integers(-5, 5)))
def test_some_among_others(values: list[int], some: list[int]) -> None:
    array = np.array(values, np.int64)
    assert_array_equal(among(array, some), np.isin(array, some), strict=True)


def test_among_keeps_the_shape() -> None:
    assert among(np.array([[3, 1], [1, 2]]), [2, 3]).tolist() == [[True, False], [False, True]]
    assert among(np.array(5), [5]).tolist() is True
