"""Turns: one thread at a time, but for the loops in which all may be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import slasim as sl
from slasim.engine import fast, whole
from slasim.outcome import tally
from slasim.turns import Alone, Turn, beside_others

THREADS = 3


def all_at_once(work: Callable[[], None]) -> None:
    """In threads that nobody waits for longer than a while, so that one that waits for ever is seen."""
    done: list[bool] = []

    def told() -> None:
        work()
        done.append(True)

    threads = [threading.Thread(target=told, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(done) == THREADS


def test_loops_run_side_by_side_and_the_rest_one_after_the_other() -> None:
    turn, met = Turn(), threading.Barrier(THREADS)
    inside: list[int] = []
    most: list[int] = []

    def here() -> None:
        inside.append(1)
        most.append(len(inside))
        threading.Event().wait(0.005)
        inside.pop()

    def work() -> None:
        with turn:
            here()
            beside_others(met.wait, 10)  # breaks unless all are in it together
            here()

    all_at_once(work)
    assert most == [1] * 2 * THREADS


def test_a_loop_that_fails_leaves_the_turn_as_it_was() -> None:
    turn = Turn()

    def work() -> None:
        with turn:
            with pytest.raises(ZeroDivisionError):
                beside_others(lambda: 1 // 0)
            assert turn._lock.locked()
        assert beside_others(divmod, 7, 2) == (3, 1)  # without one as well

    work()
    all_at_once(work)
    assert not turn._lock.locked()


def test_a_turn_within_a_turn_ends_before_it() -> None:
    outer, inner = Turn(), Turn()
    with outer:
        with inner:
            assert beside_others(inner._lock.locked) is False
        assert beside_others(outer._lock.locked) is False


def test_whoever_has_no_turn_takes_nobody_elses() -> None:
    turn, taken = Turn(), []
    with turn:
        stranger = threading.Thread(
            target=lambda: taken.append(beside_others(turn._lock.locked)), daemon=True
        )
        stranger.start()
        stranger.join(10)
    assert taken == [True]


def test_whoever_waits_for_what_another_has_in_hand_gives_its_turn_away() -> None:
    turn, alone, inside = Turn(), Alone(), [0, 0]
    both = threading.Barrier(THREADS)

    def work() -> None:
        beside_others(both.wait, 10)
        with turn, alone:
            inside[0] += 1
            inside[1] = max(inside)
            beside_others(threading.Event().wait, 0.01)  # the others come, and want it too
            inside[0] -= 1

    all_at_once(work)
    assert inside == [0, 1]
    assert not turn._lock.locked()


LONG = {"erlang_a": {"play", "count_contacts"},
        "mix": {"play", "tell", "count_contacts", "count_spells", "count_chains"}}  # fmt: skip


@pytest.mark.parametrize("name", LONG)
def test_loops_over_all_contacts_are_beside_others(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: set[str] = set()

    def told(loop: Any, *arguments: Any) -> Any:
        given.add(loop.__name__)
        return loop(*arguments)

    for module in (fast, whole, tally):
        monkeypatch.setattr(module, "beside_others", told)
    scenario = sl.load(Path(__file__).parent / "benchmarks" / f"{name}.yaml")
    sl.simulate(scenario, replications=1, executor=1)
    assert given == LONG[name]
