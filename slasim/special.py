"""scipy's special functions, loaded without the rest of ``scipy.special``, which takes ten times as long."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import scipy

from slasim.loading import stood_in

__all__ = [
    "bdtr",
    "betaincinv",
    "gammaincc",
    "gammainccinv",
    "gammaincinv",
    "log_ndtr",
    "ndtr",
    "ndtri",
    "stdtrit",
]


def _functions() -> Any:
    """Where they stand: scipy's own compiled functions, or what it hands on where they cannot be had alone."""
    name = "scipy.special"
    if name not in sys.modules:
        try:
            with stood_in(name, within=scipy.__path__):
                found = importlib.import_module(f"{name}._ufuncs")
        except Exception:  # noqa: BLE001  (another scipy keeps them elsewhere)
            found = None
        if all(hasattr(found, each) for each in __all__):
            return found
    return importlib.import_module(name)


_FOUND = _functions()
bdtr: Any = _FOUND.bdtr
betaincinv: Any = _FOUND.betaincinv
gammaincc: Any = _FOUND.gammaincc
gammainccinv: Any = _FOUND.gammainccinv
gammaincinv: Any = _FOUND.gammaincinv
log_ndtr: Any = _FOUND.log_ndtr
ndtr: Any = _FOUND.ndtr
ndtri: Any = _FOUND.ndtri
stdtrit: Any = _FOUND.stdtrit
