"""The numbers of a stream inside a compiled loop, one after the other or each at its place.

One after the other they are those that the stream's ``generator()`` would give, bit by bit. numpy asks its generator
for each number through a pointer; in a loop of our own the four words of SFC64 stay in the processor: a third of the
time. The words are begun from the stream's ``start`` and handed from number to number.

At its place a number depends on the stream and the place alone, so that nobody draws for those in between. Streams are
read in one way or in the other, never in both. This file knows no stream by name.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from slasim.compiling import beside_a_loop, part_of_a_loop
from slasim.inputs.ziggurat import HEIGHT, INSIDE, LAST, WIDTH

__all__ = ["begun", "exponential", "exponential_at", "uniform_at"]

_1, _3, _11, _24, _27, _30, _31, _40 = (np.uint64(n) for n in (1, 3, 11, 24, 27, 30, 31, 40))
_STEP, _FIRST_MIX, _SECOND_MIX = (
    np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)
_LAYERS = np.uint64(255)
_FIRST_LAYER = np.uint64(0)
_UNIT = 2.0**-53


@part_of_a_loop
def _bits(a: Any, b: Any, c: Any, d: Any) -> Any:
    """(64 random bits, the words after them): SFC64 by Chris Doty-Humphrey, of PractRand."""
    found = a + b + d
    return found, b ^ (b >> _11), c + (c << _3), ((c << _24) | (c >> _40)) + found, d + _1


@part_of_a_loop
def _bits_at(start: Any, place: Any) -> Any:
    """64 random bits: SplitMix64 by Steele, Lea and Flood (2014), with the finalizer by David Stafford (mix 13), jumped
    to; half of the way a second word of the stream comes in, so that no two streams are one shifted."""
    z = start[0] + np.uint64(place) * _STEP
    z = (z ^ (z >> _30)) * _FIRST_MIX + start[1]
    z = (z ^ (z >> _27)) * _SECOND_MIX
    return z ^ (z >> _31)


@beside_a_loop
def _stirred(a: Any, b: Any, c: Any) -> Any:
    """Four words of SFC64 from three."""
    d = _1
    for _ in range(12):
        _, a, b, c, d = _bits(a, b, c, d)
    return a, b, c, d


@part_of_a_loop
def begun(start: Any) -> Any:
    """The four words before the first number; ``start`` (3,) or more."""
    return _stirred(start[0], start[1], start[2])


@part_of_a_loop
def uniform_at(start: Any, place: Any) -> Any:
    """The number from [0, 1) of a place, any integer; ``start`` (2,) or more."""
    return np.float64(np.int64(_bits_at(start, place) >> _11)) * _UNIT


@part_of_a_loop
def exponential_at(start: Any, place: Any) -> Any:
    """The exponential number of mean 1 of a place, any integer, by the ziggurat; ``start`` (2,) or more."""
    bits = _bits_at(start, place)
    layer, inside = (bits >> _3) & _LAYERS, bits >> _11
    found = np.float64(np.int64(inside)) * WIDTH[layer]
    if inside >= INSIDE[layer]:
        found = _second_look_at(layer, found, bits, start[0], start[1])
    return found


@beside_a_loop
def _second_look_at(layer: Any, found: Any, bits: Any, second: Any, third: Any) -> Any:
    """The same where the bits of the place do not settle it: numbers that begin with them do."""
    a, b, c, d = _stirred(bits, second, third)
    found, a, b, c, d = _second_look(layer, found, a, b, c, d)
    return found


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
