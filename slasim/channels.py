"""Channels: what a contact asks of an agent, and how its customer waits.

Nobody asks which channel a contact has; they read these numbers. This file knows no queue and no scenario.
"""

from __future__ import annotations

from dataclasses import dataclass

from slasim import registry
from slasim.codes import ROOM
from slasim.registry import kind

__all__ = ["ROOM", "Channel", "channel"]


@dataclass(frozen=True)
class Channel:
    """One way to reach the centre.

    ``load``      parts of an agent's ROOM that one contact takes while it is handled
    ``patience``  whether its customers may give up while they wait
    ``shares``    whether an agent may have several in hand: ``load`` is then divided by the group's ``chat_slots``
    ``waits_through_closing``  whether contacts come and wait while the queue is closed
    ``replies``   whether a contact is a thread: our replies, with the customer's answers between them
    ``drain``     which part of ``drain_at_most`` says how long after the end it is still served
    """

    name: str
    load: int
    patience: bool
    shares: bool = False
    waits_through_closing: bool = False
    replies: bool = False
    drain: str = "voice"

    def load_with(self, slots: int) -> int:
        """Parts of ROOM of one contact where agents have that many slots.

        >>> channel("chat").load_with(3), channel("voice").load_with(3)
        (840, 2520)
        """
        return self.load // slots if self.shares else self.load


@kind("channel", "voice")
def voice() -> Channel:
    """A call: takes all of an agent, and its caller may hang up."""
    return Channel("voice", load=ROOM, patience=True)


@kind("channel", "chat")
def chat() -> Channel:
    """A chat: an agent has as many at once as the group's chat_slots, and its customer may leave."""
    return Channel("chat", load=ROOM, patience=True, shares=True, drain="chat")


@kind("channel", "ticket")
def ticket() -> Channel:
    """An e-mail or case: comes at any hour, waits as long as it takes, and may need several replies."""
    return Channel(
        "ticket",
        load=ROOM,
        patience=False,
        waits_through_closing=True,
        replies=True,
        drain="ticket",
    )


def channel(name: str) -> Channel:
    """The channel of that name. Raises InputError with the near miss when there is none."""
    made: Channel = registry.get("channel", name)()
    return made
