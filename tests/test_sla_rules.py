"""Levels and rules: what a level promises, which level a ticket gets, and when rules look again."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sla_stories import OFFICE, instant, policy, table
from test_sla_cases import CASES

from slasim.clock import HOUR, MINUTE
from slasim.errors import InputError
from slasim.sla.clocks import STATES, run_clocks
from slasim.sla.conditions import ATTRIBUTES, Condition, read_group
from slasim.sla.events import EventTable
from slasim.sla.policy import Policy
from slasim.sla.rules import Rules, levels_of, read_rule

UTC = ZoneInfo("UTC")
R01 = next(case for case in CASES["cases"] if case["id"] == "R01")


def levels(events, *rules, names=("A", "B", "C"), **settings):
    """Level after each event, as text."""
    made = Rules(tuple(read_rule(rule) for rule in rules), **settings)
    return levels_of(events, made, names, where=UTC).tolist()


def ticket(*events, **attributes):
    """One ticket; events are (clock time on 2 June 2025, kind, value)."""
    rows = [
        {"at": f"2025-06-02T{at}", "type": kind, "value": "".join(value)}
        for at, kind, *value in events
    ]
    rows[0] |= attributes
    return table(rows)


@pytest.mark.parametrize("variant", [{"set": {}, "expected": R01["expected"]}, *R01["variants"]])
def test_r01_ordered_rules(variant):
    given = R01["given"]
    events = EventTable.from_columns(
        [one["id"] for one in given["tickets"]],
        [0] * len(given["tickets"]),
        ["created"] * len(given["tickets"]),
        attributes={
            name: [one[name] for one in given["tickets"]]
            for name in ("department", "tags", "customer_group")
        },
    )
    names = {given["default_level"], *(rule["actions"]["set_level"] for rule in given["rules"])}
    found = levels(
        events, *given["rules"], names=names, default_level=given["default_level"], **variant["set"]
    )
    assert dict(zip(events.ids, found, strict=True)) == variant["expected"]


def test_the_walk_through_of_a_help_desk():
    """Level Urgent: first answer 1 h and next answer 30 min; rule: tag contains URGENT."""
    made = Policy.from_plain(
        {
            "calendars": {"office": OFFICE},
            "metrics": {
                "first": {"metric": "first_reply", "calendar": "office"},
                "next": {"metric": "next_reply", "calendar": "office"},
                "solved": {"metric": "total_resolution", "calendar": "office"},
            },
            "levels": {"Urgent": {"first": "1h", "next": "30m"}},
            "rules": {
                "list": [
                    {"name": "urgent", "when": [{"tags_contains": "URGENT"}], "set_level": "Urgent"}
                ]
            },
        }
    )
    story = [
        ("09:00", "created"), ("09:50", "agent_public"), ("11:00", "customer_message"), ("11:45", "agent_public"),
    ]  # fmt: skip
    clocks = run_clocks(ticket(*story, tags="URGENT;billing"), made)
    found = [
        (clocks.metrics[m], STATES[s]) for m, s in zip(clocks.metric, clocks.state, strict=True)
    ]
    assert found == [("first", "met"), ("next", "breached")]
    assert len(run_clocks(ticket(*story, tags="URGENTLY"), made)) == 0  # no level, no clock


def test_level_over_target_by_over_target():
    def due(**attributes):
        made = policy(
            {"metric": "first_reply", "target": "8h", "target_by": {"priority": {"high": "4h"}}},
            levels={"Urgent": {"m": "1h"}, "Lax": {}},
            rules={
                "list": [
                    {"name": v, "when": {"tags": v}, "set_level": v} for v in ("Urgent", "Lax")
                ]
            },
        )
        clocks = run_clocks(
            ticket(("09:00", "created"), ("17:00", "agent_public"), **attributes), made
        )
        return int(clocks.target[0]) // HOUR

    assert due() == 8
    assert due(priority="high") == 4
    assert due(priority="high", tags="Urgent") == 1
    assert due(priority="high", tags="Lax") == 4


def test_the_first_attribute_with_a_match_gives_the_target():
    by = {"product": {"bank": "2h"}, "priority": {"high": "4h"}}
    made = policy({"metric": "first_reply", "target_by": by})
    events = ticket(
        ("09:00", "created"), ("10:00", "agent_public"), product="bank", priority="high"
    )
    assert run_clocks(events, made).target.tolist() == [2 * HOUR]
    events = ticket(
        ("09:00", "created"), ("10:00", "agent_public"), product="card", priority="high"
    )
    assert run_clocks(events, made).target.tolist() == [4 * HOUR]


def test_and_in_a_group_or_between_groups():
    rule = {
        "name": "r",
        "when": [
            {"department": "sales", "priority": "high"},
            {"customer_group": {"in": ["vip", "gold"]}},
        ],
        "set_level": "A",
    }
    for attributes, level in [
        ({"department": "sales", "priority": "high"}, "A"),
        ({"department": "sales", "priority": "low"}, None),
        ({"department": "support", "customer_group": "gold"}, "A"),
        ({"department": "support", "customer_group": "golden"}, None),
    ]:
        every = {"department": "", "priority": "", "customer_group": ""} | attributes
        assert levels(ticket(("09:00", "created"), **every), rule) == [level]


def test_a_rule_that_is_not_active_does_nothing():
    rule = {"name": "r", "set_level": "A"}
    events = ticket(("09:00", "created"))
    assert levels(events, rule) == ["A"]
    assert levels(events, rule | {"active": False}) == [None]


def test_looked_at_when_created_or_updated():
    events = ticket(
        ("09:00", "created"),
        ("10:00", "priority", "high"),
        ("11:00", "priority", "low"),
        priority="low",
    )
    rule = {"name": "r", "when": {"priority": "high"}, "set_level": "A"}
    assert levels(events, rule, default_level="B") == ["B", "B", "B"]
    both = ("created", "updated")
    assert levels(events, rule, default_level="B", evaluate=both) == ["B", "A", "A"]
    found = levels(events, rule, default_level="B", evaluate=both, no_match="default_level")
    assert found == ["B", "A", "B"]


def test_a_level_event_sets_the_level_until_rules_say_otherwise():
    events = ticket(("09:00", "created"), ("10:00", "level", "B"), ("11:00", "customer_message"))
    rule = {"name": "r", "set_level": "A"}
    assert levels(events, rule) == ["A", "B", "B"]
    assert levels(events, rule, evaluate=("created", "updated")) == ["A", "B", "A"]


def test_rules_in_time():
    """Nobody touched the ticket for two hours: it becomes urgent at that very instant."""
    made = policy(
        {"metric": "total_resolution"},
        levels={"Slow": {"m": "8h"}, "Urgent": {"m": "3h"}},
        rules={
            "evaluate": ["created", "time"],
            "default_level": "Slow",
            "list": [
                {
                    "name": "idle",
                    "when": {"changed": {"longer_ago_than": "2h"}},
                    "set_level": "Urgent",
                }
            ],
        },
    )
    busy = [("09:00", "created"), ("10:30", "customer_message"), ("12:00", "status", "solved")]
    idle = [("09:00", "created"), ("12:30", "status", "solved")]
    assert run_clocks(ticket(*busy), made).target.tolist() == [8 * HOUR]
    clocks = run_clocks(ticket(*idle), made)
    assert clocks.target.tolist() == [3 * HOUR]
    assert clocks.breached_at.tolist() == [instant("2025-06-02T12:00")]


# attribute, condition, a ticket for which it holds, one for which it does not
CONDITIONS = [
    ({"source": "email"}, {"source": "email"}, {"source": "chat"}),
    ({"status": "new"}, {}, {"value": "open"}),
    ({"created": {"before": "2025-06-03"}}, {}, None),
    ({"created": {"after": "2025-06-02T08:59"}}, {}, None),
    ({"created": {"after": "2025-06-02T09:00"}}, None, {}),
    ({"changed": {"before": "2025-06-02T09:00"}}, None, {}),
    ({"deleted": False}, {}, None),
    (
        {"referrer_contains": "/pricing"},
        {"referrer": "https://x/pricing?a"},
        {"referrer": "https://x/"},
    ),
    ({"priority": {"is_not": "low"}}, {"priority": "high"}, {"priority": "low"}),
    ({"last_message": "customer"}, {}, {"created_by": "agent"}),
    ({"agent_status": "online"}, {"agent_status": "online"}, {"agent_status": "away"}),
    ({"custom.product": "card"}, {"product": "card"}, {"product": "loan"}),
    ({"department_not_in": ["sales"]}, {"department": "support"}, {"department": "sales"}),
    ({"assigned_to": "ana"}, {"assigned_to": "ana"}, {"assigned_to": "ion"}),
    ({"customer_group": ["vip", "gold"]}, {"customer_group": "vip"}, {"customer_group": "none"}),
    ({"from_invitation": True}, {"from_invitation": "yes"}, {"from_invitation": "no"}),
    ({"tags_contains": "URGENT"}, {"tags": "a, URGENT"}, {"tags": "URGENT2"}),
    ({"tags_not_contains": "spam"}, {"tags": "a"}, {"tags": "spam|a"}),
]


@pytest.mark.parametrize(("condition", "holding", "failing"), CONDITIONS)
def test_every_attribute_can_be_asked(condition, holding, failing):
    rule = {"name": "r", "when": condition, "set_level": "A"}
    for attributes, level in ((holding, "A"), (failing, None)):
        if attributes is not None:
            status = attributes.get("value", "")
            named = {k: v for k, v in attributes.items() if k != "value"}
            assert levels(ticket(("09:00", "created", status), **named), rule) == [level]


def test_all_fifteen_attributes_are_asked_above():
    asked = {c.attribute.partition(".")[0] for group, *_ in CONDITIONS for c in read_group(group)}
    assert asked == set(ATTRIBUTES) and len(ATTRIBUTES) == 15


def test_attributes_follow_their_events():
    events = ticket(
        ("09:00", "created"), ("10:00", "assigned", "ana"), ("11:00", "agent_internal"), ("12:00", "deleted"),
    )  # fmt: skip
    for condition, expected in [
        ({"assigned_to": "ana"}, [False, True, True, True]),
        ({"last_message": "internal"}, [False, False, True, True]),
        ({"deleted": "yes"}, [False, False, False, True]),
        ({"changed": {"after": "2025-06-02T10:30"}}, [False, False, True, True]),
    ]:
        (one,) = read_group(condition)
        assert one.holds(events, UTC).tolist() == expected


def test_dates_without_an_offset_are_local():
    (one,) = read_group({"created": {"before": "2025-06-02"}})
    events = EventTable.from_columns(["t"], [instant("2025-06-01T22:30+00:00")], ["created"])
    assert one.holds(events, ZoneInfo("UTC")).tolist() == [True]
    assert one.holds(events, ZoneInfo("Europe/Bucharest")).tolist() == [
        False
    ]  # 01:30 on 2 June there


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ({"when": {"a": 1}}, "no name"),
        ({"name": "r", "wen": {}}, "Did you mean when?"),
        ({"name": "r", "when": {"created": {"is": "x"}}}, "cannot be asked of created"),
        ({"name": "r", "when": {"priority": {"before": "x"}}}, "cannot be asked of priority"),
        ({"name": "r", "when": {"changed": {"longer_ago_than": "2"}}}, "unit"),
        ({"name": "r", "when": {"created": {"before": "soon"}}}, "soon"),
        ({"name": "r", "when": {"deleted": "maybe"}}, "yes or no"),
        ({"name": "r", "when": [{}]}, "empty"),
        ({"name": "r", "when": {"priority": []}}, "nothing to compare"),
    ],
)
def test_what_is_no_rule(plain, said):
    with pytest.raises(ValueError, match=said.replace("?", "\\?")):
        read_rule(plain)


def test_everything_wrong_with_the_rules_is_told_at_once():
    with pytest.raises(InputError) as error:
        Policy.from_plain(
            {
                "metrics": {"m": {"metric": "first_reply", "target": "1h"}},
                "levels": {"Urgent": {"m": "1h", "mm": "1h"}},
                "rules": {
                    "mode": "first",
                    "evaluate": ["create"],
                    "list": [
                        {"name": "a", "set_level": "Urgnt"},
                        {"name": "a", "set_level": "Urgent"},
                    ],
                },
            }
        )
    paths = {problem.path for problem in error.value.problems}
    assert paths == {
        "rules.mode", "rules.evaluate", "rules.list[0].set_level", "rules.list[1].name", "levels.Urgent.mm",
    }  # fmt: skip
    assert "Did you mean Urgent?" in str(error.value)


def test_an_unknown_attribute_and_an_unknown_level_in_the_log():
    made = policy(
        {"metric": "first_reply", "target": "1h"},
        levels={"Urgent": {"m": "1h"}},
        rules={"list": [{"name": "r", "when": {"prodct": "card"}, "set_level": "Urgent"}]},
    )
    events = ticket(("09:00", "created"), ("10:00", "level", "Urgnt"), product="card")
    with pytest.raises(InputError) as error:
        run_clocks(events, made)
    assert "Did you mean product?" in str(error.value)
    assert "Did you mean Urgent?" in str(error.value)
    assert 2 in {problem.line for problem in error.value.problems}


def test_a_condition_is_worked_out_once_per_value():
    one = Condition("priority", "in", ("high",))
    asked = []
    count = 10_000
    events = EventTable.from_columns(
        list(range(count)),
        [0] * count,
        ["created"] * count,
        attributes={"priority": ["high", "low"] * (count // 2)},
    )
    test = one._test()
    object.__setattr__(one, "_test", lambda: lambda word: asked.append(word) or test(word))
    assert int(np.sum(one.holds(events, UTC))) == count // 2
    assert sorted(asked) == ["", "high", "low"]


def test_priority_changes_the_target_by_priority():
    made = policy(
        {"metric": "first_reply", "target_by": {"priority": {"low": "8h", "high": "30m"}}}
    )
    events = ticket(
        ("09:00", "created"),
        ("10:00", "priority", "high"),
        ("11:00", "agent_public"),
        priority="low",
    )
    clocks = run_clocks(events, made)
    assert clocks.target.tolist() == [30 * MINUTE]
    assert clocks.breached_at.tolist() == [instant("2025-06-02T10:00")]
