"""The study: the same numbers whoever computes them, three readings kept apart, pairs on the same callers."""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import slasim as sl
from slasim.contactlog import ContactLog
from slasim.draw import Draw
from slasim.engine import fast
from slasim.errors import InputError, NothingToJudge
from slasim.outcome.tally import Tally
from slasim.scenario import load_text
from slasim.study import measures, runs
from slasim.study.result import worst_cells
from slasim.study.runs import Run
from slasim.turns import beside_others

DAY = """
name: A small day
start: 2026-03-02
end: 2026-03-03
calendars: {phones: {weekly: {mon-sun: ["08:00-18:00"]}}}
queues:
  billing: {calendar: phones, arrivals: {per_hour: 60}, aht: 240s, patience: {exponential: {mean: 3min}}}
  sales: {calendar: phones, arrivals: {per_hour: 30}, aht: 300s, patience: {exponential: {mean: 4min}}, priority: 3}
groups:
  front: {takes: {billing: 1, sales: 2}, staffing: 7, max_occupancy: 0.85}
metrics:
  in_20: {type: service_level, threshold: 20s}
  lost: {type: abandonment_rate}
contract:
  period: day
  commitments:
    - {metric: in_20, target: 0.80}
    - {metric: lost, target: 0.05}
    - {metric: in_20, target: 0.5, aggregate: share_of_intervals_met, interval_target: 0.8}
"""


@pytest.fixture(scope="module")
def day() -> sl.Scenario:
    return load_text(DAY)


@pytest.fixture(scope="module")
def result(day: sl.Scenario) -> sl.Result:
    return sl.simulate(day, replications=60, seed=3, executor=2)


class OneAtATime(Executor):
    """An executor of somebody else's: runs what it gets at once, in the caller's thread."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


EXECUTORS = {
    "one thread": lambda: 1,
    "three threads": lambda: 3,
    "threads": lambda: ThreadPoolExecutor(2),
    "somebody else's": OneAtATime,
    "processes": lambda: ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")),
}


@pytest.mark.parametrize("kind", EXECUTORS)
def test_the_same_numbers_whoever_computes_them(
    kind: str, day: sl.Scenario, result: sl.Result
) -> None:
    executor: Any = EXECUTORS[kind]()
    other = sl.simulate(day, replications=60, seed=3, executor=executor)
    assert other.tally == result.tally
    if isinstance(executor, Executor):
        executor.shutdown()


def test_threads_that_meet_in_one_batch_count_one_after_the_other(day: sl.Scenario) -> None:
    """Every replication is in the same batch, and others have their turn while one is added up."""
    run = Run(day, 3, replace(measures.layout(day), batches=1))
    inside, met = [0], [0]

    class Watched(Tally):
        def add(self, *counted: Any) -> None:
            inside[0] += 1
            met[0] = max(met[0], inside[0])
            beside_others(time.sleep, 0.001)
            super().add(*counted)
            inside[0] -= 1

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(runs, "Tally", Watched)
        together = soon(lambda: run.count(range(40), 4))
    assert met == [1]
    alone = run.count(range(40), 1)
    assert np.array_equal(together.cells, alone.cells)
    assert np.array_equal(together.totals, alone.totals) and together.counted.all()


def soon(work: Callable[[], Tally]) -> Tally:
    """What it returns, from a thread that nobody waits for long: who waits for ever fails."""
    found: list[Tally] = []
    thread = threading.Thread(target=lambda: found.append(work()), daemon=True)
    thread.start()
    thread.join(60)
    return found[0]


def test_threads_take_turns_in_python_and_meet_in_loops(
    day: sl.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, most, both = [0], [0], threading.Barrier(2)

    def watched(draw: Draw) -> ContactLog:
        inside[0] += 1
        most[0] = max(most + inside)
        time.sleep(0.002)
        inside[0] -= 1
        beside_others(both.wait, 10)
        return fast.run(draw)

    monkeypatch.setattr(runs, "engine_named", lambda _: watched)
    run = Run(day, 3, measures.layout(day))
    assert soon(lambda: run.count(range(10), 2)).counted.all()
    assert most == [1]


def test_who_waits_for_its_turn_begins_nothing_once_all_have_to_stop(
    day: sl.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, seen = [0], [0]

    def slow(draw: Draw) -> ContactLog:
        begun[0] += 1
        time.sleep(0.05)
        return fast.run(draw)

    def interrupt(done: int, total: int) -> None:
        seen[0] = begun[0]
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "engine_named", lambda _: slow)
    with pytest.raises(KeyboardInterrupt):
        Run(day, 3, measures.layout(day)).count(range(100), 6, interrupt)
    assert 1 <= begun[0] <= seen[0] + 1


def test_both_engines_give_the_same_result(day: sl.Scenario, result: sl.Result) -> None:
    simpy = sl.simulate(day, replications=2, seed=3, engine="simpy")
    fast = sl.simulate(day, replications=2, seed=3)
    assert simpy.tally == fast.tally
    assert simpy.log(1) == fast.log(1)


def test_a_log_is_drawn_again_and_adds_up_to_what_was_counted(result: sl.Result) -> None:
    in_time = offered = 0
    for r in range(result.replications):
        log = result.log(r)
        in_time += int(((log.outcome == 0) & (log.waited <= 20_000)).sum())
        offered += len(log)
    assert result.estimate("in_20").value == in_time / offered
    assert result.log(0).queues == ("billing", "sales")
    with pytest.raises(IndexError):
        result.log(result.replications)


def test_more_replications_keep_the_first_ones(day: sl.Scenario, result: sl.Result) -> None:
    more = sl.simulate(day, replications=80, seed=3)
    assert np.array_equal(more.tally.totals[:60], result.tally.totals)


def test_one_replication_has_a_value_and_no_range(day: sl.Scenario) -> None:
    single = sl.simulate(day, replications=1)
    found = single.estimate("in_20")
    assert 0 < found.value < 1 and found.low is None and found.high is None
    with pytest.raises(NothingToJudge):
        sl.judge(single)


def test_three_readings_are_three_numbers(result: sl.Result) -> None:
    days = np.array(result.by_period(result._asked("in_20", None), "day"), float)[:, :, 0]
    each = days[0] / days[1]
    assert result.estimate("in_20").value == pytest.approx(days[0].sum() / days[1].sum())
    assert result.estimate("in_20", reading="per_period").value == pytest.approx(each.mean())
    assert result.estimate("in_20", reading="chance").value == pytest.approx((each >= 0.8).mean())
    assert result.estimate("in_20", reading="chance", target=0.0).value == 1.0


def test_a_threshold_nobody_named_is_simulated_again(result: sl.Result) -> None:
    between = result.estimate("service_level", threshold="27s")
    low, high = (result.estimate("service_level", threshold=t).value for t in ("20s", "30s"))
    assert low < between.value < high


def test_tables_add_up_to_the_whole(result: sl.Result) -> None:
    for by in ("interval", "hour", "weekday", "day", "week", "month"):
        table = result.table("in_20", by=by)
        assert list(table.columns) == [by, "value", "low", "high", "replications"]
        known = table.dropna()
        assert ((known.low <= known.value) & (known.value <= known.high)).all()
    assert result.table("in_20", by="month").value[0] == pytest.approx(
        result.estimate("in_20").value
    )
    by_queue = result.table("in_20", by=["queue", "hour"])
    assert len(by_queue) == 2 * 24 and by_queue.value.isna().sum() == 2 * 14
    assert result.table("occupancy", by="group").group.tolist() == ["front"]


def test_an_interval_by_number_or_by_its_local_start(result: sl.Result) -> None:
    by_name = result.estimate("in_20", interval="2026-03-02 09:00")
    assert by_name == result.estimate("in_20", interval=18)
    with pytest.raises(InputError, match="no interval starts"):
        result.estimate("in_20", interval="2026-03-02 09:10")


def test_verdicts_one_per_commitment(result: sl.Result) -> None:
    verdicts = sl.judge(result)
    assert [v.metric for v in verdicts] == ["in_20", "lost", "in_20"]
    assert all(v.chance_low <= v.chance.value for v in verdicts)
    assert verdicts[2].value.value != verdicts[0].value.value
    met = result.intervals_met(sl_promise(result), 0.8)
    assert met.value == pytest.approx(verdicts[2].value.value, abs=0.02)


def sl_promise(result: sl.Result) -> Any:
    from slasim.study import measures

    return measures.promises(result.scenario)[0]


def test_until_precise_enough(day: sl.Scenario) -> None:
    found = sl.simulate(day, precision=0.01, seed=5)
    assert found.replications >= 100 and found.replications % 50 == 0
    assert all(found.estimate(name).half_width <= 0.01 for name in ("in_20", "lost"))
    fewer = sl.simulate(day, replications=found.replications - 50, seed=5)
    assert any(fewer.estimate(name).half_width > 0.01 for name in ("in_20", "lost"))
    assert sl.simulate(day, precision=0.0005, replications=120, seed=5).replications == 120


def test_progress_reaches_its_total(day: sl.Scenario) -> None:
    seen: list[tuple[int, int]] = []
    sl.simulate(day, replications=30, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (30, 30) and sorted(seen) == seen


def test_interrupting_stops_every_worker(day: sl.Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    begun = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        sl.simulate(day, replications=100_000, progress=interrupt, executor=2)
    assert threading.active_count() == begun


def test_memory_does_not_grow_with_replications(day: sl.Scenario) -> None:
    from slasim.outcome.tally import Tally
    from slasim.study import measures

    kept = [Tally.empty(measures.layout(day), range(n)).bytes for n in (10, 1_000)]
    assert kept[1] - kept[0] < 990 * 4_000  # a few numbers per replication and queue


def test_a_comparison_is_paired(day: sl.Scenario) -> None:
    more = day.but({"groups.front.staffing": "+1"})
    compared = sl.compare(day, more, replications=60, seed=3)
    found = compared.difference("in_20")
    apart = compared.second.estimate("in_20").value - compared.first.estimate("in_20").value
    assert found.estimate.value == pytest.approx(apart)
    assert found.estimate.low is not None and found.estimate.low > 0
    assert found.variance_reduction > 3
    assert compared.chance_difference(0).estimate.value >= 0
    assert compared.table("in_20", by="hour").difference.dropna().mean() > 0
    assert compared.table().metric.tolist()[:2] == ["in_20", "lost"]
    same = sl.compare(day, day, replications=10).difference("in_20")
    assert same.estimate.value == 0
    with pytest.raises(InputError, match="same intervals"):
        sl.compare(day, day.but({"interval": "15min"}))


def test_more_volume_keeps_the_callers(day: sl.Scenario) -> None:
    busier = day.but({"queues.billing.volume": "+15%"})
    a, b = (sl.sample(s, seed=3, replication=0) for s in (day, busier))
    n = int(a.first[1])
    assert b.first[1] > n
    assert np.array_equal(a.work[:n], b.work[:n]) and np.array_equal(a.patience[:n], b.patience[:n])
    assert np.array_equal(a.arrival[n:], b.arrival[b.first[1] :])  # sales hears nothing of it


def test_worst_cells_are_the_worst(result: sl.Result) -> None:
    worst = worst_cells(result, "in_20", 5)
    assert len(worst) == 5
    assert [cell["value"] for cell in worst] == sorted(cell["value"] for cell in worst)
    table = result.table("in_20", by=["queue", "interval"]).dropna()
    assert worst[0]["value"] == pytest.approx(table.value.min())


def test_json_and_print(result: sl.Result, day: sl.Scenario) -> None:
    told = json.loads(json.dumps(result.to_json()))
    assert told["replications"] == 60 and len(told["verdicts"]) == 3
    assert set(told["estimates"]) >= {"in_20", "lost", "asa", "aht", "occupancy"}
    assert "in_20" in repr(result) and "<table>" in result._repr_html_()
    compared = sl.compare(day, day, replications=3)
    assert json.loads(json.dumps(compared.to_json()))["differences"]["in_20"]["value"] == 0.0


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda r: r.estimate("in_21"), "Did you mean in_20"),
        (lambda r: r.estimate("in_20", queue="biling"), "Did you mean billing"),
        (lambda r: r.estimate("service_level", threshold="20"), "20"),
        (lambda r: r.estimate("service_level", formula="negativ"), "Did you mean negative"),
        (lambda r: r.estimate("asa", reading="chance"), "needs a target"),
        (lambda r: r.table("in_20", by="quarter"), "cannot be split"),
        (lambda r: r.estimate("occupancy", group="frnt"), "Did you mean front"),
        (lambda r: r.estimate("occupancy", queue="billing"), "not known by queue"),
        (lambda r: r.estimate("in_20", group="front"), "not known by group"),
        (lambda r: r.percentile(0.9, queue="biling"), "Did you mean billing"),
        (lambda r: r.percentile(95), "0.95"),
        (lambda r: r.percentile(0.95, of="all"), "answered or offered"),
        (lambda r: r.estimate("in_20", reading="per_period", period="year"), "no period"),
        (lambda r: sl.simulate(r.scenario, replications=0), "0 replications"),
        (lambda r: sl.simulate(r.scenario, precision=2), "precision"),
        (lambda r: sl.simulate(r.scenario, engine="warp"), "no engine"),
    ],
)
def test_what_does_not_exist_is_said(ask: Any, told: str, result: sl.Result) -> None:
    with pytest.raises(InputError, match=told):
        ask(result)


def test_a_run_counts_what_it_is_given(day: sl.Scenario, result: sl.Result) -> None:
    run = Run(day, 3, result.tally.layout)
    halves = run.count(range(30), 1).merge(run.count(range(30, 60), 2))
    assert halves == result.tally


# ---------------------------------------------------------------------- what a second reader found


def changed(*replacements: tuple[str, str]) -> sl.Scenario:
    """The small day, its text changed."""
    text = DAY
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return load_text(text)


def test_thresholds_that_read_alike_are_kept_apart() -> None:
    close = changed(
        ("lost: {type: abandonment_rate}", "in_20_4: {type: service_level, threshold: 20400ms}"),
        ("{metric: lost, target: 0.05}", "{metric: in_20_4, target: 0.8}"),
    )
    result = sl.simulate(close, replications=60, seed=3)
    one, other = list(sl.judge(result))[:2]
    assert other.value.value == result.estimate("in_20_4").value
    assert other.value.value > one.value.value == result.estimate("in_20").value


MONTH = (("end: 2026-03-03", "end: 2026-04-01"), ("start: 2026-03-02", "start: 2026-03-01"))


def test_a_part_of_a_week_is_not_judged() -> None:
    month = changed(*MONTH)  # 1 March 2026 is a Sunday: four whole weeks, one day before, two after
    result = sl.simulate(month, replications=3, seed=3)
    asked = measures.ask(month, "in_20")
    by_week, by_day = (result.by_period(asked, period)[1] for period in ("week", "day"))
    assert by_week.shape == (3, 4)
    assert by_day.shape == (3, 31)
    assert by_week.tolist() == by_day[:, 1:29].reshape(3, 4, 7).sum(axis=2).tolist()
    assert result.by_period(asked, "month")[1].shape == (3, 1)


def test_no_whole_period_is_said(result: sl.Result) -> None:
    with pytest.raises(InputError, match="no whole week"):
        result.estimate("in_20", reading="per_period", period="week")


def test_the_chance_of_a_share_of_intervals_is_that_of_its_verdict() -> None:
    by_interval = changed(
        ("    - {metric: in_20, target: 0.80}\n", ""), ("target: 0.5,", "target: 0.7,")
    )
    result = sl.simulate(by_interval, replications=60, seed=3)
    verdict = list(sl.judge(result))[1]
    chance = result.estimate("in_20", reading="chance")
    assert 0 < chance.value < 1
    assert (chance.value, chance.low, chance.high) == (
        verdict.chance.value, verdict.chance.low, verdict.chance.high
    )  # fmt: skip


def test_a_comparison_by_time_counts_replications_and_pairs_the_same_batches() -> None:
    month = changed(*MONTH, ("calendars:", "interval: 15min\ncalendars:"))
    more = month.but({"metrics.in_33": {"type": "service_level", "threshold": "33s"}})
    sizes = [measures.layout(scenario).batches for scenario in (month, more)]
    assert sizes[0] != sizes[1]
    both = sl.compare(month, more, replications=2, seed=3)
    assert both.first.tally.layout.batches == both.second.tally.layout.batches == min(sizes)
    table = both.table("in_20", by="hour")
    assert set(table["replications"]) == {2}
    assert set(table["difference"].dropna()) == {0.0}
    apart = both.table("service_level", by="weekday", threshold="34s")  # simulated once more
    assert set(apart["difference"]) == {0.0}


def test_results_of_different_callers_are_no_comparison(
    day: sl.Scenario, result: sl.Result
) -> None:
    for other in (sl.simulate(day, replications=59, seed=3), sl.simulate(day, replications=60)):
        with pytest.raises(InputError, match="Let `compare` simulate both"):
            sl.Comparison(result, other)


def test_overflow_is_what_another_group_than_the_first_tried_answered() -> None:
    from slasim.study.overflow import overflow

    centre = load_text("""
name: Overflow
start: 2026-01-05
end: 2026-01-06
queues:
  a: {arrivals: {per_hour: 40}, aht: 300s, patience: {exponential: {mean: 3min}}}
  b: {arrivals: {per_hour: 20}, aht: 300s, patience: {exponential: {mean: 3min}}, prefers: [flex]}
groups:
  front: {takes: {a: 2, b: 1}, staffing: 3}
  flex: {takes: {b: 1, a: {rank: 1, after: 20s}}, staffing: 3}
""")
    result = sl.simulate(centre, replications=5)
    answered = np.zeros((2, 2))
    for r in range(5):
        log = result.log(r)
        taken = log.outcome == 0
        np.add.at(answered, (log.queue[taken], log.group[taken]), 1)
    found = {(one.queue, one.group): one for one in overflow(result)}
    assert set(found) == {("a", "flex"), ("b", "front")}
    assert found["a", "flex"].contacts == answered[0, 1] / 5
    assert found["b", "front"].share == answered[1, 0] / answered[1].sum()
