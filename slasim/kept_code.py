"""Code that libraries write as text and compile anew in every process: compiled once and kept, beside numba's machine
code. As with `.pyc` files, what a compiler warns of is told once.

`dataclasses` writes the methods of each class as text, `collections` the constructor of each named tuple, and `typing`
compiles each type that is written as text. For `slasim check` that is a seventh of its time, most of it for classes of
its libraries. What a text compiles to depends on it and on Python alone. A file of another user is not believed.
"""

from __future__ import annotations

import builtins
import collections
import contextlib
import dataclasses
import importlib.util
import marshal
import os
import stat
import sys
import typing
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from slasim.caches import cache_home

__all__ = ["keeping_code", "place"]

_MOST = 5_000
"""Texts in one file, or it begins anew; a verb has some 2,500 at most."""


def place(verb: str) -> Path | None:
    """The file of a verb, or of none, for this Python; None where nothing is kept."""
    home = cache_home()
    made_by = f"{sys.implementation.cache_tag}-{importlib.util.MAGIC_NUMBER.hex()}"
    return home and home / f"code-{made_by}-{sys.flags.optimize}" / (verb or "slasim")


class _Code:
    """What texts compile to: from the file, or compiled now and new."""

    def __init__(self, known: Mapping[str, bytes]):
        self.known = known
        self.new: dict[str, bytes] = {}

    def of(self, text: str, mode: str) -> CodeType:
        name = f"{mode} {text}"
        kept = self.known.get(name) or self.new.get(name)
        if kept is not None:
            code: CodeType = marshal.loads(kept)
        else:
            code = compile(text, "<string>", mode, dont_inherit=True)
            self.new[name] = marshal.dumps(code)
        return code

    def exec(self, source: Any, globals: Any = None, locals: Any = None, **more: Any) -> None:  # noqa: A002
        """As the builtin."""
        within, names = _around(globals, locals)
        if isinstance(source, str):
            source = self.of(source, "exec")
        builtins.exec(source, within, names, **more)

    def eval(self, source: Any, globals: Any = None, locals: Any = None) -> Any:  # noqa: A002
        """As the builtin."""
        within, names = _around(globals, locals)
        if isinstance(source, str):
            source = self.of(source.lstrip(" \t"), "eval")
        return builtins.eval(source, within, names)

    def compile(self, source: Any, filename: Any, mode: str, *more: Any, **others: Any) -> Any:
        """As the builtin."""
        if isinstance(source, str) and filename == "<string>" and not more and not others:
            return self.of(source, mode)
        return builtins.compile(source, filename, mode, *more, **others)


def _around(within: Any, names: Any) -> tuple[Any, Any]:
    """Where a text runs that is not told where."""
    if within is None:
        asking = sys._getframe(2)
        within, names = asking.f_globals, asking.f_locals if names is None else names
    return within, within if names is None else names


_ASKING: tuple[tuple[ModuleType, str], ...] = (
    (dataclasses, "exec"),
    (collections, "eval"),
    (typing, "compile"),
)
"""Who compiles texts, and what with."""


@contextlib.contextmanager
def keeping_code(verb: str) -> Iterator[None]:
    """Inside, those libraries have what the verb's file has, and what it lacks is in it at the end. A file that cannot
    be read or written changes nothing but the time."""
    file = place(verb)
    if file is None or any(name in vars(module) for module, name in _ASKING):
        yield
        return
    code = _Code(_read(file))
    for module, name in _ASKING:
        setattr(module, name, getattr(code, name))
    try:
        yield
    finally:
        for module, name in _ASKING:
            vars(module).pop(name, None)  # another thread may have come in between
        if code.new:
            _write(file, {**code.known, **code.new} if len(code.known) < _MOST else code.new)


def _read(file: Path) -> Mapping[str, bytes]:
    try:
        told = file.stat()
        if not stat.S_ISREG(told.st_mode) or (hasattr(os, "getuid") and told.st_uid != os.getuid()):
            return {}
        content = file.read_bytes()
        if int.from_bytes(content[:4], "little") != zlib.crc32(memoryview(content)[4:]):
            return {}
        found = marshal.loads(memoryview(content)[4:])
    except (OSError, ValueError, EOFError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(file: Path, codes: dict[str, bytes]) -> None:
    content = marshal.dumps(codes)
    own = file.with_name(f"{file.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            own.write_bytes(zlib.crc32(content).to_bytes(4, "little") + content)
            own.replace(file)
        finally:
            own.unlink(missing_ok=True)
