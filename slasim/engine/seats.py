"""Idle agents of a group in a ring, longest idle first, for the compiled loop.

``ring`` holds since (0) and agent (1) of every seat, (2, G, size); ``start`` and ``count`` (G,) its place.
"""

from __future__ import annotations

from typing import Any

from slasim.compiling import part_of_a_loop


@part_of_a_loop
def sit_down(
    ring: Any,
    start: Any,
    count: Any,
    g: Any,
    now: Any,
    agent: Any,
) -> None:
    """An agent of group g becomes idle: last in the ring, equal times by agent index."""
    size = ring.shape[2]
    here = start[g] + count[g]
    if here >= size:
        here -= size
    for _ in range(count[g]):
        before = here - 1 if here else size - 1
        if ring[0, g, before] != now or ring[1, g, before] <= agent:
            break
        ring[0, g, here] = ring[0, g, before]
        ring[1, g, here] = ring[1, g, before]
        here = before
    ring[0, g, here] = now
    ring[1, g, here] = agent
    count[g] += 1


@part_of_a_loop
def first_stands_up(
    ring: Any,
    start: Any,
    count: Any,
    g: Any,
) -> None:
    """The agent of group g longest idle stops being idle."""
    start[g] += 1
    if start[g] == ring.shape[2]:
        start[g] = 0
    count[g] -= 1


@part_of_a_loop
def stand_up(
    ring: Any,
    start: Any,
    count: Any,
    g: Any,
    agent: Any,
) -> Any:
    """A named agent of group g stops being idle; True if it was."""
    size = ring.shape[2]
    found = False
    for k in range(count[g]):
        here = (start[g] + k) % size
        if found:
            before = here - 1 if here else size - 1
            ring[0, g, before] = ring[0, g, here]
            ring[1, g, before] = ring[1, g, here]
        elif ring[1, g, here] == agent:
            found = True
    if found:
        count[g] -= 1
    return found
