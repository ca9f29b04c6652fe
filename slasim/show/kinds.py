"""What `slasim kinds` says: names and meanings, family by family."""

from __future__ import annotations

from collections.abc import Mapping, Set

from slasim.show.words import wrapped

_TITLES = {
    "distribution": "Distributions (handle_time, aht_shape, patience)",
    "channel": "Channels (queues.*.channel)",
    "routing": "Routing policies (routing.policy)",
    "service_level": "Service-level formulas (metrics.*.formula; {t} threshold, {short} short_abandon)",
    "metric": "Metrics (metrics.*.type)",
    "ticket_clock": "Ticket clocks (of policies: metrics.*.metric)",
    "preset": "Help desks' meanings (of policies: preset); a policy's own fields go first",
}


def kinds_screen(meanings: Mapping[str, Mapping[str, str]], own: Set[tuple[str, str]]) -> str:
    """The whole screen; kinds of ``own`` come from elsewhere than slasim and are marked with *."""
    lines: list[str] = []
    for family, kinds in meanings.items():
        lines += ["", _TITLES.get(family, family)] if lines else [_TITLES.get(family, family)]
        wide = max(len(name) for name in kinds) + 1
        for name, meaning in kinds.items():
            start = f" {name + ('*' if (family, name) in own else ''):<{wide}}  "
            first, *rest = wrapped(meaning or "-", indent=len(start), first=len(start))
            lines += [start + first.lstrip(), *rest]
    if own:
        lines += ["", "* not slasim's own: an installed package's, or registered by --with."]
    return "\n".join(lines)
