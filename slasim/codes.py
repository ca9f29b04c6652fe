"""Numbers that stand for words in columns: what becomes of a contact, why it comes, how a line is ordered.

Nothing but constants, so that whoever needs one loads nothing else.
"""

from __future__ import annotations

# ------------------------------------------------------------------ of a ContactLog

OUTCOMES = ("answered", "abandoned", "blocked", "closed", "voicemail", "waiting", "call_back")
ANSWERED, ABANDONED, BLOCKED, CLOSED, VOICEMAIL, WAITING, CALL_BACK = range(7)

PURPOSES = (
    "first",
    "redial",  # the caller was lost and tries again
    "call_back",  # the centre calls whom it promised to
    "reply",  # the customer has answered
    "reopen",  # the customer comes back after it was solved
    "transfer",  # handed on to another queue before it is answered for good
    "tier_2",  # handed on to a second line
    "repeat",  # the same matter once more
    "message",  # a voicemail to be dealt with
)
FIRST, REDIAL, CALLED_BACK, REPLY, REOPEN, TRANSFER, TIER_2, REPEAT, MESSAGE = range(9)

NOBODY = -1
"""Group or agent of a contact that nobody took, and agent of a group whose staffing names nobody."""

NOT_YET = -(1 << 60)
"""An instant that never came."""

# ------------------------------------------------------------------ of a Floor

ROOM = 2_520
"""An agent's whole room, in parts that any number of slots up to 10 divides."""

PACE_ONE = 1_000_000
"""The pace of work with one contact in hand: work left is kept in millionths of a ms."""

NONE = -1
"""No touch, line, group, calendar or plan."""

BY_WAIT, BY_DUE, BY_SLACK = range(3)
"""How a line is ordered: longest wait, earliest due, least slack (due less the work expected)."""

REPLY_CLOCK, SOLVE_CLOCK, WAITING_CLOCK = range(3)
"""What a step of a plan is counted from: the due instant of either clock, or the arrival of the touch."""
