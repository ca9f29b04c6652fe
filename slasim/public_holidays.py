"""Public holidays of countries and their parts, as the ``holidays`` package knows them; countries are loaded singly."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import threading
from datetime import date
from functools import cache, lru_cache
from typing import Any

from slasim.loading import stood_in

__all__ = ["known_country", "public_holidays"]

_COUNTRIES = "holidays.countries"


def known_country(country: object, subdivision: object) -> str:
    """The code under which the `holidays` package knows a country. Raises ValueError."""
    from holidays.registry import COUNTRIES

    code = str(country).strip().upper()
    if code not in {known for names in COUNTRIES.values() for known in names[1:]}:
        wanted = str(country).strip().lower().replace(" ", "_")
        near = difflib.get_close_matches(wanted, COUNTRIES, n=1, cutoff=0.75)
        hint = f" Did you mean {COUNTRIES[near[0]][1]}?" if near else ""
        raise ValueError(
            f"No public holidays known for country '{country}'; write its two letters, as RO.{hint}"
        )
    if subdivision is not None:
        known = getattr(_package_with(code), code).subdivisions
        if str(subdivision) not in known:
            raise ValueError(
                f"'{subdivision}' is no subdivision of {code}; "
                f"known are {', '.join(known) or 'none'}."
            )
    return code


@lru_cache(maxsize=4096)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Those of one year, for a ``known_country``."""
    package = _package_with(country)
    return frozenset(package.country_holidays(country, subdiv=subdivision, years=[year]))


_LOADING = threading.Lock()


@cache
def _package_with(code: str) -> Any:
    """The package, with that country loaded: it would load all 250 to get at one."""
    import holidays
    from holidays.registry import COUNTRIES

    module = next(name for name, names in COUNTRIES.items() if code in names[1:])
    with _LOADING, contextlib.suppress(ImportError), stood_in(_COUNTRIES, within=holidays.__path__):
        importlib.import_module(f"{_COUNTRIES}.{module}")
    return holidays
