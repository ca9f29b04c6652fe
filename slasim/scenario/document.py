"""YAML text as plain values, with the line and column of each: what pydantic is given to check.

YAML 1.2 without surprises: `no` and `12:30` are text, `010` is ten, dates stay text. Everything that could hang
or fill the machine is refused before or while it is read: size, nesting, number of values with aliases written out.
This file knows no scenario: it does not know which keys may stand where.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from slasim.errors import InputError, Problem

__all__ = [
    "MOST_BYTES",
    "MOST_DEPTH",
    "MOST_TOLD",
    "MOST_VALUES",
    "Document",
    "dotted",
    "read_document",
    "unshared",
]

MOST_BYTES = 512 * 1024
"""A planner's scenario has 2 kB; long curves belong in CSV files that it names."""
MOST_DEPTH = 20
MOST_VALUES = 50_000

MOST_TOLD = 100
"""Problems told one by one; nobody reads more."""

Loc = tuple[str | int, ...]
Place = tuple[int, int]

_NUMBER = re.compile(r"[-+]?(\d+|\d+\.\d*|\.\d+)([eE][-+]?\d+)?")
_SPECIAL = {".nan": math.nan, ".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf}
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
_KNOWN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null")}
_CONTAINER_TAGS = {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!"}


def dotted(loc: Sequence[str | int]) -> str:
    """A path as planners write it.

    >>> dotted(("groups", "late", "shifts", 0, "from"))
    'groups.late.shifts[0].from'
    """
    return "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in loc).removeprefix(".")


@dataclass(frozen=True)
class Document:
    """Plain values (dict, list, str, int, float, bool, None) and where in the text each stands."""

    value: Any
    file: str = ""
    values: Mapping[Loc, Place] = field(default_factory=dict)
    """(line, column), from 1, of the value at a path"""
    keys: Mapping[Loc, Place] = field(default_factory=dict)
    """(line, column), from 1, of the key at a path"""
    inherited: Mapping[Loc, Loc] = field(default_factory=dict)
    """paths that `like` copied, and the path they came from"""

    def place(self, loc: Sequence[str | int], *, key: bool = False) -> Place:
        """Where the deepest part of `loc` that the text has stands; (0, 0) when none is known."""
        path = tuple(loc)
        for length in range(len(path), -1, -1):
            part = self._origin(path[:length])
            if part in self.values:
                here = self.values[part]
                name = self.keys.get(part, here)
                # A value that begins on a later line is best found by its key.
                return name if key or name[0] != here[0] else here
        return (0, 0)

    def _origin(self, loc: Loc) -> Loc:
        for _ in range(50):
            for length in range(len(loc), 0, -1):
                if loc[:length] in self.inherited and loc not in self.values:
                    loc = self.inherited[loc[:length]] + loc[length:]
                    break
            else:
                break
        return loc

    def problem(
        self, loc: Sequence[str | int], found: str, would_do: str = "", *, key: bool = False
    ) -> Problem:
        """A problem at a path of this document."""
        line, column = self.place(loc, key=key)
        return Problem(found.rstrip("."), would_do, dotted(loc), self.file, line, column)


def encodable(text: str) -> bool:
    """Whether text can be written as UTF-8; a lone surrogate cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def unshared(value: Any) -> Any:
    """A copy of plain values in which no part stands twice (aliases and `like` share theirs)."""
    if isinstance(value, Mapping):
        return {key: unshared(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unshared(item) for item in value]
    return value


def read_document(text: str, file: str = "") -> Document:
    """Read one YAML document whose top is a mapping. Raises InputError with every problem found."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        raise InputError(
            [
                Problem(
                    f"the file has {size / 1024:,.0f} kB; a scenario may have {MOST_BYTES // 1024} kB",
                    "Put long curves into a CSV file and name it in the scenario.",
                    file=file,
                )
            ]
        )
    if not text.strip():
        raise InputError(
            [Problem("the file is empty", "Write a scenario: `slasim init`.", file=file)]
        )
    reader = _Reader(text, file)
    value = reader.read()
    if not isinstance(value, dict):
        what = {list: "a list", str: "text", type(None): "nothing"}.get(type(value), "one value")
        reader.tell("", f"the file holds {what}, not a mapping", (1, 1), _START)
    if reader.problems:
        raise InputError(reader.problems)
    return Document(value, file, reader.values, reader.keys)


_START = "Begin with `name:` and go on with `start:`, `end:`, `queues:` and `groups:`."


class _Reader:
    """Turns ruamel's events into plain values, keeping places and counting what it costs."""

    def __init__(self, text: str, file: str):
        self.file = file
        self.text = text
        self.problems: list[Problem] = []
        self.values: dict[Loc, Place] = {}
        self.keys: dict[Loc, Place] = {}
        self.count = 0
        self.anchors: dict[str, tuple[Any, int]] = {}

    def tell(self, path: str, found: str, place: Place, would_do: str = "") -> None:
        if len(self.problems) < MOST_TOLD:
            self.problems.append(Problem(found, would_do, path, self.file, *place))

    def refuse(self, found: str, place: Place, would_do: str) -> InputError:
        self.tell("", found, place, would_do)
        return InputError(self.problems)

    def read(self) -> Any:
        try:
            events = iter(YAML(typ="safe", pure=True).parse(self.text))
            value: Any = None
            documents = 0
            for event in events:
                if isinstance(event, DocumentStartEvent):
                    documents += 1
                    if documents == 2:
                        would_do = "Keep one scenario in one file."
                        self.tell("", "a second document begins here", _place(event), would_do)
                elif isinstance(event, StreamEndEvent):
                    break
                elif isinstance(event, ScalarEvent | AliasEvent) or _opens(event):
                    found = self.node(event, events, (), 0)
                    value = found if documents <= 1 else value
            return value
        except MarkedYAMLError as error:
            raise InputError([*self.problems, self.broken(error)]) from None
        except (YAMLError, ValueError, AssertionError, RecursionError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise self.refuse(f"this is not YAML: {reason}", (0, 0), "") from None

    def broken(self, error: MarkedYAMLError) -> Problem:
        mark = error.problem_mark or error.context_mark
        if error.context and "flow" in error.context and error.context_mark:
            mark = error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        reason = str(error.problem or error.context or "this is not YAML")
        line = self.text.splitlines()[mark.line] if mark and place[0] <= self.lines else ""
        if "'\\t'" in reason or "\t" in line:
            return Problem(
                "a tab stands here, and YAML indents with spaces",
                "Replace tabs by two spaces.",
                file=self.file,
                line=place[0],
                column=line.find("\t") + 1 or place[1],
            )
        if "undefined alias" in reason:
            return Problem(reason, "", file=self.file, line=place[0], column=place[1])
        if error.context and "flow" in error.context:
            reason = "the bracket that opens here is not closed"
        hint = "Check indentation, brackets, quotes and the space after each colon."
        if reason.startswith("mapping values"):
            hint = "Is the line before indented alike? Put text that has a colon in quotes."
        return Problem(
            f"this is not YAML: {reason}", hint, file=self.file, line=place[0], column=place[1]
        )

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    def node(self, event: Any, events: Iterator[Event], loc: Loc, depth: int) -> Any:
        place = _place(event)
        self.values.setdefault(loc, place)
        if depth > MOST_DEPTH:
            raise self.refuse(
                f"values are nested more than {MOST_DEPTH} deep here",
                place,
                "No part of a scenario is that deep; a bracket may be missing.",
            )
        before = self.count
        self.spend(1, place)
        if isinstance(event, AliasEvent):
            return self.alias(event, place)
        self.check_tag(event, loc, place)
        value: Any
        if isinstance(event, ScalarEvent):
            value = _scalar(event)
            if isinstance(value, str) and not encodable(value):
                self.tell(dotted(loc), "the text holds half a character (a surrogate)", place, "")
                value = None
        elif isinstance(event, SequenceStartEvent):
            value = []
            for item in _until(events, SequenceEndEvent):
                value.append(self.node(item, events, (*loc, len(value)), depth + 1))
        else:
            value = self.mapping(events, loc, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, self.count - before)
        return value

    def mapping(self, events: Iterator[Event], loc: Loc, depth: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for item in _until(events, MappingEndEvent):
            place = _place(item)
            if not isinstance(item, ScalarEvent):
                self.node(item, events, (*loc, "?"), depth + 1)
                self.tell(dotted(loc), "a key must be one word or text", place, "")
                self.node(next(events), events, (*loc, "?"), depth + 1)
                continue
            key = str(item.value)
            if not encodable(key):
                self.tell(dotted(loc), "the key holds half a character (a surrogate)", place, "")
                key = "?"
            if key == "<<":
                self.tell(
                    dotted(loc),
                    "`<<` is not part of YAML 1.2",
                    place,
                    "In queues, `like: other_queue` copies another queue.",
                )
            double = key in value
            if double:
                line = self.keys.get((*loc, key), (0, 0))[0]
                self.tell(
                    dotted((*loc, key)),
                    f"`{key}` stands twice (first in line {line})",
                    place,
                    "Keep one of the two.",
                )
            else:
                self.keys[(*loc, key)] = place
            self.spend(1, place)
            found = self.node(next(events), events, (*loc, key), depth + 1)
            if not double:
                value[key] = found
        return value

    def alias(self, event: AliasEvent, place: Place) -> Any:
        if event.anchor not in self.anchors:
            known = ", ".join(self.anchors) or "none"
            self.tell("", f"`*{event.anchor}` names no anchor (anchors above: {known})", place)
            return None
        value, size = self.anchors[event.anchor]
        self.spend(size, place)
        return value

    def spend(self, values: int, place: Place) -> None:
        self.count += values
        if self.count > MOST_VALUES:
            raise self.refuse(
                f"the file has more than {MOST_VALUES:,} values (aliases `*` written out)",
                place,
                "Put long curves into a CSV file; write `like: other_queue` instead of aliases.",
            )

    def check_tag(self, event: Any, loc: Loc, place: Place) -> None:
        tag = None if event.tag is None else str(event.tag)
        if tag is None:
            return
        known = _KNOWN_TAGS if isinstance(event, ScalarEvent) else _CONTAINER_TAGS
        if tag not in known and tag != "!":
            short = tag.replace("tag:yaml.org,2002:", "!!")
            self.tell(
                dotted(loc),
                f"unknown YAML tag `{short}`",
                place,
                "Write the value without a tag; put text that begins with `!` in quotes.",
            )


def _place(event: Event) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _opens(event: Event) -> bool:
    return isinstance(event, MappingStartEvent | SequenceStartEvent)


def _until(events: Iterator[Event], end: type[Event]) -> Iterator[Event]:
    for event in events:
        if isinstance(event, end):
            return
        yield event


def _scalar(event: Any) -> Any:
    """A plain scalar by YAML 1.2's core rules (decimal numbers only); quoted ones are text."""
    text = str(event.value)
    tag = None if event.tag is None else str(event.tag)
    if event.style is not None or tag == "tag:yaml.org,2002:str" or tag == "!":
        return text
    lower = text.lower()
    if lower in _WORDS:
        return _WORDS[lower]
    if lower in _SPECIAL:
        return _SPECIAL[lower]
    if not _NUMBER.fullmatch(text):
        return text
    try:
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    except ValueError:
        return text
