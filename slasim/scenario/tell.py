"""How a finding is said: pydantic's errors in a planner's words, with path, line and what would do.

This file knows the shape of the records only by asking them for their keys, and that metrics have one of two.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Collection, Mapping, Sequence
from itertools import count, islice
from typing import Any, NamedTuple, Self

from pydantic import BaseModel, ValidationError

from slasim.errors import Problem, did_you_mean
from slasim.scenario.document import Loc
from slasim.scenario.schema.later import Later
from slasim.scenario.schema.metrics import OF_CONTACTS, OF_TICKETS

__all__ = ["Told", "as_written", "findings"]


class Told(NamedTuple):
    """A finding inside the document, not yet given its line."""

    loc: Loc
    found: str
    would_do: str = ""
    key: bool = False
    of_file: tuple[Problem, ...] = ()
    """what was found in the data file that the value names"""

    @classmethod
    def sentence(cls, loc: Loc, text: str) -> Self:
        """From one sentence `found; would do.`"""
        found, semicolon, rest = text.partition("; ")
        return cls(loc, found.rstrip("."), rest[:1].upper() + rest[1:] if semicolon else "")


def findings(error: ValidationError, top: type[BaseModel]) -> list[tuple[Loc, Told]]:
    """(path, finding) of every error of a validation."""
    items = error.errors(include_url=False)
    return [(written(item["loc"]), _told(dict(item), top)) for item in items]


def written(loc: Sequence[str | int]) -> Loc:
    """The path as the file has it: without which record a metric has, and `inline` as `metric`."""
    here = [part for part in loc if part not in (OF_CONTACTS, OF_TICKETS)]
    return tuple("metric" if part == "inline" else part for part in here)


def _record_of_metric(which: str | int) -> type[BaseModel]:
    from slasim.scenario.schema import ClockMetric, Metric

    return ClockMetric if which == OF_TICKETS else Metric


def as_written(loc: Loc, faulty: Collection[Loc]) -> Loc:
    """The path in the file of a path in a document from which `faulty` items have been left out."""
    place: Loc = ()
    for part in loc:
        if isinstance(part, int):
            removed = {left[-1] for left in faulty if left[:-1] == place}
            left_in = (number for number in count() if number not in removed)
            part = next(islice(left_in, part, None))
        place = (*place, part)
    return place


def _told(item: dict[str, Any], top: type[BaseModel]) -> Told:
    kind, value, raw = item["type"], item.get("input"), tuple(item["loc"])
    loc, context = written(raw), item.get("ctx") or {}
    if kind == "wrong_file":
        return Told(loc, context["found"], of_file=context["of_file"])
    if kind == "wrong":
        return Told(loc, context["found"], context["would_do"])
    if kind == "extra_forbidden":
        return _unknown_key(raw, loc, top)
    if kind == "missing":
        return Told(loc, f"`{loc[-1]}` is missing", _example(str(loc[-1])))
    if kind in ("model_type", "dict_type", "model_attributes_type", "mapping_type"):
        return Told(loc, f"{_shown(value)} stands where a mapping belongs", "Write {key: value}.")
    if kind in ("list_type", "tuple_type"):
        return Told(loc, f"{_shown(value)} stands where a list belongs", "Write [first, second].")
    if kind == "string_type":
        return Told(loc, f"{_shown(value)} is not text", "Put it in quotes.")
    if kind == "literal_error":
        known = [
            word.strip("' ") for word in str(context["expected"]).replace(" or ", ",").split(",")
        ]
        return Told(loc, f"{_shown(value)} is not known here", did_you_mean(str(value), known))
    if kind in ("bool_type", "bool_parsing"):
        return Told(loc, f"{_shown(value)} is not true or false", "Write true or false.")
    return Told(loc, str(item["msg"]).removeprefix("Value error, "))


def _unknown_key(raw: Loc, loc: Loc, top: type[BaseModel]) -> Told:
    record = _record_at(top, raw[:-1])
    key = str(raw[-1])
    if record is None:
        return Told(loc, f"unknown key `{key}`", key=True)
    reason = getattr(record, "also_known", {}).get(key)
    if reason:
        return Told(loc, f"unknown key `{key}`", reason, key=True)
    return Told(
        loc, f"unknown key `{key}`", did_you_mean(key, _keys(record), what="Keys"), key=True
    )


def _keys(record: type[BaseModel]) -> list[str]:
    names = [field.alias or name for name, field in record.model_fields.items() if name != "inline"]
    return [*names, "like"] if record.__name__ == "Queue" else names


def _record_at(top: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    """The record whose keys belong at a path."""
    here: Any = top
    for part in loc:
        if part in (OF_CONTACTS, OF_TICKETS):
            here = _record_of_metric(part)
        elif isinstance(here, type) and issubclass(here, BaseModel):
            for name, info in here.model_fields.items():
                if part in (name, info.alias):
                    here = _inner(info.annotation)
                    break
            else:
                return None
        elif isinstance(here, tuple):
            here = _inner(here[0])
        else:
            return None
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _inner(annotation: Any) -> Any:
    """The record, or (item,) of a list or mapping, inside Optional and Annotated."""
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is typing.Annotated:
        kept = next((one for one in arguments if isinstance(one, Later)), None)
        return _inner(arguments[0]) if kept is None else kept.record
    if origin in (typing.Union, types.UnionType):
        return next((_inner(a) for a in arguments if a is not type(None)), None)
    if origin in (list, tuple):
        return (arguments[0],)
    if origin in (dict, Mapping):
        return (arguments[1],)
    return annotation


_EXAMPLES = {
    "name": "Write for example name: City services.",
    "start": "Write for example start: 2026-03-01.",
    "end": "Write for example end: 2026-04-01 (not included).",
    "queues": "Write for example queues: {billing: {arrivals: {per_hour: 60}, aht: 260s}}.",
    "groups": "Write for example groups: {front: {takes: {billing: 1}, staffing: 8}}.",
    "arrivals": "Write for example arrivals: {per_hour: 60}, or {file: forecast.csv}.",
    "takes": "Say which queues the group takes, as in takes: {billing: 1}.",
    "target": "Write for example target: 0.8.",
    "type": "Write for example type: service_level.",
}


def _example(key: str) -> str:
    return _EXAMPLES.get(key, f"Add `{key}:`.")


def _shown(value: object) -> str:
    from slasim.scenario.values import shown

    return shown(value)
