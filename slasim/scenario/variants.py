"""What-ifs: one change of one value, written as a path and what happens to it.

    queues.billing.volume = +15%      multiplies      groups.front.staffing = +2     adds
    queues.billing.aht    = +20s      adds            groups.front.staffing = 14     replaces

`+x%` and `-x%` multiply, `+x` and `-x` add, anything else replaces. Volume, AHT and staffing also
move when their numbers come from files: through the levers `volume`, `aht: {times, plus}` and
`staffing: {times, plus}`.
This file changes documents; `files.py` checks what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slasim import clock
from slasim.errors import InputError, Problem, did_you_mean
from slasim.scenario.centre import Centre
from slasim.scenario.document import Document, Loc, dotted, encodable, read_document, unshared
from slasim.scenario.schema import Record

__all__ = ["changed", "parse_setting", "split_path"]

_RELATIVE = re.compile(r"([+\-\N{MINUS SIGN}])\s*(\d+(?:\.\d+)?|\.\d+)\s*(%|[a-z]*)\s*", re.I)
_PART = re.compile(r"([^.\[\]]+)((?:\[\d+\])*)")


def parse_setting(text: str) -> tuple[str, Any]:
    """`queues.billing.aht=+20s` as (path, value). Values are YAML; changes stay text.

    Raises InputError.

    >>> parse_setting("groups.front.staffing=+2")
    ('groups.front.staffing', '+2')
    >>> parse_setting("queues.billing.priority=1")
    ('queues.billing.priority', 1)
    """
    path, equals, value = text.partition("=")
    path, value = path.strip(), value.strip()
    if not equals or not path or not value:
        raise _refused("", f"'{text}' is no setting", 'Write "queues.billing.aht=+20s".')
    split_path(path)
    if _RELATIVE.fullmatch(value):
        return path, value
    try:
        return path, read_document(f"value: {value}").value["value"]
    except InputError as error:
        raise _refused(path, error.problems[0].found, error.problems[0].would_do) from None


def split_path(path: str) -> Loc:
    """`groups.late.shifts[0].agents` as ("groups", "late", "shifts", 0, "agents"). Raises InputError."""
    loc: list[str | int] = []
    for part in path.split("."):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise _refused(path, f"'{path}' is no path", "Write for example queues.billing.volume.")
        loc.append(match[1])
        loc += [int(index) for index in re.findall(r"\d+", match[2])]
    return tuple(loc)


def _refused(path: str, found: str, would_do: str = "") -> InputError:
    return InputError([Problem(found, would_do, path)])


def changed(
    centre: Centre, document: Document, changes: Mapping[str, Any]
) -> tuple[Document, list[Problem]]:
    """The document with every change that can be made, in order; and what is wrong with the others."""
    value = unshared(document.value)
    problems: list[Problem] = []
    for path, change in changes.items():
        tried = unshared(value)
        try:
            loc, plain = split_path(str(path)), _plain(change)
            if not encodable(f"{path} {plain}"):
                raise _refused(ascii(path), "the text holds half a character (a surrogate)")
            _change(centre, tried, loc, str(path), plain)
        except InputError as error:
            problems += error.problems
        else:
            value = tried
    made = Document(value, document.file, document.values, document.keys, document.inherited)
    return made, problems


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist") and not isinstance(value, str):
        return value.tolist()
    return value.isoformat(" ") if hasattr(value, "isoformat") else value


def _change(centre: Centre, document: Any, loc: Loc, path: str, change: Any) -> None:
    step = _relative(change)
    if len(loc) == 3 and loc[0] == "queues" and loc[1] in centre.queues and loc[2] == "aht":
        _change_aht(centre, document, str(loc[1]), path, change, step)
        return
    if len(loc) == 3 and loc[0] == "groups" and loc[1] in centre.groups and loc[2] == "staffing":
        _change_staffing(document["groups"][loc[1]], path, change, step)
        return
    _write_out(document, loc)
    parent, last = _parent(document, loc, path)
    if step is None:
        parent[last] = change
        return
    if len(loc) == 3 and loc[0] == "queues" and last == "volume":
        _refuse_contacts_as_factor(step, path)
    old = _old(centre, parent, last, loc, path)
    parent[last] = _moved(old, step, path)


def _refuse_contacts_as_factor(step: Step, path: str) -> None:
    """`volume` multiplies: +50 would not be 50 contacts more, but 51 times as many."""
    if step[0] == "plus" and abs(step[1]) >= 1:
        raise _refused(
            path,
            f"volume is a factor, and {_said(step)} would add whole times of all contacts",
            "Write +15% for 15 % more contacts, or 1.15.",
        )


def _write_out(document: Any, loc: Loc) -> None:
    """Short forms as records, so that what is inside has a place: `takes: {billing: 2}`, `owner: sticky`, names."""
    record = document.get(loc[0], {}).get(loc[1]) if len(loc) > 3 and loc[0] in _SHORT else None
    if not isinstance(record, dict):
        return
    written = record.get(loc[2])
    if loc[2] == "takes" and isinstance(written, dict) and isinstance(written.get(loc[3]), int):
        written[loc[3]] = {"rank": written[loc[3]]}
    if loc[2] == "owner" and written == "sticky":
        record["owner"] = {}
    if loc[2] == "people" and isinstance(written, list):
        record["people"] = [{"name": one} if isinstance(one, str) else one for one in written]


_SHORT = ("queues", "groups")


def _parent(document: Any, loc: Loc, path: str) -> tuple[Any, Any]:
    """The mapping or list that holds the last part. Missing records inside a known one are made."""
    here = document
    for depth, part in enumerate(loc[:-1]):
        here = _step(here, part, loc[: depth + 1], path, make=depth >= 2 or loc[0] in _MADE)
    last = loc[-1]
    if isinstance(here, list):
        last = _index(here, last, loc, path)
    elif not isinstance(here, dict):
        raise _refused(path, f"`{dotted(loc[:-1])}` holds one value, not `{last}`")
    return here, last


_MADE = ("demand", "feasibility", "routing", "contract", "drain_at_most", "levels", "rules", "ola")


def _step(here: Any, part: str | int, so_far: Loc, path: str, *, make: bool) -> Any:
    if isinstance(here, list):
        return here[_index(here, part, so_far, path)]
    if not isinstance(here, dict):
        raise _refused(path, f"`{dotted(so_far[:-1])}` holds one value, not `{part}`")
    if part not in here or here[part] is None:
        if not make:
            known = did_you_mean(str(part), list(here), what="Keys here")
            raise _refused(path, f"there is no `{dotted(so_far)}`", known)
        here[part] = {}
    return here[part]


def _index(listed: list[Any], part: str | int, so_far: Loc, path: str) -> int:
    """An item of a list by number, or by its `name` (shifts)."""
    if isinstance(part, str) and part.isdigit():
        part = int(part)
    if isinstance(part, int):
        if part < len(listed):
            return part
        items = f"{len(listed)} item{'' if len(listed) == 1 else 's'}"
        raise _refused(path, f"`{dotted(so_far[:-1])}` has {items}, counted from 0")
    names = [item.get("name") if isinstance(item, dict) else None for item in listed]
    if part in names:
        return names.index(part)
    known = did_you_mean(part, [str(name) for name in names if name], what="Names")
    raise _refused(path, f"there is no `{dotted(so_far)}`", known)


# ------------------------------------------------------------------ changes of one value

Step = tuple[str, float, str]
"""("times", factor, "") or ("plus", number, unit)."""


def _relative(change: Any) -> Step | None:
    if not isinstance(change, str):
        return None
    match = _RELATIVE.fullmatch(change.strip())
    if match is None:
        return None
    sign = 1 if match[1] == "+" else -1
    number = sign * float(match[2])
    if match[3] == "%":
        return ("times", float(repr(round(1 + number / 100, 12))), "")
    return ("plus", number, match[3])


_TIMES = {"ms": 1, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


def _added_ms(step: Step, path: str) -> int:
    if step[2] not in _TIMES:
        raise _refused(
            path, f"+{step[1]:g} has no unit", f"Write +{step[1]:g}s or +{step[1]:g}min."
        )
    return round(step[1] * _TIMES[step[2]])


def _duration_text(ms: int) -> str:
    return f"{ms // 1000}s" if ms % 1000 == 0 else f"{ms}ms"


def _moved(old: Any, step: Step, path: str) -> Any:
    if isinstance(old, list):
        return [_moved(item, step, path) for item in old]
    if isinstance(old, dict):
        if step[0] == "times" or all(not isinstance(item, Mapping) for item in old.values()):
            return {key: _moved(item, step, path) for key, item in old.items()}
        raise _refused(path, "there is no one number to change here", "Name the value inside it.")
    if isinstance(old, str) and old.rstrip().endswith("%"):
        share = float(old.rstrip().rstrip("%"))
        moved = share * step[1] if step[0] == "times" else share + step[1] * 100
        return f"{_tidy(moved):g} %"
    if isinstance(old, str):
        negative = old.strip().startswith("-")
        try:
            ms = clock.parse_duration(old.strip().lstrip("+-"), days=True)
        except ValueError:
            raise _refused(path, f"'{old}' is no number to change by {_said(step)}") from None
        ms = -ms if negative else ms
        ms = round(ms * step[1]) if step[0] == "times" else ms + _added_ms(step, path)
        return _duration_text(ms)
    if isinstance(old, bool) or not isinstance(old, int | float):
        raise _refused(
            path, f"there is no number to change by {_said(step)}", "Give the value itself."
        )
    if step[0] == "times":
        moved = _tidy(old * step[1])
    elif step[2]:
        ms = _added_ms(step, path)
        if old == 0:
            return _duration_text(ms)
        raise _refused(path, f"{old:g} is no duration to add {_said(step)} to")
    else:
        moved = _tidy(old + step[1])
    return int(moved) if isinstance(old, int) and moved == int(moved) else moved


def _tidy(value: float) -> float:
    """0.1 + 0.2 as 0.3: what a planner's decimals come to."""
    return float(repr(round(value, 12)))


def _said(step: Step) -> str:
    return f"{(step[1] - 1) * 100:+g}%" if step[0] == "times" else f"{step[1]:+g}{step[2]}"


_DURATIONS = (
    "acw", "voicemail_after", "head_start", "warm_up", "interval", "switching_loss", "first_message_after", "keep",
    "voice", "chat", "ticket", "oldest",
)  # fmt: skip


def _old(centre: Centre, parent: Any, last: Any, loc: Loc, path: str) -> Any:
    """The value as written, or the default that stands for it."""
    if isinstance(parent, list) or last in parent:
        return parent[last]
    record: Any = centre
    keys = list(parent)
    for part in loc:
        if isinstance(record, Record):
            keys = [field.alias or key for key, field in type(record).model_fields.items()]
        if isinstance(record, Mapping):
            record = record.get(part)
        elif isinstance(record, tuple) and isinstance(part, int):
            record = record[part]
        else:
            record = getattr(record, str(part), None)
    if isinstance(record, bool) or not isinstance(record, int | float):
        section = dotted(loc[:-1]) or "the scenario"
        known = did_you_mean(str(last), keys, what=f"Keys of {section}")
        raise _refused(path, f"there is no `{dotted(loc)}` to change", known)
    if last in _DURATIONS:
        return f"{int(record)}ms"
    return record


# ------------------------------------------------------------------ levers


def _change_aht(
    centre: Centre, document: Any, name: str, path: str, change: Any, step: Step | None
) -> None:
    """AHT wherever it comes from: `aht`, `handle_time`, or the forecast file's aht_s."""
    queue, plain = centre.queues[name], document["queues"][name]
    old = plain.get("aht")
    record = dict(old) if isinstance(old, dict) else {} if old is None else {"mean": old}
    simple = not isinstance(old, dict) and old is not None and not _file_gives_aht(centre, name)
    if step is None:
        from_elsewhere = queue.handle_time is not None or _file_gives_aht(centre, name)
        if isinstance(change, Mapping) or not from_elsewhere:
            plain["aht"] = change
        else:  # what the file or handle_time says is set aside: times 0, plus the new mean
            plain["aht"] = {**record, "times": 0, "plus": change}
        return
    if simple and step[0] == "plus":
        plain["aht"] = _moved(old, step, path)
        return
    times, plus = record.get("times", 1.0), record.get("plus", "0s")
    if step[0] == "times":
        record["times"] = _tidy(times * step[1])
        if plus not in (0, "0s"):
            record["plus"] = _moved(plus, step, path)
    else:
        record["plus"] = _moved(plus if plus != 0 else "0s", step, path)
    plain["aht"] = record


def _file_gives_aht(centre: Centre, name: str) -> bool:
    from slasim.scenario.tables import open_table

    arrivals = centre.queues[name].arrivals
    source = None if arrivals is None else arrivals.source
    if source is None:
        return False
    return open_table(source.file, centre.folder, encoding=source.encoding).has("aht_s")


def _change_staffing(group: Any, path: str, change: Any, step: Step | None) -> None:
    """The number itself where there is one; else the levers of the file, list or grid."""
    old = group.get("staffing")
    if old is None:
        names = ", ".join(str(shift.get("name")) for shift in group.get("shifts") or ())
        raise _refused(
            path,
            "this group has shifts, not a staffing number",
            f"Change the agents of a shift: {path.rsplit('.', 1)[0]}.shifts.NAME.agents ({names}).",
        )
    if step is None:
        if isinstance(change, Mapping) or not isinstance(old, dict):
            group["staffing"] = change
        else:
            group["staffing"] = {"agents": change, **{k: old[k] for k in ("counts",) if k in old}}
        return
    if step[2]:
        raise _refused(path, f"{_said(step)} is no number of agents", "Write +2 or +10%.")
    if isinstance(old, int | float):
        group["staffing"] = _moved(old, step, path)
        return
    record = dict(old) if isinstance(old, dict) else {"agents": old}
    if isinstance(record.get("agents"), int | float):
        record["agents"] = _moved(record["agents"], step, path)
    elif step[0] == "times":
        record["times"] = _tidy(record.get("times", 1.0) * step[1])
        if record.get("plus"):
            record["plus"] = _tidy(record["plus"] * step[1])
    else:
        record["plus"] = _tidy(record.get("plus", 0.0) + step[1])
    group["staffing"] = record
