"""Numbers drawn inside compiled loops: numpy's own, bit by bit, or those of a place; and what is made of them."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from scipy import stats

from slasim.distributions import Exponential, Lognormal
from slasim.floor import NONE, said_of_all
from slasim.inputs import ziggurat
from slasim.inputs.by_place import below, exponentials, uniforms, whole_ms_of
from slasim.inputs.chances import Chances
from slasim.inputs.contacts import LONGEST
from slasim.inputs.shaping import instants, whole_ms
from slasim.inputs.touches import Touches
from slasim.routing.table import NEVER
from slasim.streams import Stream

N = 200_000


def stream(name: str = "x") -> Stream:
    return Stream(3, 1, name)


def of_numpy(name: str, n: int) -> Any:
    return stream(name).generator().standard_exponential(n)


def everybody(n: int) -> Any:
    return np.arange(n, dtype=np.int64)


def some(seed: int, n: int, share: float) -> Any:
    return np.flatnonzero(np.random.default_rng(seed).random(n) < share)


def test_the_tables_are_what_their_definition_gives() -> None:
    with localcontext() as context:
        context.prec = 50
        last = Decimal("7.69711747013104971404462804811408952334296818528283")
        area = (last + 1) * (-last).exp()
        edge = [Decimal(0)] * 255 + [last]
        for i in range(254, 0, -1):
            edge[i] = -(area / edge[i + 1] + (-edge[i + 1]).exp()).ln()
        width = [area * last.exp(), *edge[1:]]
        inside = [last * (-last).exp() / area, Decimal(0)]
        inside += [edge[i - 1] / edge[i] for i in range(2, 256)]
        assert [float(x / 2**53) for x in width] == ziggurat.WIDTH.tolist()
        assert [2 * int(x * 2**52) for x in inside] == ziggurat.INSIDE.tolist()
        assert [float((-x).exp()) for x in edge] == ziggurat.HEIGHT.tolist()
        assert float(last) == ziggurat.LAST


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_exponential_numbers_are_numpys_bit_by_bit(name: str) -> None:
    found, drawn = np.empty(N, np.int64), of_numpy(name, N)
    assert (drawn > ziggurat.LAST).sum() > 20  # the last layer, which needs a logarithm, is met
    one = np.ones(1)
    whole_ms(stream(name).start, None, one * 1e12, np.array([N]), LONGEST, found, one, None)
    assert np.array_equal(found, np.minimum(np.rint(drawn * 1e12), LONGEST))


def test_halves_are_rounded_to_even_and_nothing_is_longer_than_the_longest() -> None:
    length = np.array([0.0, 0.5, 1.5, 2.5, 3.4999999, 1e12 + 0.5, LONGEST - 0.5, LONGEST, 1e300])
    found, part, one = (np.empty(length.size, np.int64) for _ in range(3))
    counts, share = np.array([length.size]), np.array([0.5])
    whole_ms(stream().start, length, np.ones(1), counts, LONGEST, found, share, part)
    assert found.tolist() == [0, 0, 2, 2, 3, 10**12, 2**43, 2**43, 2**43]
    assert part.tolist() == [0, 0, 1, 1, 2, 10**12 // 2, 2**42, 2**42, 2**42]
    for mean, expected in ((0.0, 0), (1e300, 2**43)):
        whole_ms_of(stream().start, everybody(one.size), 0, mean, None, LONGEST, one)
        assert one.tolist() == [expected] * one.size


class TestAtItsPlace:
    """A number depends on the stream and the place alone."""

    @staticmethod
    def bits(name: str, place: int) -> int:
        """SplitMix64 jumped to, with a second word half of the way, in whole numbers of Python."""
        start, full = [int(word) for word in stream(name).start], (1 << 64) - 1
        z = (start[0] + place * 0x9E3779B97F4A7C15) & full
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9 + start[1]) & full
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & full
        return z ^ z >> 31

    def exponential(self, name: str, place: int) -> float:
        """The ziggurat on these bits, then on those of numpy's SFC64 that begins with them."""
        bits = self.bits(name, place)
        words = np.array([bits, *stream(name).start[:2]], np.uint64)

        class Begun(Stream):
            def generate_state(self, n_words: int, dtype: Any = np.uint32) -> Any:
                return words[:n_words]

        further = np.random.SFC64(Begun(1, 1, ""))
        while True:
            layer, inside = bits >> 3 & 255, bits >> 11
            found = inside * float(ziggurat.WIDTH[layer])
            if inside < int(ziggurat.INSIDE[layer]):
                return found
            u = (int(further.random_raw()) >> 11) * 2.0**-53
            if layer == 0:
                return float(ziggurat.LAST - np.log1p(-u))
            high, low = (float(ziggurat.HEIGHT[k]) for k in (layer - 1, layer))
            if (high - low) * u + low < np.exp(-found):
                return found
            bits = int(further.random_raw())

    @pytest.mark.parametrize("backlog", [0, 300])
    def test_numbers_are_what_their_definition_gives(self, backlog: int) -> None:
        who = some(1, 6000, 0.5)
        found = np.empty(who.size)
        uniforms(stream().start, who, backlog, found)
        assert found.tolist() == [
            (self.bits("x", i - backlog) >> 11) * 2.0**-53 for i in who.tolist()
        ]
        exponentials(stream().start, who, backlog, found)
        expected = [self.exponential("x", i - backlog) for i in who.tolist()]
        assert found == pytest.approx(expected, rel=1e-15)
        plain = [(self.bits("x", i - backlog) >> 11) for i in who.tolist()]
        layers = [self.bits("x", i - backlog) >> 3 & 255 for i in who.tolist()]
        again = sum(p >= int(ziggurat.INSIDE[k]) for p, k in zip(plain, layers, strict=True))
        assert again > 20  # the bits of the place do not settle all

    def test_they_are_uniform_and_exponential_and_tell_nothing_of_each_other(self) -> None:
        """Kolmogorov-Smirnov, and tables of pairs: of neighbours, and of one place in two streams."""
        n = 1_000_000
        one, other, lengths = (np.empty(n) for _ in range(3))
        uniforms(stream("a").start, everybody(n), 0, one)
        uniforms(stream("b").start, everybody(n), 0, other)
        exponentials(stream("c").start, everybody(n), 500_000, lengths)
        assert stats.kstest(one, "uniform").pvalue > 1e-3
        assert stats.kstest(lengths, "expon").pvalue > 1e-3
        shared = -np.expm1(-lengths)
        pairs = [(one, other), (one, shared)]
        pairs += [(x[:-lag], x[lag:]) for x in (one, shared) for lag in (1, 2, 48)]
        for x, y in pairs:
            table = np.bincount((x * 32).astype(int) * 32 + (y * 32).astype(int), minlength=1024)
            assert stats.chisquare(table).pvalue > 1e-4

    @pytest.mark.parametrize("share", [1.0, 0.4, 0.01])
    @pytest.mark.parametrize("backlog", [0, 7])
    def test_some_contacts_get_their_own_numbers(self, share: float, backlog: int) -> None:
        who, longest = some(1, 5000, share), 7e5
        means = np.random.default_rng(2).uniform(1e5, 5e5, 5000)
        u, drawn = np.empty(5000), np.empty(5000)
        uniforms(stream().start, everybody(5000), backlog, u)
        exponentials(stream().start, everybody(5000), backlog, drawn)
        found = np.empty(who.size, np.int64)
        whole_ms_of(stream().start, who, backlog, 3e5, None, longest, found)
        assert np.array_equal(found, np.minimum(np.rint(drawn[who] * 3e5), longest))
        assert (found == longest).any()
        whole_ms_of(stream().start, who, backlog, 0.0, means, longest, found)
        assert np.array_equal(found, np.minimum(np.rint(drawn[who] * means[who]), longest))
        n = below(stream().start, who, backlog, 0.3, found)
        assert np.array_equal(found[:n], np.flatnonzero(u[who] < 0.3))


def test_whole_ms_by_piece() -> None:
    counts = np.array([3000, 0, 1, 1999])
    mean, share = np.array([2e5, 1.0, 3e5, 4e5]), np.array([0.1, 0.5, 0.25, 1.0])
    drawn, each, part_of_each = of_numpy("x", 5000), np.repeat(mean, counts), np.repeat(share, counts)  # fmt: skip
    expected = np.minimum(np.rint(drawn * each), 1e6)
    for length in (None, drawn):
        found, part = np.empty(5000, np.int64), np.empty(5000, np.int64)
        whole_ms(stream().start, length, mean, counts, 1e6, found, share, part)
        assert np.array_equal(found, expected)
        assert np.array_equal(part, np.rint(expected * part_of_each))


def test_arrivals_are_those_of_the_cumulated_numbers() -> None:
    ends = np.array([0.0, 900.5, 900.5, 2000.25])
    starts, begin = np.array([0.0, 0.0, 900.5, 900.5]), np.array([-500, 0, 10_000, 20_000])
    slope = np.array([0.0, 11.0, 0.0, 9.0])
    unit = np.cumsum(of_numpy("x", 4000))
    piece = np.searchsorted(ends, unit, side="right")
    come = unit < ends[-1]
    unit, piece = unit[come], piece[come]
    expected = begin[piece] + ((unit - starts[piece]) * slope[piece]).astype(np.int64)
    times, counts = np.empty(unit.size, np.int64), np.empty(4, np.int64)
    pieces = np.stack((ends, starts, slope, begin), axis=1)
    assert instants(stream().start, pieces, times, counts) == unit.size
    assert np.array_equal(times, expected)
    assert np.array_equal(counts, np.bincount(piece, minlength=4))
    short = np.empty(unit.size - 1, np.int64)
    assert instants(stream().start, pieces, short, counts) == -1


class TestChances:
    """With and without a backlog, which stands before the first place."""

    @pytest.mark.parametrize("backlog", [0, 40, 2000])
    @pytest.mark.parametrize("share", [1.0, 0.3, 0.0])
    def test_what_is_decided_is_what_the_uniform_numbers_say(
        self, backlog: int, share: float
    ) -> None:
        chances, who = Chances(1, 0, "calls", backlog), some(3, 2000, share)
        u = chances.uniform("redial", who, 2)
        assert np.array_equal(chances.decided("redial", who, 0.4, 2), np.flatnonzero(u < 0.4))

    @pytest.mark.parametrize("backlog", [0, 40, 2000])
    @pytest.mark.parametrize("share", [1.0, 0.3, 0.0])
    @pytest.mark.parametrize("shape", [Exponential(5.0), Lognormal(5.0, 0.9)])
    def test_whole_ms_are_the_standard_draws_times_the_mean(
        self, backlog: int, share: float, shape: Any
    ) -> None:
        chances, who = Chances(1, 0, "calls", backlog), some(3, 2000, share)
        drawn = chances.standard(shape, "after", who, 2)
        means = np.random.default_rng(4).uniform(1e5, 5e5, 2000)
        found = chances.whole_ms(shape, "after", who, 3e5, 2)
        assert np.array_equal(found, np.rint(drawn * 3e5))
        place = np.empty(who.size, np.int64)
        assert chances.whole_ms(shape, "after", who, means, 2, found=place) is place
        assert np.array_equal(place, np.rint(drawn * means[who]))


class TestTouches:
    def test_columns_are_what_was_said_however_often_there_was_too_little_room(self) -> None:
        rng, touches = np.random.default_rng(5), Touches(10)
        first = everybody(10)
        touches.add(first, queue=0, purpose=0, arrival=first, work=7)
        said = {
            name: [7] * 10 if name == "work" else [0] * 10 for name in ("work", "wrap", "queue")
        }
        said |= {"contact": first.tolist(), "arrival": first.tolist(), "patience": [NEVER] * 10}
        kept: list[tuple[Any, list[int]]] = []
        for number in range(40):
            contact = some(number, 10, 0.6)
            arrival, queue = rng.integers(0, 99, contact.size), int(rng.integers(0, 3))
            columns: dict[str, Any] = {"work": 7}
            if number % 3:
                columns["patience"] = touches.places("patience", contact.size)
                columns["patience"][:] = arrival + 1
                kept.append((columns["patience"], (arrival + 1).tolist()))
            if number % 4 == 3:
                columns["wrap"] = number
            at = touches.add(contact, queue=queue, purpose=1, arrival=arrival, **columns)
            assert np.array_equal(at, len(said["contact"]) + everybody(contact.size))
            said["contact"] += contact.tolist()
            said["arrival"] += arrival.tolist()
            said["work"] += [7] * contact.size
            said["queue"] += [queue] * contact.size
            said["wrap"] += [columns.get("wrap", 0)] * contact.size
            said["patience"] += (arrival + 1).tolist() if number % 3 else [NEVER] * contact.size
        found = touches.columns()
        for name, expected in said.items():
            assert found[name].tolist() == expected, name
        for places, filled in kept:
            assert places.tolist() == filled
        for one in range(10):
            chain = found["touch"][found["contact"] == one]
            assert chain.tolist() == list(range(chain.size))
        assert np.array_equal(touches.by_queue(np.array([5, 6, 7])), found["queue"] + 5)

    def test_what_all_say_alike_takes_no_memory(self) -> None:
        touches, n = Touches(4), 4
        touches.add(everybody(n), queue=0, purpose=0, arrival=everybody(n), work=1, wrap=0)
        found = touches.columns()
        alike = {name for name, column in found.items() if said_of_all(column) is not None}
        assert {name for name in found if name not in alike} == {"contact", "arrival", "work"}
        assert {column.size for column in found.values()} == {n}

    def test_links_overrule_what_was_said(self) -> None:
        touches, n = Touches(4), 4
        touches.add(everybody(n), queue=0, purpose=0, arrival=everybody(n), work=1)
        touches.link("patience", np.array([1, 2]), 9)
        touches.link("patience", np.array([2]), np.array([8]))
        assert touches.columns()["patience"].tolist() == [NEVER, 9, 8, NEVER]

    def test_what_is_laid_down_in_place_stands_beside_what_is_said(self) -> None:
        touches, n = Touches(4), 4
        touches.add(everybody(n), queue=0, purpose=0, arrival=everybody(n), work=5, wrap=2)
        for first in (4, 14):
            room, (contact, work, after) = touches.room_for(10, "contact", "work", "after_loss")
            assert (room.start, room.stop >= first + 10) == (first, True)
            contact[first : first + 10], work[first : first + 10] = 1, everybody(10)
            after[first : first + 10], after[0] = NONE, first
            touches.laid_down(10, ("contact", "work", "after_loss"), queue=2, purpose=3, arrival=6)
        touches.laid_down(0, ("contact",), queue=1, purpose=1)
        found = touches.columns()
        for name, expected in {
            "contact": [*range(4), *[1] * 20],
            "queue": [0] * 4 + [2] * 20,
            "purpose": [0] * 4 + [3] * 20,
            "arrival": [*range(4), *[6] * 20],
            "work": [5] * 4 + [*range(10)] * 2,
            "wrap": [2] * 4 + [0] * 20,
            "after_loss": [14] + [NONE] * 23,
        }.items():
            assert found[name].tolist() == expected, name
        assert touches.said("work", np.array([6, 3])).tolist() == [2, 5]
        assert touches.said("patience", np.array([6, 3])).tolist() == [NEVER] * 2

    def test_what_is_cut_is_read_uncut_until_the_end(self) -> None:
        touches, n = Touches(3), 3
        patience = touches.places("patience", n)
        patience[:] = 7
        touches.add(everybody(n), queue=0, purpose=0, arrival=0, patience=patience)
        touches.link("patience", np.array([1]), 2)
        assert patience.tolist() == [7, 7, 7]
        assert touches.columns()["patience"].tolist() == [7, 2, 7]
