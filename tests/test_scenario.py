"""What a planner may write, and what it comes to: records, defaults, variants, settings, schema."""

from __future__ import annotations

import json
import math
import pickle
import subprocess
import sys
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import slasim
from slasim.clock import DAY, HOUR, MINUTE
from slasim.errors import InputError
from slasim.scenario import Scenario, check, load, load_text, parse_setting, schema_json
from slasim.scenario.document import read_document

ROOT = Path(__file__).resolve().parents[1]

SMALLEST = """\
name: Erlang A
start: 2026-01-05
end: 2026-01-06
queues: {calls: {arrivals: {per_hour: 1000}, handle_time: {exponential: {mean: 360s}}, patience: {exponential: {mean: 180s}}}}
groups: {agents: {takes: {calls: 1}, staffing: 105}}
"""  # noqa: E501

CITY = """\
name: City services
timezone: Europe/Bucharest
currency: EUR
start: 2026-03-02
end: 2026-03-09
interval: 30min
warm_up: 1d
drain_at_most: {voice: 6h}

calendars:
  phones: {weekly: {mon-fri: ["08:00-20:00"], sat: ["09:00-14:00"]}, holidays: ["2026-03-04"]}
  office: {timezone: Europe/Berlin, weekly: {mon-fri: ["09:00-18:00"]}, special_days: {"2026-03-06": ["09:00-13:00"]}}

demand:
  volume: {day_cv: 0.08, interval_cv: 4 %, bias_sd: 0.03}
  aht: {day_cv: 0.03}
  correlation: 0.7

queues:
  billing:
    channel: voice
    calendar: phones
    at_close: disconnect
    arrivals: {per_hour: 60}
    aht: 260s
    acw: 20s
    aht_shape: {gamma: {cv: 0.6}}
    patience: {from: interval_report, wait_total_s: 812000, abandoned: 2350}
    hangs_up_at_once: 2 %
    priority: 3
    head_start: 90s
    lines: 100
    queue_limit: 50
    voicemail_after: 5min
    prefers: [flexible, front]
  billing_hu: {like: billing, arrivals: {per_hour: 6}}
  outages:
    calendar: phones
    arrivals: {per_day: {mon-fri: 900, sat: 250}}
    handle_time: {lognormal: {mean: 180s, cv: 0.7}}

groups:
  front:
    takes: {outages: 1, billing: 2, billing_hu: 2}
    staffing: {agents: 12.5, counts: paid}
    shrinkage: {out_of_office: 0.10, in_office: 0.06, adherence: 0.95}
    attendance: 98 %
    max_occupancy: 0.88
    cost_per_hour: 14.50
  flexible:
    timezone: Europe/Berlin
    takes: {billing: 1, outages: {rank: 2, after: 30s, reserve: 1}}
    speed: {billing: 0.95}
    shifts:
      - {name: early, days: mon-fri, from: "08:00", to: "16:30", breaks: [{at: "12:00", length: 30min}], agents: 12}
      - {name: late, days: mon-fri, from: "22:00", to: "02:00", agents: 9}

routing: {policy: overflow, after: 20s}

metrics:
  voice_80_30: {queues: [billing, outages], type: service_level, threshold: 30s}
  lost: {type: abandonment_rate, queues: billing, short_abandon: 5s}

contract:
  parties: {kind: sla, provider: P, client: C}
  period: week
  commitments:
    - {metric: voice_80_30, target: 0.80}
    - {metric: lost, target: 5 %, period: day}
    - {metric: {type: asa}, target: 40s, better: lower}
    - {metric: voice_80_30, aggregate: share_of_intervals_met, target: 90 %, interval_target: 0.8}

feasibility: {chance: 0.90, confidence: 0.95, stress: {volume: 10 %}}
"""


@pytest.fixture(scope="module")
def city() -> Scenario:
    return load_text(CITY, file="city.yaml")


def test_the_smallest_scenario() -> None:
    centre = load_text(SMALLEST)
    assert (centre.intervals, centre.horizon, centre.start_ms) == (48, DAY, 1767571200000)
    assert centre.queue_names == ["calls"]
    assert centre.expected("calls").volume.tolist() == [500.0] * 48
    assert centre.expected("calls").aht_ms.tolist() == [360_000.0] * 48
    assert centre.staffing("agents").tolist() == [105.0] * 48
    assert centre.calendar_of("calls").always_open
    assert repr(centre) == "Scenario(Erlang A: 1 queue, 1 group, 2026-01-05 to 2026-01-06, UTC)"


def test_values_have_the_units_of_the_inside(city: Scenario) -> None:
    billing = city.queues["billing"]
    assert (billing.acw, billing.head_start, billing.voicemail_after) == (20_000, 90_000, 300_000)
    assert (billing.priority, billing.lines, billing.queue_limit) == (3, 100, 50)
    assert billing.hangs_up_at_once == 0.02
    assert billing.at_close == "disconnect"
    assert billing.prefers == ("flexible", "front")
    assert billing.patience.mean == pytest.approx(812_000_000 / 2350)
    assert billing.patience.cv == pytest.approx(1.0)
    assert billing.handling.cv == pytest.approx(0.6)
    assert city.queues["outages"].handling.mean == pytest.approx(180_000)
    assert city.queues["outages"].patience is None
    assert city.start == datetime(2026, 3, 2)
    assert (city.warm_up, city.drain_at_most.voice) == (DAY, 6 * HOUR)
    assert city.demand is not None and city.demand.volume is not None
    assert (city.demand.volume.day_cv, city.demand.volume.interval_cv) == (0.08, 0.04)
    assert city.demand.correlation == 0.7
    assert city.routing.settings == {"after": "20s"}


def test_like_copies_and_overrides(city: Scenario) -> None:
    copied = city.queues["billing_hu"]
    assert copied.aht.mean == 260_000
    assert copied.patience == city.queues["billing"].patience
    assert city.expected("billing_hu").volume.sum() * 10 == city.expected("billing").volume.sum()


def test_like_may_swap_the_short_form_for_the_long() -> None:
    text = CITY.replace("arrivals: {per_hour: 6}", "handle_time: {exponential: {mean: 1min}}")
    assert load_text(text).queues["billing_hu"].handling.mean == 60_000


def test_groups(city: Scenario) -> None:
    front, flexible = city.groups["front"], city.groups["flexible"]
    assert front.takes["outages"].rank == 1
    take = flexible.takes["outages"]
    assert (take.rank, take.after, take.reserve) == (2, 30_000, 1)
    assert (flexible.speed_of("billing"), flexible.speed_of("outages")) == (0.95, 1.0)
    assert (front.attendance, front.max_occupancy, front.cost_per_hour) == (0.98, 0.88, 14.5)
    assert front.to_phones == pytest.approx(0.9 * 0.94 * 0.95)
    assert flexible.to_phones == pytest.approx(1.0)
    assert flexible.counts == "scheduled"
    early, late = flexible.shifts or ()
    assert (early.days, early.from_, early.to) == ((0, 1, 2, 3, 4), 8 * HOUR, 16 * HOUR + HOUR // 2)
    assert (early.breaks[0].at, early.breaks[0].length) == (12 * HOUR, 30 * MINUTE)
    assert late.length == 4 * HOUR


def test_the_chain_of_shrinkage_applies_each_part_once() -> None:
    text = SMALLEST.replace(
        "staffing: 105",
        "staffing: {agents: 100, counts: COUNTS}, "
        "shrinkage: {out_of_office: 0.1, in_office: 0.2, adherence: 0.95}",
    )
    phones = {}
    for counts in ("on_phones", "scheduled", "paid"):
        centre = load_text(text.replace("COUNTS", counts))
        phones[counts] = centre.on_phones("agents")[0]
        [staffed] = centre.workload().groups
        assert staffed.on_phones == pytest.approx(staffed.scheduled * 0.8 * 0.95)
        assert staffed.scheduled == pytest.approx(staffed.paid * 0.9)
        assert staffed.fte == pytest.approx(staffed.paid * 7 / 40)
    assert phones == pytest.approx({"on_phones": 100, "scheduled": 76, "paid": 68.4})


def test_commitments(city: Scenario) -> None:
    assert city.contract is not None
    first, second, third, fourth = city.contract.commitments
    assert (first.target, first.exact_target, first.metric) == (0.8, Fraction(4, 5), "voice_80_30")
    assert (second.target, second.period) == (0.05, "day")
    assert third.inline is not None
    assert (third.inline.type, third.target, third.better) == ("asa", 40_000.0, "lower")
    assert (fourth.aggregate, fourth.interval_target) == ("share_of_intervals_met", 0.8)
    assert city.metrics["voice_80_30"].measure.text == "answered within 30 s / all offered"
    assert city.metrics["lost"].queues == ("billing",)


def test_a_scenario_is_frozen_and_travels(city: Scenario) -> None:
    with pytest.raises(Exception, match="frozen"):
        city.name = "other"  # type: ignore[misc]
    again = pickle.loads(pickle.dumps(city))
    assert again.to_json() == city.to_json()
    assert np.array_equal(again.expected("billing").volume, city.expected("billing").volume)
    busier = again.but({"queues.billing.volume": 2})
    assert busier.expected("billing").volume.sum() == 2 * city.expected("billing").volume.sum()


def test_to_json_reads_back_as_the_same(city: Scenario) -> None:
    text = json.dumps(city.to_json())  # JSON is YAML
    assert load_text(text).to_json() == city.to_json()


def test_yaml_traps() -> None:
    text = SMALLEST.replace("name: Erlang A", "name: no").replace("per_hour: 1000", "per_hour: 1e3")
    centre = load_text(text)
    assert centre.name == "no"
    assert centre.expected("calls").volume[0] == 500
    assert load_text(text.replace("1e3", "0010")).expected("calls").volume[0] == 5


def test_anchors_may_be_used_within_reason() -> None:
    text = (
        SMALLEST.replace("{exponential: {mean: 180s}}", "&p {exponential: {mean: 180s}}")
        .replace("}}\ngroups", "}, more: {arrivals: {per_hour: 1}, aht: 9s, patience: *p}}\ngroups")
        .replace("{calls: 1}", "{calls: 1, more: 1}")
    )
    centre = load_text(text)
    assert centre.queues["more"].patience == centre.queues["calls"].patience
    changed = centre.but({"queues.more.patience.exponential.mean": "20s"})
    assert changed.queues["calls"].patience == centre.queues["calls"].patience


# ------------------------------------------------------------------ variants


def aht(centre: Scenario, queue: str = "billing") -> float:
    return float(centre.expected(queue).aht_ms[0])


def test_but_multiplies_adds_and_replaces(city: Scenario) -> None:
    assert city.but({"queues.billing.volume": "+15%"}).queues["billing"].volume == 1.15
    assert city.but({"queues.billing.volume": "-15 %"}).queues["billing"].volume == 0.85
    assert aht(city.but({"queues.billing.aht": "+20s"})) == 280_000
    assert aht(city.but({"queues.billing.aht": "-10%"})) == 234_000
    assert aht(city.but({"queues.billing.aht": "240s"})) == 240_000
    assert city.but({"queues.billing.priority": 1}).queues["billing"].priority == 1
    assert city.but({"queues.outages.priority": "+2"}).queues["outages"].priority == 7
    assert city.but({"queues.outages.acw": "+9s"}).queues["outages"].acw == 9_000
    assert (
        city.but({"queues.billing.arrivals.per_hour": "+50%"}).expected("billing").volume[16] == 45
    )
    assert city.but({"queues.billing.hangs_up_at_once": "+1%"}).queues[
        "billing"
    ].hangs_up_at_once == pytest.approx(0.0202)
    assert city.but({"end": "2026-03-16"}).intervals == 2 * city.intervals
    assert city.but({"demand.volume.day_cv": 0.2}).demand.volume.day_cv == 0.2  # type: ignore[union-attr]
    assert city.but({"feasibility.stress.aht": "5 %"}).feasibility.stress.aht == 0.05


def test_but_finds_a_place_beside_a_short_rank() -> None:
    centre = load_text("""
name: Short
start: 2026-03-02
end: 2026-03-03
queues: {calls: {arrivals: {per_hour: 9}, aht: 60s}}
groups: {front: {takes: {calls: 2}, staffing: 1}}
""")
    take = centre.but({"groups.front.takes.calls.after": "30s"}).groups["front"].takes["calls"]
    assert (take.rank, take.after) == (2, 30_000)
    take = centre.but({"groups.front.takes.calls.rank": "+1"}).groups["front"].takes["calls"]
    assert (take.rank, take.after) == (3, 0)
    with pytest.raises(InputError, match=r"takes\.cals"):
        centre.but({"groups.front.takes.cals.after": "30s"})


def test_but_changes_handle_time_by_the_lever(city: Scenario) -> None:
    assert aht(city.but({"queues.outages.aht": "+20s"}), "outages") == 200_000
    assert aht(city.but({"queues.outages.aht": "-10%"}), "outages") == 162_000
    assert aht(city.but({"queues.outages.aht": "100s"}), "outages") == 100_000
    twice = city.but({"queues.outages.aht": "+20s"}).but({"queues.outages.aht": "+10%"})
    assert aht(twice, "outages") == pytest.approx(220_000)


def test_but_changes_staffing(city: Scenario) -> None:
    def front(change: object) -> float:
        return float(city.but({"groups.front.staffing": change}).staffing("front")[0])

    assert (front("+2"), front("-2"), front("+10%"), front(14)) == (14.5, 10.5, 13.75, 14.0)
    kept = city.but({"groups.front.staffing": 14}).groups["front"].staffing
    assert kept is not None
    assert kept.counts == "paid"
    shifts = city.but({"groups.flexible.shifts.early.agents": "+3"}).groups["flexible"].shifts or ()
    assert [shift.agents for shift in shifts] == [15, 9]
    shifts = city.but({"groups.flexible.shifts[1].agents": 4}).groups["flexible"].shifts or ()
    assert [shift.agents for shift in shifts] == [12, 4]


def test_but_changes_lists_and_grids_by_levers() -> None:
    numbers = ", ".join(["0"] * 20 + ["10"] * 28)
    centre = load_text(SMALLEST.replace("staffing: 105", f"staffing: [{numbers}]"))
    more = centre.but({"groups.agents.staffing": "+2"}).staffing("agents")
    assert (more[0], more[30]) == (0, 12)  # nobody is added at night
    both = centre.but({"groups.agents.staffing": "+2"}).but({"groups.agents.staffing": "+50%"})
    assert both.staffing("agents")[30] == pytest.approx(18)
    grid = SMALLEST.replace("staffing: 105", 'staffing: {grid: {mon: {"08:00-12:00": 7}}}')
    less = load_text(grid).but({"groups.agents.staffing": "-5"}).staffing("agents")
    assert less.tolist() == [0.0] * 16 + [2.0] * 8 + [0.0] * 24


def test_but_leaves_the_original_and_its_likes_alone(city: Scenario) -> None:
    before = city.to_json()
    busier = city.but({"queues.billing.aht": "+1min", "queues.billing.arrivals.per_hour": 90})
    assert city.to_json() == before
    assert aht(busier, "billing_hu") == 260_000
    assert aht(busier, "billing") == 320_000


@pytest.mark.parametrize(
    ("path", "change", "words"),
    [
        ("queues.biling.volume", "+15%", "Did you mean billing?"),
        ("queues.billing.volumes", "+15%", "Did you mean volume?"),
        ("queues.billing.volumes", 2, "Did you mean volume?"),
        ("queues.billing.volume", "+50", "volume is a factor"),
        ("queues.billing.aht", "+20", "no unit"),
        ("queues.billing.aht", "-300s", "negative"),
        ("queues.outages.aht", "-300s", "0 or less"),
        ("queues.billing.calendar", "+5%", "no number to change"),
        ("groups.flexible.staffing", "+2", "shifts.NAME.agents (early, late)"),
        ("groups.flexible.shifts.earley.agents", 2, "Did you mean early?"),
        ("groups.flexible.shifts[7].agents", 2, "has 2 items"),
        ("groups.front.staffing", "+2s", "no number of agents"),
        ("name.first", 2, "holds one value"),
        ("", 2, "no path"),
        ("queues.billing.voicemail_after", None, ""),
    ],
)
def test_but_refuses(city: Scenario, path: str, change: object, words: str) -> None:
    if not words:
        assert city.but({path: change}).queues["billing"].voicemail_after is None
        return
    with pytest.raises(InputError) as caught:
        city.but({path: change})
    assert words in str(caught.value)


def test_but_tells_all_that_cannot_be(city: Scenario) -> None:
    """Paths that lead nowhere, changes that cannot be made, and what the scenario would not be with the others."""
    wrong = {"nonsense.x": 1, "queues.b.volume": "+1%", "queues.billing.aht": "+20"}
    with pytest.raises(InputError) as caught:
        city.but({**wrong, "queues.billing.hangs_up_at_once": 7, "queues.billing.priority": 2})
    found = {problem.path for problem in caught.value.problems}
    assert found == {*wrong, "queues.billing.hangs_up_at_once"}


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("queues.billing.aht=+20s", ("queues.billing.aht", "+20s")),
        ("queues.billing.volume = -5 %", ("queues.billing.volume", "-5 %")),
        ("groups.front.staffing=14", ("groups.front.staffing", 14)),
        ("groups.front.staffing=[1, 2.5]", ("groups.front.staffing", [1, 2.5])),
        ("queues.a.patience={exponential: {mean: 4min}}",
         ("queues.a.patience", {"exponential": {"mean": "4min"}})),
        ("start=2026-03-02", ("start", "2026-03-02")),
        ("contract.commitments[0].target=80 %", ("contract.commitments[0].target", "80 %")),
        ("queues.a.voicemail_after=null", ("queues.a.voicemail_after", None)),
    ],
)  # fmt: skip
def test_settings(text: str, setting: tuple[str, object]) -> None:
    assert parse_setting(text) == setting


@pytest.mark.parametrize("text", ["", "queues.a", "=3", "a=", "a..b=3", "a={b", "a=!x 3", "a[x]=3"])
def test_settings_that_are_none(text: str) -> None:
    with pytest.raises(InputError):
        parse_setting(text)


# ------------------------------------------------------------------ assumed, workload


def test_what_was_not_given_is_told() -> None:
    told = {item.path: item for item in load_text(SMALLEST).assumed()}
    assert set(told) == {
        "timezone",
        "interval",
        "warm_up",
        "queues.calls.calendar",
        "groups.agents.staffing.counts",
        "groups.agents.attendance",
        "demand",
    }
    assert told["timezone"].value == "UTC"
    bare = SMALLEST.replace("handle_time: {exponential: {mean: 360s}}", "aht: 6min").replace(
        ", patience: {exponential: {mean: 180s}}", ""
    )
    told = {item.path: item for item in load_text(bare).assumed()}
    assert "nobody abandons" in told["queues.calls.patience"].sentence
    assert told["queues.calls.aht_shape"].value == "lognormal, cv 0.9"


def test_what_was_given_is_not_told(city: Scenario) -> None:
    told = {item.path for item in city.assumed()}
    assert "timezone" not in told
    assert "groups.front.attendance" not in told
    assert "queues.outages.patience" in told
    assert "queues.outages.arrivals.profile" in told
    assert "demand.attendance" in told
    assert "demand.volume" not in told


def test_workload_is_volume_times_aht() -> None:
    work = load_text(SMALLEST).workload()
    assert len(work.rows) == 48
    row = work.rows[20]
    assert (row.start, row.contacts, row.aht_s) == ("2026-01-05 10:00", 500.0, 360.0)
    assert row.erlangs == pytest.approx(1000 / 3600 * 360)
    assert (row.on_phones, row.over) == (105.0, pytest.approx(5.0))
    assert row.occupancy == pytest.approx(100 / 105)
    assert work.short == ()
    assert work.contacts == pytest.approx(24_000)
    [staffed] = work.groups
    assert (staffed.paid, staffed.fte) == (105 * 24, pytest.approx(105 * 24 * 7 / 40))


def test_shifts_are_counted_with_their_breaks(city: Scenario) -> None:
    heads = city.staffing("flexible")  # written in Berlin, an hour behind Bucharest
    monday = heads[:48]
    assert monday[18:35].tolist() == [12.0] * 8 + [0.0] + [12.0] * 8
    assert monday[:18].sum() == 0
    assert monday[46:].tolist() == [9.0, 9.0]
    assert heads[48:54].tolist() == [9.0] * 6
    assert heads.sum() / 2 == 5 * (8 * 12 + 4 * 9)
    assert city.workload().groups[1].cost is None
    front = city.workload().groups[0]
    assert front.cost == pytest.approx(front.paid * 14.5)


def test_nan_where_nothing_comes(city: Scenario) -> None:
    night = city.workload().rows[0]
    assert math.isnan(night.aht_s)
    assert night.erlangs == 0


# ------------------------------------------------------------------ the doors


def test_the_schema_knows_every_section() -> None:
    schema = schema_json()
    assert {"name", "queues", "groups", "contract", "demand"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Shift"]["required"] == ["name", "from", "to"]
    assert schema["$defs"]["Shift"]["oneOf"] == [{"required": ["agents"]}, {"required": ["people"]}]
    assert "inline" not in schema["$defs"]["Commitment"]["properties"]
    assert "like" in schema["$defs"]["Queue"]["properties"]


@pytest.mark.parametrize("text", [SMALLEST, CITY], ids=["smallest", "city"])
def test_the_schema_takes_what_load_takes(text: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    plain = read_document(text).value
    jsonschema.validate(plain, schema_json())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**plain, "quees": {}}, schema_json())


def test_the_public_face() -> None:
    assert slasim.load is load
    assert slasim.check is check
    assert slasim.Scenario is Scenario


def test_importing_loads_nothing_heavy() -> None:
    program = (
        "import sys, slasim.scenario as s\n"
        "s.load(sys.argv[1]).workload()\n"
        "print({'numba', 'scipy', 'pandas', 'matplotlib', 'simpy', 'holidays'} & set(sys.modules))\n"
    )
    bank = ROOT / "scenarios" / "bank_1999" / "bank.yaml"
    done = subprocess.run(
        [sys.executable, "-c", program, str(bank)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").rglob("*.yaml")), ids=lambda p: p.name)
def test_every_scenario_of_the_house_is_right(path: Path) -> None:
    assert check(path) == []
