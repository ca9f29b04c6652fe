"""`slasim kinds`: everything that a scenario or a policy may name, with its meaning."""

from __future__ import annotations

import slasim as sl
from slasim import registry
from slasim.cli.doors import app
from slasim.cli.options import AsJson, With, register_own
from slasim.cli.telling import say, say_json


@app.command()
def kinds(own: With = None, as_json: AsJson = False) -> int:
    """Every distribution, metric, formula, policy, channel, ticket clock and preset."""
    register_own(own)
    found = {
        family: {name: registry.get(family, name) for name in registry.names(family)}
        for family in registry.families()
    }
    meanings = {
        family: {name: registry.meaning(thing) for name, thing in kinds_.items()}
        for family, kinds_ in found.items()
    } | sl.policy_kinds()
    if as_json:
        homes = {
            family: {name: str(getattr(thing, "__module__", "")) for name, thing in kinds_.items()}
            for family, kinds_ in found.items()
        }
        say_json({"kinds": meanings, "homes": homes})
        return 0
    from slasim.show.kinds import kinds_screen

    foreign = {
        (family, name)
        for family, kinds_ in found.items()
        for name, thing in kinds_.items()
        if not str(getattr(thing, "__module__", "slasim")).startswith("slasim.")
    }
    say(kinds_screen(meanings, foreign))
    return 0
