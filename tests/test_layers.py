"""Who may import whom: the rooms of the house, read from the source's own imports.

The arrow goes one way, from the scenario to what is shown. Imports inside functions and for type
checkers count as well.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Where a module lives: the longest name that fits. A module that fits none has no room yet: give it one on purpose.
ROOMS = {
    **dict.fromkeys(
        [
            "arrays",
            "clock",
            "codes",
            "caches",
            "calendars",
            "elapsed",
            "errors",
            "kept_code",
            "loading",
            "memory",
            "public_holidays",
            "registry",
            "sets",
            "special",
            "streams",
        ],
        "ground",
    ),
    **dict.fromkeys(["ticketfacts", "turns", "version"], "ground"),
    "routing.table": "table",
    **dict.fromkeys(["draw", "floor"], "draw"),
    "contactlog": "contactlog",
    **dict.fromkeys(["distributions", "channels", "routing", "erlang"], "kinds"),
    "metrics": "metrics",
    "sla": "sla",
    "scenario": "scenario",
    "inputs": "inputs",
    **dict.fromkeys(["compiling", "bare"], "compiling"),
    "engine": "engine",
    "outcome": "outcome",
    "study": "study",
    "history": "history",
    "planner": "planner",
    "show": "show",
    "starter": "starter",
    "": "face",
    "demo": "demo",
    **dict.fromkeys(["cli", "__main__", "web"], "doors"),
}

BASE = {"ground", "table", "draw", "contactlog"}
KINDS = BASE | {"kinds", "metrics"}
STORY = KINDS | {"sla", "scenario", "inputs", "compiling", "engine", "outcome"}
MAY = {
    "ground": {"ground"},
    "table": {"ground"},
    "draw": {"ground", "table"},
    "contactlog": {"ground", "table"},
    "kinds": BASE,
    "metrics": BASE,
    # real data is judged with no scenario and no engine; one loop over events is compiled
    "sla": {"ground", "contactlog", "metrics", "compiling"},
    "scenario": KINDS | {"sla"},
    "inputs": KINDS | {"sla", "scenario", "compiling"},
    "compiling": {"ground"},
    "engine": BASE | {"compiling"},
    # the Draw tells who was on duty; one loop over the log is compiled
    "outcome": BASE | {"metrics", "sla", "compiling"},
    "study": STORY,
    "history": STORY | {"study"},
    "planner": STORY | {"study"},
    # what `check` and `erlang` found lives in the scenario's room, a chain of promises in the sla's
    "show": {
        "ground",
        "contactlog",
        "metrics",
        "sla",
        "scenario",
        "outcome",
        "study",
        "history",
        "planner",
    },
    "face": STORY | {"study", "history", "planner", "show"},
    # writes scenarios for a planner who has none yet, and checks them
    "starter": KINDS | {"sla", "scenario"},
    # the main job on the bundled month: a reader of the house, not a part of it
    "demo": STORY | {"study", "planner", "show", "face"},
    "doors": {"face", "ground", "show", "starter", "demo"},
}

# Libraries, and the only modules (or whole rooms' folders) that may name them. numpy is everywhere.
LIBRARIES = {
    "numpy": ("",),
    "scipy": ("special",),
    "numba": ("compiling", "bare", "engine.rules"),
    "simpy": ("engine.reference",),
    "pydantic": ("scenario",),
    "pydantic_core": ("scenario",),
    "ruamel": ("scenario",),
    "pandas": ("contactlog", "erlang", "outcome", "sla", "study", "history", "planner", "show"),
    "pyarrow": ("contactlog", "show"),
    "xlsxwriter": ("show",),
    "matplotlib": ("show.plots",),
    "jinja2": ("show.report",),
    "holidays": ("public_holidays",),
    "rich": ("cli", "show"),
    "typer": ("cli",),
    "streamlit": ("web",),
    "plotly": ("web",),
}
HEAVY = {"numba", "scipy", "pandas", "matplotlib", "simpy"}


def modules() -> dict[str, Path]:
    """Every module of the package, by its name without ``slasim.``."""
    found = {}
    for path in sorted((ROOT / "slasim").rglob("*.py")):
        parts = path.relative_to(ROOT / "slasim").with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def under(module: str, prefix: str) -> bool:
    return prefix == "" or module == prefix or module.startswith(prefix + ".")


def room(module: str) -> str:
    """The room of a module; KeyError with a hint when it has none."""
    fitting = [p for p in ROOMS if p == module or (p and module.startswith(p + "."))]
    if not fitting:
        raise KeyError(f"slasim.{module} lives in no room: add it to ROOMS and say who may use it")
    return ROOMS[max(fitting, key=len)]


def imports(module: str, source: str, *, is_package: bool) -> set[str]:
    """Absolute names of all that a module imports, ``from a import b`` as ``a.b``."""
    here = ["slasim", *(module.split(".") if module else [])]
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + is_package] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            names |= {f"{start}.{alias.name}" for alias in node.names}
    return names


def home(name: str) -> str:
    """The module of ours that ``slasim.a.b`` names: ``a.b`` if that is one, else ``a``."""
    inner = name.removeprefix("slasim").removeprefix(".")
    while inner and inner not in MODULES:
        inner = inner.rpartition(".")[0]
    return inner


def breaches(module: str, source: str, *, is_package: bool = False) -> list[str]:
    said = []
    for name in sorted(imports(module, source, is_package=is_package)):
        library = name.split(".")[0]
        if library == "slasim":
            there = room(home(name))
            if there != room(module) and there not in MAY[room(module)]:
                said.append(f"slasim.{module} ({room(module)}) imports {name} ({there})")
        elif library not in sys.stdlib_module_names and not any(
            under(module, where) for where in LIBRARIES.get(library, ())
        ):
            said.append(f"slasim.{module} imports {library}")
    return said


@pytest.mark.parametrize("module", MODULES)
def test_every_module_keeps_to_its_room(module: str) -> None:
    path = MODULES[module]
    source = path.read_text(encoding="utf-8")
    assert breaches(module, source, is_package=path.name == "__init__.py") == []


def test_no_arrow_leads_back() -> None:
    others = {room: may - {room} for room, may in MAY.items()}
    assert set(TopologicalSorter(others).static_order()) == set(ROOMS.values())


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("clock", "from slasim.scenario import load"),
        ("engine.fast", "from slasim.inputs.sample import sample"),
        ("engine.fast", "from ..scenario import Scenario"),
        ("scenario", "def f():\n    import matplotlib.pyplot"),
        ("engine.rules", "import simpy"),
        ("outcome.tally", "from slasim import study"),
        ("show", "import dask"),
    ],
)
def test_a_wrong_arrow_is_seen(module: str, line: str) -> None:
    assert len(breaches(module, line)) == 1


def loaded_by(program: str) -> set[str]:
    """The heavy libraries that a fresh Python has loaded after ``program``."""
    ask = "import sys; print('\\nloaded', *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\n{ask}"],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return HEAVY & set(done.stdout.splitlines()[-1].split()[1:])


COMMAND = """
import sys
sys.argv = ["slasim", *{arguments!r}]
from slasim.cli import main
try:
    code = main()
except SystemExit as stop:
    code = stop.code
assert not code, code
"""


def test_importing_slasim_imports_nothing_heavy() -> None:
    assert loaded_by("import slasim") == set()
    assert loaded_by("import numba") >= {"numba"}  # the question itself can be answered yes


@pytest.mark.parametrize(
    "arguments", [["--help"], ["check", "scenarios/bank_1999/bank.yaml"], ["check", "--schema"]]
)
def test_help_and_check_import_nothing_heavy(arguments: list[str]) -> None:
    assert loaded_by(COMMAND.format(arguments=arguments)) == set()
