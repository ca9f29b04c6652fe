"""Channels: what a contact asks of an agent, and whether its customer may lose patience.

An engine never asks which channel a contact has; it reads these numbers. This file knows no queue
and no scenario.
"""

from __future__ import annotations

from dataclasses import dataclass

from slasim import registry
from slasim.floor import ROOM
from slasim.registry import kind

__all__ = ["ROOM", "Channel", "channel"]


@dataclass(frozen=True)
class Channel:
    """One way to reach the centre.

    ``load``      parts of an agent's ROOM that one contact takes while it is handled
    ``patience``  whether its customers may give up while they wait
    """

    name: str
    load: int
    patience: bool


@kind("channel", "voice")
def voice() -> Channel:
    """A call: takes all of an agent, and its caller may hang up."""
    return Channel("voice", load=ROOM, patience=True)


def channel(name: str) -> Channel:
    """The channel of that name. Raises InputError with the near miss when there is none."""
    made: Channel = registry.get("channel", name)()
    return made
