"""Chats side by side: how much longer one chat lasts when its agent has several in hand.

An agent can write in one chat at a time; the others wait for a turn or think about an answer. Nothing here knows
queues: the agent always has the stated number of chats.
"""

from __future__ import annotations

__all__ = ["chat_durations", "chat_slowdown"]


def chat_durations(agent_s: float, customer_s: float, most: int) -> tuple[float, ...]:
    """Mean seconds that a chat lasts with 1, 2 ... ``most`` chats in hand.

    ``agent_s`` and ``customer_s`` are what agent and customer need for all their turns of one chat. The
    machine-repair model by mean value analysis (M. Reiser, S. S. Lavenberg, 1980; exact for exponential turns):
    with n chats a turn finds on arrival the number that the agent has before him with n - 1,

        R(n) = agent_s x (1 + L(n-1)),   D(n) = R(n) + customer_s,   L(n) = n x R(n) / D(n),   L(0) = 0.

    The published example (US patent 8,064,589 B2: customer time 0.75 of agent time): 500 s with one chat, 886.8 s
    with three.

    >>> [round(duration, 1) for duration in chat_durations(2000 / 7, 1500 / 7, 3)]
    [500.0, 663.3, 886.8]

    Raises ValueError for times that are negative or all 0, and for less than one chat.
    """
    if not (agent_s >= 0.0 and customer_s >= 0.0 and 0.0 < agent_s + customer_s < float("inf")):
        raise ValueError("agent_s and customer_s must be seconds of 0 or more, and not both 0")
    if most < 1:
        raise ValueError(f"most is {most}; an agent has at least one chat in hand")
    found: list[float] = []
    before = 0.0
    for chats in range(1, most + 1):
        answering = agent_s * (1.0 + before)
        found.append(answering + customer_s)
        before = chats * answering / found[-1]
    return tuple(found)


def chat_slowdown(agent_s: float, customer_s: float, most: int) -> tuple[float, ...]:
    """`chat_durations` over the duration of a chat alone: 1 first, and never smaller with more chats.

    >>> [round(factor, 3) for factor in chat_slowdown(2000 / 7, 1500 / 7, 3)]
    [1.0, 1.327, 1.774]
    """
    durations = chat_durations(agent_s, customer_s, most)
    return tuple(duration / durations[0] for duration in durations)
