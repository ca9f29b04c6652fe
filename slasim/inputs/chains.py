"""What follows a contact: redials, call-backs, hand-overs, replies, reopened tickets, repeats, messages; all settled
before the story begins.

A contact comes in *visits*: the first, and each repeat of the same matter. A visit is tried (attempts: the first and
its redials; a call-back), then the contact is handed on (transfer, second line), then it is a thread of our replies
where its channel is one, and is reopened. Whatever is drawn is there; what is never released does not happen. So who
abandons meets the redial that was always his, in every staffing.

Chances, each a stream of its own per queue (and per reply, visit; redials are turns of one): redial redial_after
redial_patience redial_hangs_up accepts_call_back transfer tier_2 handed_work handed_patience replies answers reply_work
reopen reopen_after repeat repeat_after repeat_work repeat_patience message_work greeting.

Who accepts a call-back or leaves a message does not redial as well; who is blocked or finds it closed before that could
happen is lost. This file knows no scenario: queues are numbers, `Manner` says how each handles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from slasim.arrays import Bools, Floats, Ints, NDArray
from slasim.contactlog import (
    ABANDONED,
    CALL_BACK,
    CALLED_BACK,
    MESSAGE,
    REDIAL,
    REOPEN,
    REPEAT,
    REPLY,
    TIER_2,
    TRANSFER,
    VOICEMAIL,
)
from slasim.distributions import Distribution
from slasim.floor import NONE
from slasim.inputs.chances import TURN, Chances, one_or_each
from slasim.inputs.contacts import LONGEST
from slasim.inputs.touches import Touches
from slasim.routing.table import NEVER
from slasim.streams import starts

__all__ = [
    "CallBacks",
    "Following",
    "HandOver",
    "Manner",
    "Redials",
    "Repeats",
    "Thread",
    "Visitors",
    "follow",
]


# ------------------------------------------------------------------ what may follow, in numbers


@dataclass(frozen=True)
class Redials:
    """``chance`` for each attempt, ``at_most`` of them; ``lost`` are the outcomes after which one tries again."""

    chance: float
    after: Distribution
    at_most: int
    lost: tuple[int, ...] = (ABANDONED,)


@dataclass(frozen=True)
class CallBacks:
    """Who would have waited longer than ``offer_after`` ms accepts with a chance, and keeps the place in line."""

    offer_after: int
    accept: float


@dataclass(frozen=True)
class HandOver:
    """To queue number ``to``, with a chance."""

    chance: float
    to: int


@dataclass(frozen=True)
class Repeats:
    """The same matter again; ``late_chance`` instead of ``chance`` where the wait was longer than ``late_over`` ms."""

    chance: float
    after: Distribution
    at_most: int = 1
    late_over: int = NEVER
    late_chance: float = 0.0


@dataclass(frozen=True)
class Thread:
    """A ticket: ``replies`` gives the number of our replies for each u in [0, 1); the customer answers in between."""

    replies: Callable[[Floats], Ints]
    answers_after: Distribution | None = None
    reopen_chance: float = 0.0
    reopen_after: Distribution | None = None


@dataclass(frozen=True)
class Following:
    """All that may follow the contacts of one queue. ``message_to``: queue of messages from its voicemail, NONE."""

    redial: Redials | None = None
    call_back: CallBacks | None = None
    message_to: int = NONE
    transfer: HandOver | None = None
    tier_2: HandOver | None = None
    repeat: Repeats | None = None
    thread: Thread | None = None
    keeps_owner: int = 0


@dataclass(frozen=True)
class Manner:
    """How the queue of that name handles whoever comes into it.

    shape, mean  handle times at ordinary speed, ms; ``wrap`` is the share of them that is after-call work
    patience     None = nobody abandons; its own mean holds
    """

    name: str
    shape: Distribution
    mean: float
    wrap: float = 0.0
    patience: Distribution | None = None
    hangs_up: float = 0.0
    voicemail_after: int | None = None
    greeting: Distribution | None = None


@dataclass(frozen=True, eq=False)
class Visitors:
    """The n contacts of one queue in one replication: their first touches, and what follow-ups need of them.

    touch, patience, leaves_as  (n,) of the first touches
    mean           queue number -> (n,) or one number: the mean handle time there for these contacts, ms
    patience_mean  (n,) or one number, ms, in their own queue
    """

    queue: int
    chances: Chances
    touch: Ints
    patience: Ints
    leaves_as: NDArray[Any]
    mean: Callable[[int], Floats | float]
    patience_mean: Floats | float


@dataclass(frozen=True, eq=False)
class _Standing:
    """Touches any of which may be the one that is served, in one queue; ``who`` (m,) are places in the first queue."""

    queue: int
    touch: Ints
    who: Ints


# ------------------------------------------------------------------ laying it down

_OF_REDIALS = ("redial", "redial_after", "redial_patience")
_LAID_DOWN = ("contact", "touch", "arrival", "work", "after_loss", "loss_mask")
_COLUMNS = (
    "contact", "touch", "arrival", "patience", "work", "wrap", "greeting", "after_loss", "loss_mask",
)  # fmt: skip
"""What is laid down of a redial, in the order in which the compiled loop takes it."""


def follow(
    visitors: Visitors, following: Sequence[Following], manners: Sequence[Manner], touches: Touches
) -> None:
    """Lay down everything that may follow the contacts of one queue. ``following`` and ``manners`` go by queue."""
    if any(_follows(following[visitors.queue])):
        _Chain(visitors, following, manners, touches).visits()


def _follows(of: Following) -> list[bool]:
    thread = of.thread
    return [
        of.redial is not None,
        of.call_back is not None,
        of.message_to != NONE,
        of.transfer is not None,
        of.tier_2 is not None,
        of.repeat is not None,
        thread is not None,
    ]


@dataclass(frozen=True, eq=False)
class _Chain:
    """One queue's contacts and all that follows them."""

    visitors: Visitors
    following: Sequence[Following]
    manners: Sequence[Manner]
    touches: Touches

    @property
    def own(self) -> Following:
        return self.following[self.visitors.queue]

    @property
    def chances(self) -> Chances:
        return self.visitors.chances

    def visits(self) -> None:
        """The first visit, and every repeat."""
        v = self.visitors
        who = np.arange(v.touch.size)
        entry = _Attempt(v.touch, who, v.patience, v.leaves_as)
        marks: tuple[object, ...] = ()
        repeat = self.own.repeat
        self.touches.visit = 0
        for number in range(1 + (repeat.at_most if repeat is not None else 0)):
            marks = () if number == 0 else ("repeat", number)
            ends = self._thread(self._hand_on(self._attempts(entry, marks), marks), marks)
            if repeat is None or number == repeat.at_most:
                return
            self.touches.visit = number + 1
            entry = self._repeats(repeat, ends, ("repeat", number + 1))
            if entry.who.size == 0:
                return

    # -------------------------------------------------------------- attempts

    def _attempts(self, entry: _Attempt, marks: tuple[object, ...]) -> list[_Standing]:
        """The entry and its redials; a call-back or a message where one is accepted."""
        own, v = self.own, self.visitors
        tries = [entry]
        if own.redial is not None:
            tries += self._redials(own.redial, entry, marks)
        standing = [_Standing(v.queue, one.touch, one.who) for one in tries]
        if own.call_back is not None:
            back = self._call_backs(own.call_back, entry, tries, marks)
            standing.append(_Standing(v.queue, *back))
        if own.message_to != NONE:
            self._messages(own.message_to, tries, marks)
        return standing

    def _redials(
        self, redial: Redials, entry: _Attempt, marks: tuple[object, ...]
    ) -> list[_Attempt]:
        """The next attempts, as long as anybody tries again: the same matter, a patience of its own."""
        manner = self.manners[self.visitors.queue]
        drawn = redial.after.memoryless and (manner.patience is None or manner.patience.memoryless)
        tries = [entry]
        while tries[-1].who.size and len(tries) <= redial.at_most:
            upto = redial.at_most if drawn else len(tries)
            tries += self._try_again(redial, manner, tries[-1], range(len(tries), upto + 1), marks)
        return [one for one in tries[1:] if one.who.size]

    def _try_again(
        self,
        redial: Redials,
        manner: Manner,
        last: _Attempt,
        numbers: range,
        marks: tuple[object, ...],
    ) -> list[_Attempt]:
        """The first of these attempts, or more of them while there is room, after the last one."""
        from slasim.inputs.by_place import coming_again

        v, touches, chances = self.visitors, self.touches, self.chances
        turn = numbers[0]
        afters, patiences = (
            None
            if shape is None or shape.memoryless
            else chances.standard(shape, decision, np.arange(v.touch.size), *marks, turn=turn)
            for decision, shape in zip(
                _OF_REDIALS[1:], (redial.after, manner.patience), strict=True
            )
        )
        filled: tuple[str, ...] = _LAID_DOWN
        filled += tuple(name for name in ("wrap", "greeting") if touches.has(name))
        if manner.patience is not None:
            filled += ("patience",)
        room, columns = touches.room_for(last.who.size, *filled)
        column = dict(zip(filled, columns, strict=True))
        upto = np.empty(len(numbers) + 1, np.int64)
        who, before = np.empty((2, min(room.stop - room.start, 2 * last.who.size)), np.int64)
        attempts = coming_again(
            starts(chances.stream(each, *marks) for each in _OF_REDIALS),
            redial.chance,
            chances.before(turn),
            TURN,
            afters,
            redial.after.mean,
            patiences,
            *one_or_each(v.patience_mean),
            LONGEST,
            last.who,
            last.touch,
            who,
            before,
            upto,
            room.start,
            sum(1 << outcome for outcome in redial.lost),
            touches.chained,
            *(column.get(name) for name in _COLUMNS),
        )
        count = int(upto[attempts])
        new = slice(room.start, room.start + count)
        patience = column["patience"][new] if "patience" in column else np.full(count, NEVER)
        leaves_as = np.full(count, ABANDONED, np.int8)
        found = []
        for since, to, number in zip(upto[:attempts], upto[1:], numbers, strict=False):
            mine = slice(since, to)
            one = _Attempt(before[mine], who[mine], patience[mine], leaves_as[mine])
            self._cut(manner, one, "redial", *marks, turn=number)
            found.append(one)
        touches.laid_down(
            count,
            filled,
            queue=v.queue,
            purpose=REDIAL,
            leaves_as=leaves_as,
            **({} if "patience" in column else {"patience": patience}),
        )
        return found

    def _patience(
        self, manner: Manner, mean: Floats | float, decision: str, who: Ints, *marks: object
    ) -> tuple[Ints, NDArray[np.int8]]:
        """Patience and what it ends as."""
        if manner.patience is None:
            patience = np.full(who.size, NEVER, np.int64)
        else:
            patience = self.chances.whole_ms(
                manner.patience,
                f"{decision}_patience",
                who,
                mean,
                *marks,
                found=self.touches.places("patience", who.size),
            )
        leaves_as = np.full(who.size, ABANDONED, np.int8)
        self._cut(manner, _Attempt(who, who, patience, leaves_as), decision, *marks)
        return patience, leaves_as

    def _cut(
        self, manner: Manner, one: _Attempt, decision: str, *marks: object, turn: int = 0
    ) -> None:
        """Some hang up at once, some are sent to voicemail."""
        if manner.hangs_up > 0:
            name = f"{decision}_hangs_up"
            hung_up = self.chances.decided(name, one.who, manner.hangs_up, *marks, turn=turn)
            one.patience[hung_up] = 0
        if manner.voicemail_after is not None:
            sent = one.patience > manner.voicemail_after
            one.patience[sent] = manner.voicemail_after
            one.leaves_as[sent] = VOICEMAIL

    def _call_backs(
        self,
        offer: CallBacks,
        entry: _Attempt,
        tries: Sequence[_Attempt],
        marks: tuple[object, ...],
    ) -> tuple[Ints, Ints]:
        """(touches, who) of the call-backs, one for each contact of whom any attempt ends in one.

        The patience of those attempts is cut at the offer.
        """
        leaving: list[tuple[Ints, Ints]] = []
        for number, one in enumerate(tries):
            u = self.chances.uniform("accepts_call_back", one.who, *marks, number)
            accepts = (one.patience > offer.offer_after) & (u < offer.accept)
            touch = one.touch[accepts]
            self.touches.link("patience", touch, offer.offer_after)
            self.touches.link("leaves_as", touch, CALL_BACK)
            one.leaves_as[accepts] = CALL_BACK
            leaving.append((touch, one.who[accepts]))
        who = self._everybody([some for _, some in leaving])
        place = np.searchsorted(entry.who, who)
        touch = self.touches.add(
            self.visitors.touch[who],
            queue=self.visitors.queue,
            purpose=CALLED_BACK,
            arrival=0,
            work=self.touches.said("work", entry.touch[place]),
            wrap=self.touches.said("wrap", entry.touch[place]),
            credit=offer.offer_after,
        )
        self._after_loss(leaving, CALL_BACK, who, touch)
        return touch, who

    def _messages(self, queue: int, tries: Sequence[_Attempt], marks: tuple[object, ...]) -> None:
        """What is left on the voicemail is dealt with in another queue."""
        leaving = []
        for one in tries:
            sent = one.leaves_as == VOICEMAIL
            leaving.append((one.touch[sent], one.who[sent]))
        who = self._everybody([some for _, some in leaving])
        work, wrap = self._work(queue, "message_work", who, *marks)
        contact = self.visitors.touch[who]
        touch = self.touches.add(
            contact, queue=queue, purpose=MESSAGE, arrival=0, work=work, wrap=wrap
        )
        self._after_loss(leaving, VOICEMAIL, who, touch)

    def _after_loss(
        self, leaving: Sequence[tuple[Ints, Ints]], outcome: int, who: Ints, touch: Ints
    ) -> None:
        for before, some in leaving:
            self.touches.link("after_loss", before, touch[np.searchsorted(who, some)])
            self.touches.link("loss_mask", before, 1 << outcome)

    # -------------------------------------------------------------- handing on

    def _hand_on(self, served: list[_Standing], marks: tuple[object, ...]) -> list[_Standing]:
        """Transfers and the second line, queue after queue; gives where everybody ends."""
        done: list[_Standing] = []
        self._hand_on_from(self.visitors.queue, served, marks, done, frozenset())
        return done

    def _hand_on_from(
        self,
        queue: int,
        served: Sequence[_Standing],
        path: tuple[object, ...],
        done: list[_Standing],
        seen: frozenset[int],
    ) -> None:
        ways = [
            (way, name, purpose)
            for way, name, purpose in (
                (self.following[queue].transfer, "transfer", TRANSFER),
                (self.following[queue].tier_2, "tier_2", TIER_2),
            )
            if way is not None and way.chance > 0
        ]
        if not ways or queue in seen:
            done += served
            return
        who = self._everybody([one.who for one in served])
        stays = np.ones(who.size, np.bool_)
        for way, name, purpose in ways:
            goes = stays & (self.chances.uniform(name, who, *path) < way.chance)
            stays &= ~goes
            some = who[goes]
            if some.size == 0:
                continue
            further = (*path, self.manners[way.to].name)
            touch = self._handed(way.to, purpose, some, further)
            self._link_all(served, "after_answer", some, touch)
            arrived = [_Standing(way.to, touch, some)]
            self._hand_on_from(way.to, arrived, further, done, seen | {queue})
        rest = self._flags(who[stays])
        for one in served:
            kept = rest[one.who]
            done.append(_Standing(one.queue, one.touch[kept], one.who[kept]))

    def _handed(self, queue: int, purpose: int, who: Ints, path: tuple[object, ...]) -> Ints:
        manner = self.manners[queue]
        work, wrap = self._work(queue, "handed_work", who, *path)
        mean = 0.0 if manner.patience is None else manner.patience.mean
        patience, leaves_as = self._patience(manner, mean, "handed", who, *path)
        return self.touches.add(
            self.visitors.touch[who],
            queue=queue,
            purpose=purpose,
            arrival=0,
            work=work,
            wrap=wrap,
            patience=patience,
            leaves_as=leaves_as,
            greeting=self._greeting(queue, who, *path),
        )

    # -------------------------------------------------------------- threads

    def _thread(self, ends: list[_Standing], marks: tuple[object, ...]) -> list[_Standing]:
        """Our further replies, and the customer who comes back after the last; gives the touches that may be last."""
        thread = self.own.thread
        if thread is None:
            return ends
        n = self.visitors.touch.size
        everybody = self._everybody([one.who for one in ends])
        replies = np.zeros(n, np.int64)
        replies[everybody] = thread.replies(self.chances.uniform("replies", everybody, *marks))
        reply = 1
        while thread.answers_after is not None:
            again = np.flatnonzero(replies > reply)
            if again.size == 0:
                break
            ends = self._back(REPLY, ends, again, thread.answers_after, (*marks, reply))
            reply += 1
        if thread.reopen_chance > 0 and thread.reopen_after is not None:
            chance = thread.reopen_chance
            again = everybody[self.chances.decided("reopen", everybody, chance, *marks)]
            ends = self._back(REOPEN, ends, again, thread.reopen_after, (*marks, "reopen"))
        return ends

    def _back(
        self,
        purpose: int,
        ends: list[_Standing],
        again: Ints,
        after: Distribution,
        marks: tuple[object, ...],
    ) -> list[_Standing]:
        """The customer is back, in the queue in which we replied last."""
        found: list[_Standing] = []
        for queue in sorted({one.queue for one in ends}):
            mine = [one for one in ends if one.queue == queue]
            here = self._everybody([one.who for one in mine])
            who = here[self._flags(again)[here]]
            if who.size:
                delay = self.chances.whole_ms(after, "answers", who, after.mean, *marks)
                work, wrap = self._work(queue, "reply_work", who, *marks)
                touch = self.touches.add(
                    self.visitors.touch[who],
                    queue=queue,
                    purpose=purpose,
                    arrival=delay,
                    work=work,
                    wrap=wrap,
                    keeps_owner=self.own.keeps_owner,
                )
                self._link_all(mine, "after_answer", who, touch)
                found.append(_Standing(queue, touch, who))
            gone = self._flags(who)
            for one in mine:
                kept = ~gone[one.who]
                found.append(_Standing(queue, one.touch[kept], one.who[kept]))
        return found

    # -------------------------------------------------------------- repeats

    def _repeats(
        self, repeat: Repeats, ends: list[_Standing], marks: tuple[object, ...]
    ) -> _Attempt:
        """The same matter once more: after any answer, or only after a late one."""
        everybody = self._everybody([one.who for one in ends])
        u = self.chances.uniform("repeat", everybody, *marks)
        anyway = u < repeat.chance
        if_late = ~anyway & (u < repeat.late_chance)
        who = everybody[anyway | if_late]
        if who.size == 0:
            return _Attempt(who, who, who, who)
        v = self.visitors
        after = repeat.after
        delay = self.chances.whole_ms(after, "repeat_after", who, after.mean, *marks)
        work, wrap = self._work(v.queue, "repeat_work", who, *marks)
        manner = self.manners[v.queue]
        patience, leaves_as = self._patience(manner, v.patience_mean, "repeat", who, *marks)
        touch = self.touches.add(
            v.touch[who],
            queue=v.queue,
            purpose=REPEAT,
            arrival=delay,
            work=work,
            wrap=wrap,
            patience=patience,
            leaves_as=leaves_as,
            greeting=self._greeting(v.queue, who, *marks),
        )
        late = if_late[anyway | if_late]
        self._link_all(ends, "after_answer", who[~late], touch[~late])
        late_before = self._link_all(ends, "after_late", who[late], touch[late])
        self.touches.link("late_after", late_before, repeat.late_over)
        return _Attempt(touch, who, patience, leaves_as)

    # -------------------------------------------------------------- what all need

    def _flags(self, who: Ints) -> Bools:
        """(n,) is the contact one of these?"""
        flags = np.zeros(self.visitors.touch.size, np.bool_)
        flags[who] = True
        return flags

    def _everybody(self, parts: Sequence[Ints]) -> Ints:
        """The contacts that any of these name, ascending."""
        flags = np.zeros(self.visitors.touch.size, np.bool_)
        for who in parts:
            flags[who] = True
        return np.flatnonzero(flags)

    def _link_all(self, served: Sequence[_Standing], name: str, who: Ints, touch: Ints) -> Ints:
        """Let every touch of these contacts release theirs; gives the touches that do."""
        following = np.full(self.visitors.touch.size, NONE, np.int64)
        following[who] = touch
        found = [np.zeros(0, np.int64)]
        for one in served:
            then = following[one.who]
            mine = then != NONE
            self.touches.link(name, one.touch[mine], then[mine])
            found.append(one.touch[mine])
        return np.concatenate(found)

    def _work(self, queue: int, decision: str, who: Ints, *marks: object) -> tuple[Ints, Ints]:
        """Handle times and after-call work in a queue, ms."""
        manner, mean = self.manners[queue], self.visitors.mean(queue)
        work = self.chances.whole_ms(manner.shape, decision, who, mean, *marks)
        wrap = np.rint(work * manner.wrap).astype(np.int64)
        return work, np.minimum(wrap, work)

    def _greeting(self, queue: int, who: Ints, *marks: object) -> Ints:
        greeting = self.manners[queue].greeting
        if greeting is None:
            return np.zeros(who.size, np.int64)
        return self.chances.whole_ms(greeting, "greeting", who, greeting.mean, *marks)


@dataclass(frozen=True, eq=False)
class _Attempt:
    """One attempt of some contacts, (m,) each: its touches, places in the queue, how long each waits."""

    touch: Ints
    who: Ints
    patience: Ints
    leaves_as: NDArray[Any]
