"""The compiled loop against a slow reading of the same rules, on random logs where nearly everything is a tie."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sla_oracle import END_OF_NEXT_DAY, HOUR, MONDAY, always, judged, office
from sla_stories import ALWAYS, OFFICE, policy

from slasim.elapsed import UNDEFINED
from slasim.sla.clocks import STATES, run_clocks
from slasim.sla.events import STATUSES, EventTable
from slasim.sla.ticket_clock import COUNT_AS, METRICS, ON_REOPEN, ON_TARGET_CHANGE

TICKET_METRICS = [name for name, row in METRICS.items() if not row.clock]
PRIORITIES = ["low", "high", "urgent", "none"]

kinds = st.one_of(
    st.tuples(st.sampled_from(["customer_message", "agent_public", "auto_reply"]), st.just("")),
    st.tuples(st.sampled_from(["customer_message", "agent_public"]), st.just("")),
    st.tuples(st.just("status"), st.sampled_from(STATUSES)),
    st.tuples(st.just("status"), st.sampled_from(["open", "pending", "solved"])),
    st.tuples(st.just("priority"), st.sampled_from(PRIORITIES)),
    st.tuples(
        st.sampled_from(["assigned", "agent_internal", "abandoned", "deleted"]),
        st.sampled_from(["", "ana"]),
    ),
)
stories = st.tuples(
    st.sampled_from(STATUSES[:4]),
    st.sampled_from(PRIORITIES),
    st.integers(0, 120),
    st.lists(st.tuples(st.sampled_from([0, 0, 1, 2, 3, 7, 16, 30]), kinds), max_size=12),
)
durations = st.sampled_from([1, 2, 3, 8, 12])
targets = st.fixed_dictionaries(
    {"low": st.one_of(durations, st.just(END_OF_NEXT_DAY)), "high": durations, "urgent": durations}
)
clock_settings = st.fixed_dictionaries(
    {"metric": st.sampled_from(TICKET_METRICS)},
    optional={
        "on_target_change": st.sampled_from(ON_TARGET_CHANGE),
        "breach_memory": st.sampled_from(["sticky", "final"]),
        "on_reopen": st.sampled_from(ON_REOPEN),
        "count_as": st.sampled_from(COUNT_AS),
        "auto_reply_counts": st.booleans(),
        "pause_on": st.sampled_from([["pending"], ["pending", "on_hold"], []]),
    },
)


def told(story):
    """(hour, kind, value, priority after it) of a story."""
    status, priority, hour, rest = story
    events = [(hour, "created", status, priority)]
    for gap, (kind, value) in rest:
        hour += gap
        priority = value if kind == "priority" else priority
        events.append((hour, kind, value, priority))
    return events


def target_text(target):
    return {"by": "end_of_next_business_day"} if target == END_OF_NEXT_DAY else f"{target}h"


@settings(max_examples=600)
@given(
    st.lists(stories, min_size=1, max_size=3),
    clock_settings,
    targets,
    st.booleans(),
    st.integers(0, 60),
)
@example([("new", "low", 9, [(3, ("priority", "high")), (0, ("agent_public", ""))])], {"metric": "first_reply"},
         {"low": 8, "high": 2, "urgent": 1}, True, 0)  # fmt: skip
@example([("new", "low", 9, [(3, ("status", "solved")), (22, ("status", "open"))])],
         {"metric": "total_resolution", "on_reopen": "continuous"}, {"low": 1, "high": 2, "urgent": 1},
         True, 9)  # fmt: skip
def test_the_loop_and_the_slow_reading_agree(tickets, setting, by, in_office, after):
    logs = [told(story) for story in tickets]
    horizon = max(events[-1][0] for events in logs) + after
    made = policy(
        {**setting, "target_by": {"priority": {name: target_text(t) for name, t in by.items()}}},
        OFFICE if in_office else ALWAYS,
    )
    flat = [(ticket, *event) for ticket, events in enumerate(logs) for event in events]
    table = EventTable.from_columns(
        [row[0] for row in flat],
        [MONDAY + HOUR * row[1] for row in flat],
        [row[2] for row in flat],
        [row[3] for row in flat],
        attributes={"priority": [row[4] for row in flat]},
    )
    clocks = run_clocks(table, made, until=MONDAY + HOUR * horizon, stretches=True)

    def hours(ms):
        return None if ms == UNDEFINED else (ms - MONDAY) // HOUR

    found = [
        (ticket, hours(due), elapsed // HOUR, STATES[state], hours(breached), hours(stop))
        for ticket, due, elapsed, state, breached, stop in zip(
            clocks.ticket.tolist(), clocks.due_at.tolist(), clocks.elapsed.tolist(), clocks.state.tolist(),
            clocks.breached_at.tolist(), clocks.stop.tolist(), strict=True,
        )
    ]  # fmt: skip
    wanted = [
        (ticket, *row)
        for ticket, events in enumerate(logs)
        for row in judged(events, setting, office if in_office else always, by.get, horizon)
    ]
    assert found == wanted
