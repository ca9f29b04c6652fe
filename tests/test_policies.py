"""Routing policies fill a table of numbers; every registered policy gives one that fits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from slasim import registry
from slasim.errors import InputError
from slasim.floor import BY_DUE, BY_SLACK, BY_WAIT
from slasim.routing.policies import GroupFacts, QueueFacts, TakeFacts, fill, order_of
from slasim.routing.table import NEVER, SPEED_ONE, RoutingTable

CALLS = QueueFacts("calls", priority=1, head_start=90_000)
CHAT = QueueFacts("chat", prefers=("flexible",))
FRONT = GroupFacts("front", {"calls": TakeFacts(rank=1)})
FLEXIBLE = GroupFacts(
    "flexible",
    {"calls": TakeFacts(rank=2), "chat": TakeFacts(rank=1, reserve=1)},
    speed={"chat": 0.95},
)
BACK = GroupFacts("back", {"chat": TakeFacts(rank=3, after=30_000)}, speed=1.1)
QUEUES, GROUPS = (CALLS, CHAT), (FRONT, FLEXIBLE, BACK)

SETTINGS: dict[str, dict[str, Any]] = {
    "overflow": {"after": "20s"},
    "weighted_wait": {"weights": {"calls": 2, "chat": 0.5}},
    "earliest_due": {"targets": {"calls": "20s", "chat": "1min"}},
    "least_slack": {"targets": {"calls": "20s", "chat": "1min"}},
}


def table(policy: str, **settings: Any) -> RoutingTable:
    return fill(policy, QUEUES, GROUPS, settings or SETTINGS.get(policy, {}))


@pytest.mark.parametrize("policy", registry.names("routing"))
class TestEveryPolicy:
    def test_a_group_without_the_skill_never_takes(self, policy: str) -> None:
        assert (table(policy).opens == NEVER).tolist() == [
            [False, False, True],
            [True, False, False],
        ]

    def test_what_takes_states_holds(self, policy: str) -> None:
        found = table(policy)
        assert found.opens[1, 2] == 30_000
        assert found.reserve.tolist() == [[0, 0, 0], [0, 1, 0]]

    def test_speeds_are_whole_millionths(self, policy: str) -> None:
        assert table(policy).speed.tolist() == [
            [SPEED_ONE, SPEED_ONE, SPEED_ONE],
            [SPEED_ONE, 950_000, 1_100_000],
        ]

    def test_says_its_meaning(self, policy: str) -> None:
        assert registry.meaning(registry.get("routing", policy)).endswith(".")

    def test_a_centre_with_one_queue_and_one_group(self, policy: str) -> None:
        alone: dict[str, dict[str, Any]] = {
            **SETTINGS,
            "weighted_wait": {"weights": {}},
            "earliest_due": {"targets": {"calls": "20s"}},
            "least_slack": {"targets": {"calls": "20s"}},
        }
        found = fill(policy, [CALLS], [FRONT], alone.get(policy, {}))
        assert found.opens.tolist() == [[0]]


def test_priority_then_longest_wait() -> None:
    found = table("priority_then_longest_wait")
    assert found.opens.tolist() == [[0, 0, NEVER], [NEVER, 0, 30_000]]
    assert found.rank.tolist() == [[1, 2, 1], [1, 1, 3]]
    assert found.priority.tolist() == [1, 5]
    assert found.head_start.tolist() == [90_000, 0]
    assert (found.weight == 1).all()


def test_groups_a_queue_prefers_come_before_those_it_does_not_name() -> None:
    found = table("priority_then_longest_wait")
    assert found.preference[0].tolist()[:2] == [1, 2]
    assert found.preference[1].tolist()[1:] == [-1, 3]


def test_a_rank_of_0_does_not_tie_with_a_preferred_group() -> None:
    eager = GroupFacts("eager", {"chat": TakeFacts(rank=0)})
    found = fill("priority_then_longest_wait", [CHAT], [eager, FLEXIBLE])
    assert found.preference[0, 1] < found.preference[0, 0]


def test_longest_wait_knows_neither_priority_nor_rank() -> None:
    found = table("longest_wait")
    assert found.priority.tolist() == [5, 5]
    assert (found.rank == 1).all()
    assert found.preference[0].tolist()[:2] == [1, 2]


def test_overflow_opens_the_other_groups_later() -> None:
    assert table("overflow").opens.tolist() == [[0, 20_000, NEVER], [NEVER, 0, 30_000]]


def test_overflow_starts_with_the_best_rank_there_is() -> None:
    groups = [GroupFacts("a", {"calls": TakeFacts(2)}), GroupFacts("b", {"calls": TakeFacts(3)})]
    assert fill("overflow", [CALLS], groups, {"after": "5s"}).opens.tolist() == [[0, 5_000]]


def test_weights_keep_their_ratio() -> None:
    found = table("weighted_wait")
    assert found.weight.tolist() == [[4, 4, 4], [1, 1, 1]]
    assert (found.rank == 1).all()
    assert found.priority.tolist() == [1, 5]
    assert (table("weighted_wait", weights={"calls": 3, "chat": 3}).weight == 1).all()


def test_earliest_due_holds_back_by_the_target() -> None:
    assert table("earliest_due").head_start.tolist() == [90_000 - 20_000, -60_000]


def test_least_slack_brings_longer_work_forward() -> None:
    long_chat = replace(CHAT, work=45_000)
    found = fill("least_slack", (CALLS, long_chat), GROUPS, SETTINGS["least_slack"])
    assert found.head_start.tolist() == [90_000 - 20_000, 45_000 - 60_000]


@pytest.mark.parametrize(("policy", "order"), [("earliest_due", BY_DUE), ("least_slack", BY_SLACK)])
def test_a_clock_of_its_own_needs_no_target(policy: str, order: int) -> None:
    ticket = replace(CHAT, clock=True, work=45_000)
    found = fill(policy, (CALLS, ticket), GROUPS, {"targets": {"calls": "20s"}})
    assert found.head_start.tolist() == [90_000 - 20_000, 0]
    assert order_of(policy, ticket) == order
    assert order_of(policy, CALLS) == order_of("longest_wait", ticket) == BY_WAIT


@pytest.mark.parametrize(
    ("policy", "settings", "says"),
    [
        ("overflow", {}, "overflow needs the setting 'after'"),
        ("overflow", {"aftr": "3s"}, "Did you mean after"),
        ("overflow", {"after": 30}, "after: 30 has no unit"),
        ("longest_wait", {"after": "3s"}, "longest_wait has no setting 'after'"),
        ("weighted_wait", {"weights": {"call": 1}}, "Did you mean calls"),
        ("weighted_wait", {"weights": {"calls": 0}}, "calls must weigh 0.001 to 1000, not 0"),
        ("weighted_wait", {"weights": 2}, "weights must name queues"),
        ("earliest_due", {"targets": {"calls": "20s"}}, "targets: chat missing"),
        ("earliest_due", {"targets": {"calls": "20s", "chat": "x"}}, "targets: chat: 'x'"),
    ],
)
def test_what_is_refused_says_why(policy: str, settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        fill(policy, QUEUES, GROUPS, settings)


def test_an_unknown_policy_names_the_near_miss() -> None:
    with pytest.raises(InputError, match="Did you mean overflow"):
        fill("overfow", QUEUES, GROUPS)


def test_a_table_that_does_not_fit_is_refused() -> None:
    def odd(queues: Any, groups: Any) -> RoutingTable:
        """Wrong on purpose."""
        return RoutingTable.closed(1, 1)

    registry.kind("routing", "odd_of_the_test")(odd)
    try:
        with pytest.raises(ValueError, match="odd_of_the_test fills opens"):
            fill("odd_of_the_test", QUEUES, GROUPS)
    finally:
        del registry._kinds["routing"]["odd_of_the_test"]


def test_voice_takes_all_of_an_agent() -> None:
    from slasim.channels import ROOM, channel

    voice = channel("voice")
    assert (voice.load, voice.patience) == (ROOM, True)
    with pytest.raises(InputError, match="Did you mean voice"):
        channel("voise")
    assert np.all([registry.meaning(registry.get("channel", n)) for n in registry.names("channel")])
