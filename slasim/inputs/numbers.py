"""The numbers of a stream inside a compiled loop: those that its ``generator()`` would give, bit by bit.

numpy asks its generator for each number through a pointer; in a loop of our own the four words of SFC64 stay in the
processor, and what is drawn for contacts that need none is never written: a third of the time. The words are begun
from the stream's ``start`` and handed from number to number. This file knows no stream by name.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from slasim.compiling import beside_a_loop, part_of_a_loop
from slasim.inputs.ziggurat import HEIGHT, INSIDE, LAST, WIDTH

__all__ = ["begun", "exponential", "uniform"]

_1, _3, _8, _11, _24, _40 = (np.uint64(n) for n in (1, 3, 8, 11, 24, 40))
_LAYERS = np.uint64(255)
_FIRST_LAYER = np.uint64(0)
_UNIT = 2.0**-53


@part_of_a_loop
def _bits(a: Any, b: Any, c: Any, d: Any) -> Any:
    """(64 random bits, the words after them): SFC64 by Chris Doty-Humphrey, of PractRand."""
    found = a + b + d
    return found, b ^ (b >> _11), c + (c << _3), ((c << _24) | (c >> _40)) + found, d + _1


@beside_a_loop
def begun(start: Any) -> Any:
    """The four words before the first number; ``start`` (3,)."""
    a, b, c, d = start[0], start[1], start[2], _1
    for _ in range(12):
        _, a, b, c, d = _bits(a, b, c, d)
    return a, b, c, d


@part_of_a_loop
def uniform(a: Any, b: Any, c: Any, d: Any) -> Any:
    """(a number from [0, 1), the words after it)"""
    bits, a, b, c, d = _bits(a, b, c, d)
    return np.float64(np.int64(bits >> _11)) * _UNIT, a, b, c, d


@part_of_a_loop
def exponential(a: Any, b: Any, c: Any, d: Any) -> Any:
    """(an exponential number of mean 1, the words after it), by the ziggurat."""
    bits, a, b, c, d = _bits(a, b, c, d)
    layer, place = (bits >> _3) & _LAYERS, bits >> _11
    found = np.float64(np.int64(place)) * WIDTH[layer]
    if place >= INSIDE[layer]:
        found, a, b, c, d = _second_look(layer, found, a, b, c, d)
    return found, a, b, c, d


@beside_a_loop
def _second_look(layer: Any, found: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """The same where the first bits do not settle it, once in 90 times."""
    while True:
        bits, a, b, c, d = _bits(a, b, c, d)
        u = np.float64(np.int64(bits >> _11)) * _UNIT
        if layer == _FIRST_LAYER:
            return LAST - math.log1p(-u), a, b, c, d
        if (HEIGHT[layer - _1] - HEIGHT[layer]) * u + HEIGHT[layer] < math.exp(-found):
            return found, a, b, c, d
        bits, a, b, c, d = _bits(a, b, c, d)
        layer, place = (bits >> _3) & _LAYERS, bits >> _11
        found = np.float64(np.int64(place)) * WIDTH[layer]
        if place < INSIDE[layer]:
            return found, a, b, c, d
