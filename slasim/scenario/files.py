"""From a scenario file to a checked Scenario, or to every problem of it at once.

`load` reads a file, `load_text` a text (data files are then looked for in `folder`). A file is read,
`like` is spread, each record is checked, then what concerns several records (`checks/`) and what
the data files hold. What is wrong in one place does not hide what is wrong in another: faulty parts
are left out and the rest is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from slasim import clock
from slasim.errors import InputError, Problem, did_you_mean
from slasim.scenario import checks
from slasim.scenario.checks.case import placed
from slasim.scenario.document import MOST_BYTES, MOST_TOLD, Document, Loc, read_document, unshared
from slasim.scenario.scenario import Scenario
from slasim.scenario.tell import Told, as_written, findings

__all__ = ["build", "check", "load", "load_text", "text_of"]


def load(path: str | Path) -> Scenario:
    """The scenario of a file, checked, with its data files read. Raises InputError."""
    return load_text(text_of(path), file=str(path), folder=Path(path).parent)


def text_of(path: str | Path) -> str:
    """The text of a YAML file. Raises InputError when there is none, or it is too large or not UTF-8."""
    place = Path(path)
    name = str(path)
    try:
        if place.is_dir():
            raise _refused(name, "this is a directory, not a scenario file", _yaml_in(place))
        size = place.stat().st_size
        if size > MOST_BYTES:
            would_do = "Put long curves into a CSV file and name it in the scenario."
            limit = f"a scenario may have {MOST_BYTES // 1024} kB"
            raise _refused(name, f"the file has {size / 1024:,.0f} kB; {limit}", would_do)
        return place.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise _refused(name, "there is no such file", _yaml_in(place.parent, place.name)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        found = f"byte {error.object[error.start]:#x} is not UTF-8"
        raise InputError(
            [Problem(found, "Save the file as UTF-8.", file=name, line=line)]
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _refused(name, f"the file cannot be read: {reason}", "") from None


def load_text(text: str, *, file: str = "", folder: Path | None = None) -> Scenario:
    """The scenario of a text; its data files are looked for in `folder`. Raises InputError."""
    return build(read_document(text, file), folder)


def check(path: str | Path) -> list[Problem]:
    """Every problem of a scenario file and its data files; none when it can be simulated."""
    try:
        load(path)
    except InputError as error:
        return list(error.problems)
    return []


def _refused(file: str, found: str, would_do: str) -> InputError:
    return InputError([Problem(found, would_do, file=file)])


def _yaml_in(folder: Path, name: str = "") -> str:
    try:
        found = sorted(item.name for item in folder.iterdir() if item.suffix in (".yaml", ".yml"))
    except OSError:
        return f"The folder {folder} does not exist."
    return did_you_mean(name, found[:12], what=f"YAML files in {folder}", files=True)


# ------------------------------------------------------------------ building

_STAND_IN = {"name": "?", "start": "2026-01-05", "end": "2026-01-06"}
"""What takes the place of a needed value that is missing or wrong, so that the rest can be checked."""


def build(document: Document, folder: Path | None) -> Scenario:
    """The scenario of a document, checked. Raises InputError with every problem."""
    document, problems, faulty = spread_like(document)
    kept = _without(document, faulty)
    scenario: Scenario | None = None
    for _ in range(8):
        scenario, found, wrong_at = _validated(kept, folder, faulty)
        problems += found
        if scenario is not None or not wrong_at:
            break
        faulty |= wrong_at
        kept = _without(document, faulty)
    if scenario is None:
        raise InputError(_once([*problems, *checks.by_name(document)]))
    problems += checks.all_problems(checks.Case(scenario, document, frozenset(faulty)))
    if problems:
        raise InputError(_once(problems))
    scenario._rebuild = build
    if scenario.demand is None:
        return scenario
    from slasim.scenario import demand

    return demand.with_measured(scenario)


def _validated(
    document: Document, folder: Path | None, known: set[Loc]
) -> tuple[Scenario | None, list[Problem], set[Loc]]:
    """(the scenario if its records are right, new problems, faulty paths).

    `known` are paths left out in earlier rounds: what is missing because of them is not told.
    """
    zone = document.value.get("timezone", "UTC")
    try:
        clock.zone(zone if isinstance(zone, str) else "")
    except ValueError:
        zone = "UTC"
    context: dict[str, Any] = {"folder": folder, "timezone": zone, "inside": []}
    told: list[Told] = []
    faulty: set[Loc] = set()
    scenario: Scenario | None = None
    try:
        scenario = Scenario.model_validate(document.value, context=context)
    except ValidationError as error:
        for place, finding in findings(error, Scenario):
            loc = as_written(place, known)
            finding = finding._replace(loc=as_written(finding.loc, known))
            missing = len(loc) > 1 and finding.found.endswith("is missing")
            faulty.add(loc[:-1] if missing else loc)
            consequence = any(left[: len(loc)] == loc or loc[: len(left)] == left for left in known)
            if not consequence:
                told.append(finding)
    inside: list[Told] = context["inside"]
    told += inside
    faulty |= {finding.loc[:2] for finding in inside}
    problems: list[Problem] = []
    for t in told:
        if t.of_file:
            problems += placed(InputError(t.of_file), document, t.loc)
        else:
            problems.append(document.problem(t.loc, t.found, t.would_do, key=t.key))
    if faulty or scenario is None:
        return None, problems, faulty
    scenario._document = document
    scenario._folder = folder
    return scenario, problems, faulty


def _without(document: Document, faulty: set[Loc]) -> Document:
    """The document without its faulty values; needed ones are replaced by a stand-in."""
    value = unshared(document.value)
    order = sorted(faulty, key=lambda loc: tuple((str(type(p)), p) for p in loc), reverse=True)
    for loc in sorted(order, key=len, reverse=True):
        if len(loc) > 1 or loc[:1] not in {(key,) for key in _STAND_IN}:
            _drop(value, loc)
    stand_ins = [loc[0] for loc in faulty if len(loc) == 1 and loc[0] in _STAND_IN]
    if "name" in stand_ins:
        value["name"] = _STAND_IN["name"]
    if "start" in stand_ins or "end" in stand_ins:
        value.update(start=_STAND_IN["start"], end=_STAND_IN["end"])
    return Document(value, document.file, document.values, document.keys, document.inherited)


def _drop(value: dict[str, Any], loc: Loc) -> None:
    """Delete the deepest part of `loc` that exists."""
    here: Any = value
    parent: Any = None
    last: Any = None
    for part in loc:
        known = part in here if isinstance(here, Mapping) else False
        if isinstance(here, list):
            known = isinstance(part, int) and part < len(here)
        if not known:
            break
        parent, last, here = here, part, here[part]
    if parent is not None:
        del parent[last]


def _once(problems: list[Problem]) -> list[Problem]:
    """Each finding at a place once: what `like` copies is told where it stands."""
    seen: dict[tuple[str, int, int, str], Problem] = {}
    for problem in problems:
        path = "" if problem.line else problem.path
        seen.setdefault((problem.file, problem.line, problem.column, problem.found + path), problem)
    told = sorted(seen.values(), key=lambda problem: (problem.file, problem.line))
    if len(told) > MOST_TOLD:
        last = told[MOST_TOLD]
        more = f"and {len(told) - MOST_TOLD:,} more problems"
        told = [*told[:MOST_TOLD], Problem(more, file=last.file, line=last.line)]
    return told


# ------------------------------------------------------------------ like

_LONG_FORM = {
    "handle_time": ("aht", "aht_shape"),
    "aht": ("handle_time",),
    "aht_shape": ("handle_time",),
}


def spread_like(document: Document) -> tuple[Document, list[Problem], set[Loc]]:
    """The document with each `like: other` written out, problems, and the queues that have one."""
    queues = document.value.get("queues")
    if not isinstance(queues, dict) or not any(
        isinstance(queue, dict) and "like" in queue for queue in queues.values()
    ):
        return document, [], set()
    problems: list[Problem] = []
    faulty: set[Loc] = set()
    inherited: dict[Loc, Loc] = dict(document.inherited)
    done: dict[str, Any] = {}

    def spread(name: str, chain: tuple[str, ...]) -> Any:
        if name in done:
            return done[name]
        queue = queues[name]
        if not isinstance(queue, dict) or "like" not in queue:
            done[name] = queue
            return queue
        other = queue["like"]
        loc = ("queues", name, "like")
        rest = {key: item for key, item in queue.items() if key != "like"}
        if not isinstance(other, str) or other not in queues:
            known = [key for key in queues if key != name]
            would_do = did_you_mean(str(other), known, what="Queues")
            problems.append(document.problem(loc, f"there is no queue `{other}`", would_do))
            faulty.add(("queues", name))
            done[name] = rest
        elif other in (*chain, name):
            circle = " like ".join((*chain, name, other))
            problems.append(document.problem(loc, f"a circle: {circle}", "Write one queue out."))
            faulty.add(("queues", name))
            done[name] = rest
        else:
            base = spread(other, (*chain, name))
            copied = dict(base) if isinstance(base, dict) else {}
            for key in rest:
                for long_form in _LONG_FORM.get(key, ()):
                    copied.pop(long_form, None)
            for key in copied:
                if key not in rest:
                    inherited[("queues", name, key)] = ("queues", other, key)
            done[name] = {**copied, **rest}
        return done[name]

    value = dict(document.value)
    value["queues"] = {name: spread(name, ()) for name in queues}
    spread_out = Document(value, document.file, document.values, document.keys, inherited)
    return spread_out, problems, faulty
