"""The tally: one compiled pass counts what a slow reading of the log counts, in any order and any split."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from slasim.contactlog import ANSWERED, BLOCKED, NOT_YET, OUTCOMES, WAITING, ContactLog
from slasim.draw import Draw
from slasim.errors import InputError
from slasim.metrics.counts import ContactCounts
from slasim.metrics.standard import measure
from slasim.outcome.tally import Followed, Layout, Tally, columns, periods
from slasim.routing.table import NEVER, RoutingTable

HALF_HOUR = 1_800_000
INTERVALS = 6
HORIZON = INTERVALS * HALF_HOUR
QUEUES, GROUPS = ("billing", "sales"), ("front", "back")
NOTHING = np.zeros(0, np.int64)

SL20 = measure("service_level", threshold=20_000)
ODD = measure("service_level", threshold=17_500, formula="exclude_short", short_abandon=2_300)
EVERY_METRIC = [
    SL20, ODD, measure("service_level", threshold=60_000, formula="answered_only"),
    measure("abandonment_rate"), measure("asa"), measure("mean_wait"), measure("aht"),
]  # fmt: skip


def ints(values):
    return np.array(values, np.int64)


def draw_of(first, arrived, **changes):
    n = len(arrived)
    made = {
        "table": RoutingTable.closed(2, 2), "first": ints(first), "arrival": ints(arrived),
        "work": ints([0] * n), "wrap": ints([0] * n), "patience": ints([NEVER] * n),
        "leaves_as": np.ones(n, np.int8), "lines": ints([NEVER] * 2), "queue_limit": ints([NEVER] * 2),
        "closing_at": NOTHING, "closing_queue": NOTHING, "stop": ints([HORIZON + 3_600_000, NEVER]),
        "by_number": np.ones(2, np.int8), "staff_at": NOTHING, "staff_group": NOTHING,
        "staff_number": NOTHING, "agent_group": NOTHING, "stint_agent": NOTHING,
        "stint_from": NOTHING, "stint_to": NOTHING, "break_first": ints([0]), "break_at": NOTHING,
        "break_length": NOTHING,
    }  # fmt: skip
    return Draw(**(made | changes))


def day(rows, **changes):
    """rows: (queue, arrived, outcome, wait, handled, wrap, group) -> (draw, log)."""
    rows = sorted(rows, key=lambda row: row[:2])
    queue, arrived, outcome, wait, handled, wrap, group = (
        ints(column) for column in (zip(*rows, strict=True) if rows else [[]] * 7)
    )
    taken = outcome == ANSWERED
    left = np.where(outcome == WAITING, NOT_YET, arrived + wait)
    finished = np.where(taken, left + handled, NOT_YET)
    log = ContactLog(
        np.arange(len(rows)), np.zeros(len(rows), np.int16), queue.astype(np.int16), arrived,
        outcome.astype(np.int8), left, np.where(taken, group, -1).astype(np.int16),
        np.full(len(rows), -1, np.int32), np.where(taken, finished - np.minimum(wrap, handled), NOT_YET),
        finished, QUEUES, GROUPS, stint_left=changes.pop("stint_left", NOTHING),
        break_began=changes.pop("break_began", NOTHING), break_ended=changes.pop("break_ended", NOTHING),
    )  # fmt: skip
    first = np.searchsorted(queue, [0, 1, 2])
    return draw_of(first, arrived, **changes), log


HOURS = tuple(i // 2 for i in range(INTERVALS))
FOLLOWED = tuple(
    Followed(f"metric {k}", period, metric, QUEUES, numbers)
    for k, metric in enumerate(EVERY_METRIC)
    for period, numbers in (("day", HOURS), ("interval", tuple(range(INTERVALS))))
)
LAYOUT = Layout(
    QUEUES, GROUPS, INTERVALS, HALF_HOUR, followed=FOLLOWED, batches=4, wanted=(2_300, 17_500)
)

a_wait = st.one_of(st.integers(0, 30_000), st.integers(0, 3_000_000), st.sampled_from(
    [0, 1, 999, 1_000, 1_001, 2_300, 2_301, 17_500, 17_501, 20_000, 20_001, 600_000, 600_001, 40 * 86_400_000]
))  # fmt: skip
a_contact = st.tuples(
    st.integers(0, 1), st.integers(-HALF_HOUR, HORIZON + HALF_HOUR), st.integers(0, len(OUTCOMES) - 1),
    a_wait, st.integers(0, 3 * HALF_HOUR), st.integers(0, 60_000), st.integers(0, 1),
)  # fmt: skip
days = st.lists(a_contact, max_size=25)
AT_THE_EDGES = [
    (0, at, outcome, wait, 40 * 60_000, 5_000, 1)
    for at in (
        -HALF_HOUR,
        -1,
        0,
        1,
        HALF_HOUR - 1,
        HALF_HOUR,
        HORIZON - HALF_HOUR,
        HORIZON - 1,
        HORIZON,
    )
    for outcome in range(len(OUTCOMES))
    for wait in (0, 1, 10 * 60_000)
]
AT_THE_BINS = [
    (1, 0, ANSWERED, int(e) + more, 1, 0, 0) for e in LAYOUT.edges[1:] for more in (0, 1)
]


def slowly(draw, log, metric, chosen):
    """(numerator, denominator) of a metric over the chosen contacts, contact by contact."""
    stop = draw.stop[log.queue]
    known = np.where(stop == NEVER, HORIZON, stop) - log.arrived
    waited = np.where(log.outcome == WAITING, known, log.waited)
    late = (log.outcome == WAITING) & (stop == NEVER)
    single = ContactCounts(log.outcome, waited, log.handled)
    held = ContactCounts(log.outcome[late], waited[late], log.handled[late], open_is_late=True)
    sums = []
    for part, forever in zip(metric.parts(single), metric.parts(held), strict=True):
        part = np.array(part)
        part[late] = forever
        sums.append(int(part[chosen].sum()))
    return tuple(sums)


@settings(deadline=None, max_examples=150)
@given(days)
@example(AT_THE_EDGES)
@example(AT_THE_BINS)
def test_every_count_is_what_a_slow_reading_counts(rows):
    draw, log = day(rows)
    tally = Tally.empty(LAYOUT, [6])
    tally.add(draw, log, 6)
    counted = (log.arrived >= 0) & (log.arrived < HORIZON)
    interval = log.arrived // HALF_HOUR
    for k, metric in enumerate(EVERY_METRIC):
        for q, name in enumerate(QUEUES):
            mine = [int(part[0]) for part in metric.parts(tally.counts(name))]
            assert tuple(mine) == slowly(draw, log, metric, counted & (log.queue == q))
        above, below = (part[0] for part in metric.parts(tally.counts_by_interval()))
        followed = tally.by_period(f"metric {k}", "interval")
        by_hour = tally.by_period(f"metric {k}", "day")
        for i in range(INTERVALS):
            expected = slowly(draw, log, metric, counted & (interval == i))
            assert (above[i], below[i]) == expected
            assert (followed[0][0, i], followed[1][0, i]) == expected
        assert by_hour[0].sum() == above.sum() and by_hour[1].sum() == below.sum()
        assert by_hour[1][0].tolist() == below.reshape(3, 2).sum(axis=1).tolist()
    whole = tally.counts()
    assert int(whole.blocked[0]) == int((counted & (log.outcome == BLOCKED)).sum())
    answered = counted & (log.outcome == ANSWERED)
    assert int(whole.wrap[0]) == int((log.finished - log.released)[answered].sum())


@settings(deadline=None, max_examples=60)
@given(days)
@example(AT_THE_BINS)
def test_histogram_bins_hold_the_waits_up_to_their_edge(rows):
    draw, log = day([row for row in rows if row[2] != WAITING])
    tally = Tally.empty(LAYOUT, [0])
    tally.add(draw, log, 0)
    edges, counts = tally.wait_histogram()
    counted = (log.arrived >= 0) & (log.arrived < HORIZON) & (log.outcome != BLOCKED)
    bins = np.searchsorted(edges, log.waited[counted])
    assert np.array_equal(counts[0], np.bincount(bins, minlength=edges.size + 1))
    _, answered = tally.wait_histogram("billing", of="answered")
    mine = counted & (log.outcome == ANSWERED) & (log.queue == 0)
    assert answered.sum() == mine.sum()
    assert set(LAYOUT.thresholds) <= set(edges.tolist())


@settings(deadline=None, max_examples=60)
@given(days)
@example(AT_THE_EDGES)
def test_busy_time_is_the_handling_inside_the_horizon(rows):
    draw, log = day(rows)
    tally = Tally.empty(LAYOUT, [0])
    tally.add(draw, log, 0)
    answered = (log.outcome == ANSWERED) & (log.arrived < HORIZON)
    for g, name in enumerate(GROUPS):
        mine = answered & (log.group == g)
        for i in range(INTERVALS):
            low, high = i * HALF_HOUR, (i + 1) * HALF_HOUR
            spent = np.minimum(log.finished[mine], high) - np.maximum(log.left[mine], low)
            assert tally.times_by_interval(name).busy[0, i] == np.maximum(spent, 0).sum()
        assert tally.times(name).busy[0] == tally.times_by_interval(name).busy.sum()


def test_staffed_by_number_is_the_number_over_time():
    """Front: 3 from before the start, 1 from 45 min. Back: nobody until 2 h, then 2 past the end."""
    minute = 60_000
    draw, log = day(
        [],
        staff_at=ints([-90 * minute, 45 * minute, 120 * minute]),
        staff_group=ints([0, 0, 1]),
        staff_number=ints([3, 1, 2]),
    )
    tally = Tally.empty(LAYOUT, [0])
    tally.add(draw, log, 0)
    front, back = (tally.times_by_interval(g).staffed[0] // minute for g in GROUPS)
    assert front.tolist() == [90, 60, 30, 30, 30, 30]
    assert back.tolist() == [0, 0, 0, 0, 60, 60]
    assert tally.times().staffed[0] == (front.sum() + back.sum()) * minute
    occupancy = measure("occupancy").parts(tally.times())
    assert occupancy[0][0] == 0 and occupancy[1][0] == tally.times().staffed[0]


def test_staffed_by_name_is_the_shift_less_the_breaks_taken():
    """Two shifts 0:10 to 2:00. One break taken late, from 1:05 to 1:20; one never; one cut by the end."""
    minute = 60_000
    draw, log = day(
        [], by_number=np.zeros(2, np.int8), agent_group=ints([0, 1]), stint_agent=ints([0, 1]),
        stint_from=ints([10, 10]) * minute, stint_to=ints([120, 120]) * minute,
        break_first=ints([0, 2, 3]), break_at=ints([60, 80, 110]) * minute,
        break_length=ints([15, 15, 15]) * minute,
        break_began=np.array([65 * minute, NOT_YET, 110 * minute]),
        break_ended=np.array([80 * minute, NOT_YET, 125 * minute]),
        stint_left=np.array([131 * minute, 120 * minute]),
    )  # fmt: skip
    tally = Tally.empty(LAYOUT, [0])
    tally.add(draw, log, 0)
    front, back = (tally.times_by_interval(g).staffed[0] // minute for g in GROUPS)
    assert front.tolist() == [20, 30, 15, 30, 0, 0]
    assert back.tolist() == [20, 30, 30, 20, 0, 0]


def test_v03_a_contact_belongs_to_the_interval_of_its_arrival():
    """Hand-worked case V03 of the service-level definitions: 2 of 4 and 1 of 1 within 20 s."""
    start = 60_000 * 28  # 09:28 in a day that starts at 09:00
    rows = [(0, start, ANSWERED, 10_000), (0, start + 110_000, ANSWERED, 30_000),
            (0, start + 115_000, ANSWERED, 10_000), (0, start + 95_000, 1, 40_000),
            (0, start + 180_000, ANSWERED, 5_000)]  # fmt: skip
    draw, log = day([(*row, 60_000, 0, 0) for row in rows])
    tally = Tally.empty(LAYOUT, [0])
    tally.add(draw, log, 0)
    within, offered = SL20.parts(tally.counts_by_interval("billing"))
    assert within[0, :2].tolist() == [2, 1] and offered[0, :2].tolist() == [4, 1]


# ---------------------------------------------------------------- adding up


def some_days(n, seed=0):
    rng = np.random.default_rng(seed)
    return [
        day([(int(rng.integers(2)), int(rng.integers(HORIZON)), int(rng.integers(6)),
              int(rng.exponential(20_000)), int(rng.exponential(200_000)), 10, int(rng.integers(2)))
             for _ in range(40)])
        for _ in range(n)
    ]  # fmt: skip


def tallied(made, numbers):
    tally = Tally.empty(LAYOUT, numbers)
    for r in numbers:
        tally.add(*made[r], r)
    return tally


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 2), min_size=8, max_size=8), st.permutations(range(8)))
def test_any_split_in_any_order_gives_the_same_numbers(part_of, order):
    made = MADE
    parts = [tallied(made, [r for r in order if part_of[r] == part]) for part in range(3)]
    a, b, c = parts
    whole = tallied(made, range(8))
    assert a.merge(b).merge(c) == whole
    assert a.merge(b.merge(c)) == whole
    assert c.merge(b).merge(a) == whole


MADE = some_days(8)


def test_threads_that_keep_to_their_batches_share_one_tally():
    made = some_days(24, seed=1)
    shared = Tally.empty(LAYOUT, range(24))

    def work(batch):
        for r in range(24):
            if shared.batch_of(r) == batch:
                shared.add(*made[r], r)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert shared == tallied(made, range(24))


def test_batches_without_replications_are_left_out():
    tally = tallied(MADE, [0, 1, 5])
    assert tally.sizes.tolist() == [1, 2, 0, 0] and tally.replications == 3
    assert tally.counts_by_interval().offered.shape == (2, INTERVALS)
    assert tally.counts().offered.sum() == tally.counts_by_interval().offered.sum()


def test_nothing_is_counted_twice_and_nothing_foreign():
    tally = tallied(MADE, [0, 1])
    with pytest.raises(ValueError, match="counted already"):
        tally.add(*MADE[0], 0)
    with pytest.raises(ValueError, match="not among those"):
        tally.add(*MADE[2], 2)
    with pytest.raises(ValueError, match="twice"):
        tally.merge(tallied(MADE, [1, 2]))
    with pytest.raises(ValueError, match="not this draw's"):
        Tally.empty(LAYOUT, [0]).add(MADE[0][0], day([])[1], 0)
    with pytest.raises(ValueError, match="different things"):
        tally.merge(Tally.empty(dataclasses.replace(LAYOUT, batches=3), [3]))


def test_memory_does_not_grow_with_replications_but_for_small_rows():
    plain = Layout(QUEUES, GROUPS, 48, HALF_HOUR)
    few, many = Tally.empty(plain, range(10)), Tally.empty(plain, range(1010))
    assert (many.bytes - few.bytes) / 1000 == 8 * (
        2 * plain.width + 3 * 2 + len(QUEUES) * len(GROUPS) + 1
    ) + 1


def test_a_big_scenario_has_fewer_batches():
    assert Layout(QUEUES, GROUPS, 48, HALF_HOUR).batches == 64
    big = Layout(tuple(f"q{k}" for k in range(12)), GROUPS, 1344, HALF_HOUR)
    assert big.batches == 20


# ---------------------------------------------------------------- layouts


def test_columns_do_not_overlap():
    at = columns(13)
    assert sorted(at.values()) == list(at.values())
    assert at["waiting"] + 15 == Layout(QUEUES, GROUPS, 1, HALF_HOUR).width


def test_a_threshold_that_was_not_counted_is_an_error_that_lists_the_others():
    counts = tallied(MADE, [0]).counts()
    assert counts.answered_within(17_500)[0] <= counts.answered_within(20_000)[0]
    with pytest.raises(InputError, match=r"up to 25 s.*Counted are 0 s"):
        counts.answered_within(25_000)


def test_what_cannot_be_followed_is_refused():
    def follow(metric=SL20, queues=QUEUES, numbers=HOURS):
        return Layout(
            QUEUES,
            GROUPS,
            INTERVALS,
            HALF_HOUR,
            followed=(Followed("it", "day", metric, queues, numbers),),
        )

    with pytest.raises(ValueError, match="biling"):
        follow(queues=("biling",))
    with pytest.raises(ValueError, match="periods for 2"):
        follow(numbers=(0, 0))
    with pytest.raises(KeyError, match="it by week"):
        follow().offset("it", "week")


def test_occupancy_is_followed_by_period_beside_contacts():
    occupancy, days = measure("occupancy"), (-1, -1, 0, 0, 1, 1)
    layout = Layout(
        QUEUES,
        GROUPS,
        INTERVALS,
        HALF_HOUR,
        followed=(
            Followed("before", "day", SL20, QUEUES, days),
            Followed("busy", "day", occupancy, QUEUES, days),
            Followed("after", "day", SL20, QUEUES, days),
        ),
    )
    both = Tally.empty(layout, range(len(MADE)))
    for number, (draw, log) in enumerate(MADE):
        both.add(draw, log, number)
        alone = Tally.empty(Layout(QUEUES, GROUPS, INTERVALS, HALF_HOUR), [number])
        alone.add(draw, log, number)
        for found, kept in zip(
            both.by_period("busy", "day"), (alone.busy, alone.staffed), strict=True
        ):
            by_interval = kept.sum(axis=(0, 1))
            assert found[number].tolist() == [by_interval[2:4].sum(), by_interval[4:].sum()]
    for one, other in zip(
        both.by_period("before", "day"), both.by_period("after", "day"), strict=True
    ):
        assert one.tolist() == other.tolist()
        assert one.any()


def test_intervals_outside_every_period_are_not_followed():
    layout = Layout(
        QUEUES,
        GROUPS,
        INTERVALS,
        HALF_HOUR,
        followed=(Followed("it", "day", SL20, QUEUES, (-1, -1, 0, 0, 1, 1)),),
    )
    tally = Tally.empty(layout, [0])
    tally.add(*MADE[0], 0)
    by_interval = SL20.parts(tally.counts_by_interval())[1][0]
    assert tally.by_period("it", "day")[1][0].tolist() == [
        by_interval[2:4].sum(),
        by_interval[4:].sum(),
    ]


def test_periods_follow_the_wall_clock():
    hour = 3_600_000
    start = np.datetime64("2026-03-27T00:00").astype("datetime64[ms]").astype(int)  # a Friday
    local = start + np.arange(24 * 6) * hour
    assert np.bincount(periods(local, "day")).tolist() == [24] * 6
    assert np.bincount(periods(local, "week")).tolist() == [72, 72]
    assert np.bincount(periods(local, "month")).tolist() == [24 * 5, 24]
    assert periods(local, "interval").tolist() == list(range(144))
    assert set(periods(local, "horizon").tolist()) == {0}
    spring = np.delete(local, 24 * 2 + 2)  # the Sunday without its third hour
    assert np.bincount(periods(spring, "day")).tolist() == [24, 24, 23, 24, 24, 24]


def test_the_loop_is_compiled():
    from slasim.outcome.counting import count_contacts

    tallied(MADE, [0])
    assert count_contacts.signatures
