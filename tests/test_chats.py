"""Chats side by side: the published example of three windows, and what must hold of any curve."""

from __future__ import annotations

from itertools import pairwise

import pytest

from slasim.erlang import chat_durations, chat_slowdown
from tests import reference

WINDOWS = [one for one in reference.cases("retrials_chat_email") if "windows" in one["name"]]


@pytest.mark.parametrize("found", WINDOWS, ids=lambda one: one["name"])
def test_the_published_windows(found: dict) -> None:
    inputs, exact = found["inputs"], reference.expected(found)
    windows = inputs["windows"]
    durations = chat_durations(
        inputs["agent_seconds_per_chat"], inputs["customer_seconds_per_chat"], windows
    )
    assert len(durations) == windows
    assert reference.agrees(durations[-1], exact["chat_duration_s"], found["exact_digits"])
    effective = windows * durations[0] / durations[-1]
    assert reference.agrees(effective, exact["effective_concurrency"], found["exact_digits"])
    busy = windows * inputs["agent_seconds_per_chat"] / durations[-1]
    assert reference.agrees(busy, exact["agent_busy"], found["exact_digits"])


def test_as_printed() -> None:
    """Customer time 0.75 of agent time: 500 s with one window, 886.8 s with three."""
    agent = 500 / 1.75
    alone, _, three = chat_durations(agent, 0.75 * agent, 3)
    assert alone == pytest.approx(500, abs=1e-9)
    assert round(three, 1) == 886.8


@pytest.mark.parametrize(("agent", "customer"), [(286, 214), (10, 600), (600, 0), (0, 60)])
def test_more_chats_are_never_faster_and_never_beat_the_agent(
    agent: float, customer: float
) -> None:
    curve = chat_slowdown(agent, customer, 10)
    assert curve[0] == 1
    assert all(more >= less for less, more in pairwise(curve))
    for chats, factor in enumerate(curve, 1):
        # The agent writes in one chat at a time, and nobody is faster than alone.
        assert factor * (agent + customer) >= chats * agent - 1e-9


def test_without_a_customer_chats_wait_in_a_row() -> None:
    assert chat_slowdown(100, 0, 4) == pytest.approx((1, 2, 3, 4))


@pytest.mark.parametrize(("agent", "customer", "most"), [(0, 0, 1), (-1, 5, 1), (1, 1, 0)])
def test_nonsense_is_refused(agent: float, customer: float, most: int) -> None:
    with pytest.raises(ValueError):
        chat_durations(agent, customer, most)
