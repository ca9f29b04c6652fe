"""Bare arrays read and write what numpy's do, whatever they know of their width."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from slasim.bare import bare, column, only_if, places, rows
from slasim.compiling import compiled, part_of_a_loop
from slasim.floor import everywhere

RNG = np.random.default_rng(5)


@part_of_a_loop
def everything(a: Any, found: Any) -> int:
    """Every item by its whole index, by its row and by its column; how many differ."""
    wrong = 0
    for i in range(a.shape[0]):
        row = a[i]
        for k in range(a.shape[1]):
            wrong += found[i, k] != a[i, k]
            wrong += found[i, k] != row[k]
        wrong += found[i, 3] != a[:, 3][i]
    return wrong


@compiled
def of_two(array: Any, kind: Any) -> int:
    if kind == 0:
        return everything(bare(array), array)
    if kind == 1:
        return everything(rows(array, 8, None), array)
    return everything(rows(array, 99, True), array)  # the width is read: 99 does not matter


@compiled
def of_three(array: Any) -> int:
    a = bare(array)
    r = rows(array, 8, None)
    plane, wide, known = a[:, :, 5], a[1], r[1]
    wrong = 0
    for i in range(array.shape[0]):
        for j in range(array.shape[1]):
            wrong += plane[i, j] != array[i, j, 5]
            wrong += r[:, :, 5][i, j] != array[i, j, 5]
            for k in range(array.shape[2]):
                wrong += (a[i, j, k] != array[i, j, k]) + (r[i, j, k] != array[i, j, k])
                wrong += (wide[j, k] != array[1, j, k]) + (known[j][k] != array[1, j, k])
    return wrong


@compiled
def write(array: Any, line: Any) -> Any:
    a = rows(array, 8, None)
    a[2, 3] = 17
    a[2, 4] += 5
    a[:, 6][1] = -1
    one = bare(line)
    one[1] = one.size
    one[2] = line.size > 1
    return a.shape[0], a.shape[1], a.size0


class Pair(NamedTuple):
    """Two arrays."""

    first: Any
    second: Any


@compiled
def write_only(pair: Any, n: int) -> Any:
    seen = Pair(bare(pair.first), rows(pair.second, 8, None))
    for i in range(seen.first.shape[0]):
        if i < n:
            seen.second[i, 1] = 1
    return 0


@compiled
def read(places: Any, found: Any) -> None:
    long, short, tiny = (
        column(places, 0, np.int64),
        column(places, 1, np.int16),
        column(places, 2, np.int8),
    )
    for i in range(found.shape[1]):
        found[0, i], found[1, i], found[2, i] = long[i], short[i], tiny[i]


@compiled
def left_out(some: Any, array: Any) -> int:
    given = only_if(some, bare(array))
    return 0 if given is None else 1


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_two_dimensions(kind: int) -> None:
    assert of_two(RNG.integers(-9, 10**15, (13, 8)), kind) == 0


def test_three_dimensions() -> None:
    assert of_three(RNG.integers(-9, 10**15, (4, 5, 8))) == 0


def test_what_is_written_stands_in_the_array() -> None:
    array, line = np.zeros((4, 8), np.int64), np.zeros(3, np.int64)
    expected = array.copy()
    expected[2, 3], expected[2, 4], expected[1, 6] = 17, 5, -1
    assert write(array, line) == (4, 8, 4)
    assert (array == expected).all()
    assert line.tolist() == [0, 3, 1]


def test_what_is_written_and_never_read_is_written() -> None:
    first, second = np.zeros(5, np.int64), np.zeros((5, 8), np.int64)
    write_only(Pair(first, second), 3)
    assert second[:, 1].tolist() == [1, 1, 1, 0, 0]


def test_columns_by_their_place() -> None:
    table = RNG.integers(-9, 10**15, (7, 3))
    columns = [table[:, 1], everywhere(-3, 7, np.int16), np.arange(-3, 4, dtype=np.int8)]
    found = np.zeros((3, 7), np.int64)
    read(places(columns), found)
    assert (found == np.array([each.astype(np.int64) for each in columns])).all()


CHECKED = """
from floors import a_floor, without_more
from slasim.engine import whole
from slasim.bare import bare
from slasim.compiling import compiled
import numpy as np

@compiled
def beyond(array, i):
    return bare(array)[i]

for i in (-1, 3):
    try:
        beyond(np.zeros(3, np.int64), i)
    except IndexError:
        continue
    raise AssertionError("an index that is wrong was not found")
for seed in range(400):
    whole.run(a_floor(seed))
    whole.run(without_more(a_floor(seed)))
print("all inside")
"""


def test_no_index_of_the_floors_loop_is_outside(tmp_path: Path) -> None:
    """Bare arrays are not checked: here they are, on days that mix every feature."""
    tests = Path(__file__).parent
    story = tmp_path / "checked.py"
    story.write_text(CHECKED, encoding="utf-8")
    apart = {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    path = os.pathsep.join([str(tests), str(tests.parent), os.environ.get("PYTHONPATH", "")])
    ran = subprocess.run(
        [sys.executable, str(story)], env=os.environ | apart | {"PYTHONPATH": path},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert ran.stdout == "all inside\n", ran.stderr[-2000:]


def test_none_leaves_out() -> None:
    array = np.zeros(3, np.int64)
    assert left_out(None, array) == 0
    assert left_out(True, array) == 1


def test_an_array_that_is_not_indexed_like_numpy_is_refused() -> None:
    @compiled
    def too_deep(array: Any) -> Any:
        return bare(array)[1, 2, 3]

    with pytest.raises(Exception, match="getitem"):
        too_deep(np.zeros((4, 8), np.int64))
