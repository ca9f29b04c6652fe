"""How functions become machine code, and where that is kept between runs.

The disk cache is used when it can be written. A read-only install with a read-only home must not fail at import,
and an upgrade or an edit of a called file must not run old machine code: numba looks only at the file of the outer
function, so the cache folder carries a fingerprint of every source that is compiled.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def fingerprint(folder: Path) -> str:
    """A short hash of every source file whose functions may be compiled together, and of the versions."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(f"{numba.__version__} {sys.version}".encode())
    for source in sorted(folder.rglob("*.py")):
        if source.parent.name in ("engine", "routing", "outcome", "sla") or source.parent == folder:
            digest.update(source.read_bytes())
    return digest.hexdigest()


def cache_folder() -> str:
    """Where machine code of these very sources is kept; empty if no folder can be written."""
    package = Path(__file__).resolve().parent
    wanted = os.environ.get("NUMBA_CACHE_DIR")
    roots = [Path(wanted)] if wanted else []
    roots += [
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slasim",
        Path(tempfile.gettempdir()) / f"slasim-{os.getuid() if hasattr(os, 'getuid') else 'user'}",
    ]
    mark = fingerprint(package)
    for root in roots:
        folder = root / mark
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return str(folder)
        except OSError:
            continue
    return ""


_FOLDER = cache_folder()


def compiled(function: F) -> F:
    """Compile, without holding the GIL, and keep the machine code on disk where that is possible."""
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = _FOLDER or before  # read when a function is decorated; others keep theirs
    try:
        made = numba.njit(cache=bool(_FOLDER), nogil=True, error_model="numpy")(function)
    finally:
        config.CACHE_DIR = before
    return cast(F, made)


def part_of_a_loop(function: F) -> F:
    """A compiled function that becomes part of the compiled loops that call it."""
    return cast(F, numba.njit(nogil=True, error_model="numpy", forceinline=True)(function))


def beside_a_loop(function: F) -> F:
    """A compiled function that a loop calls now and then."""
    return cast(F, numba.njit(nogil=True, error_model="numpy")(function))
