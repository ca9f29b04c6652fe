"""What became of contacts that were neither answered nor abandoned, one line for each way.

It lays out what the study has counted and works out nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from slasim.show.words import count, percent, shortened, wrapped
from slasim.study.unserved import OUTCOMES, Unserved

_SAID = {
    "blocked": "Blocked, no line or place free, and not part of offered",
    "voicemail": "Sent to voicemail, offered and counted as late",
    "call_back": "Took a call-back instead, offered and counted as late",
    "closed": "Waiting when the queue closed, offered and counted as late",
    "waiting": "Still waiting at the end, offered",
}
_QUEUES = 4
"""Queues named in a line; the rest is in --json."""


def unserved_lines(found: Sequence[Unserved]) -> list[str]:
    """`Blocked, ... not part of offered: billing 106 (12 % of attempts)`; nothing where all were served or left."""
    lines = []
    for outcome in OUTCOMES:
        those = sorted((one for one in found if one.outcome == outcome), key=lambda one: -one.share)
        if not those:
            continue
        of = " of attempts" if outcome == "blocked" else ""
        parts = [
            f"{shortened(one.queue, 24)} {count(one.contacts)} ({percent(one.share)}{of})"
            for one in those[:_QUEUES]
        ]
        more = f"; {len(those) - _QUEUES} more queues" if len(those) > _QUEUES else ""
        lines += wrapped(f"{_SAID[outcome]}: {'; '.join(parts)}{more}", indent=4)
    return lines
