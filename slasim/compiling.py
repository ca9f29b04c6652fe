"""How functions become machine code, and where that is kept between runs.

The disk cache is used when it can be written. A read-only install with a read-only home must not fail at import,
and an upgrade or an edit of a called file must not run old machine code: numba looks only at the file of the outer
function, so the cache folder carries a fingerprint of every source that is compiled.

Half of what a first call costs is numba itself being loaded: that is done here, at import, in the quickest way.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

from slasim.caches import cache_home
from slasim.loading import loading, stood_in, uncollected

_LINEAR_ALGEBRA = "scipy.linalg.cython_blas"
"""numba asks at its start only whether scipy's BLAS is there, and imports it again when a function needs it. The answer
is yes, scipy being one of our libraries; saying so is quicker than loading scipy.linalg to be asked."""


def _refresh(context: Any) -> None:
    """Make known to numba what its own functions compile to. Each of some 250 declarations asks for all of it again
    before it is made known itself: for once they do without, and what is still missing then comes at the end."""
    refresh = context.refresh
    context.refresh = _nothing
    try:
        refresh()
    finally:
        del context.refresh
    context.refresh()


def _nothing() -> None:
    """Not again."""


with loading(), stood_in(_LINEAR_ALGEBRA):
    import numba
    from numba.core import event
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.registry import cpu_target

    # What the first compiled call would do.
    with global_compiler_lock:
        cpu_target.typing_context.refresh()
        _refresh(cpu_target.target_context)


class _Collecting(event.Listener):
    """No collecting while numba compiles."""

    def __init__(self) -> None:
        self._pauses: list[contextlib.ExitStack] = []

    def on_start(self, _: Any) -> None:
        self._pauses.append(contextlib.ExitStack())
        self._pauses[-1].enter_context(uncollected())

    def on_end(self, _: Any) -> None:
        self._pauses.pop().close()


event.register("numba:compile", _Collecting())  # type: ignore[no-untyped-call]

F = TypeVar("F", bound=Callable[..., Any])

_COMPILED = ("engine", "inputs", "routing", "metrics", "outcome", "sla")
"""Rooms in which compiled functions stand."""


def fingerprint(folder: Path) -> str:
    """A short hash of every source file whose functions may be compiled together, and of the versions."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(f"{numba.__version__} {sys.version}".encode())
    for source in sorted(folder.rglob("*.py")):
        if source.parent.name in _COMPILED or source.parent == folder:
            digest.update(source.read_bytes())
    return digest.hexdigest()


def cache_folder() -> str:
    """Where machine code of these very sources is kept; empty if no folder can be written."""
    package = Path(__file__).resolve().parent
    wanted = os.environ.get("NUMBA_CACHE_DIR")
    roots = [Path(wanted)] if wanted else []
    home = cache_home()
    roots += [home] if home else []
    roots += [
        Path(tempfile.gettempdir()) / f"slasim-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
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
    return _kept(function, {})


def compiled_loop(function: F) -> F:
    """The same for a loop that allocates nothing: arrays are not counted, and compiling takes half the time."""
    return _kept(function, _NOT_COUNTED)


def compiled_story(function: F) -> F:
    """The same for the loop that plays a replication: it takes longer to compile than all others together."""
    made = compiled_loop(function)
    _STORIES.add(made)
    return made


_STORIES: set[Any] = set()


def story_is_known(module: str) -> bool:
    """Whether the story of that module has been played in this process, in one of its forms at least."""
    return any(story.py_func.__module__ == module and story.signatures for story in _STORIES)


@contextlib.contextmanager
def when_a_story_is_compiled(call: Callable[[], None]) -> Iterator[None]:
    """Inside, ``call`` is called whenever a story begins to be compiled because its machine code is not kept."""

    class Beginning(event.Listener):
        def on_start(self, of: Any) -> None:
            if _FOLDER and of.data["dispatcher"] in _STORIES:
                call()

        def on_end(self, of: Any) -> None:
            pass

    with event.install_listener("numba:compile", Beginning()):
        yield


def part_of_a_loop(function: F) -> F:
    """A compiled function that becomes part of the compiled loops that call it. It allocates nothing."""
    return cast(F, _numba.njit(**_INSIDE, forceinline=True)(function))


def beside_a_loop(function: F) -> F:
    """A compiled function that a loop calls now and then. It allocates nothing."""
    return cast(F, _numba.njit(**_INSIDE)(function))


_numba: Any = numba
_NOT_COUNTED = {"_nrt": False}
_ALL = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
"""No function is called from C: the way in from there takes 12 ms to compile."""
_INSIDE = {**_ALL, "no_cpython_wrapper": True, **_NOT_COUNTED}
"""Of functions that only compiled ones call: the way in from Python takes longer to compile than they do."""


def _kept(function: F, options: dict[str, Any]) -> F:
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = _FOLDER or before  # read when a function is decorated; others keep theirs
    try:
        made = _numba.njit(cache=bool(_FOLDER), **(_ALL | options))(function)
    finally:
        config.CACHE_DIR = before
    return cast(F, made)
