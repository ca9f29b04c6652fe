"""What a quick start leaves out is still there for whoever asks: other verbs, others' kinds, linear algebra."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from slasim import registry

ROOT = Path(__file__).resolve().parents[1]
DESK = str(ROOT / "scenarios" / "service_desk" / "service_desk.yaml")
N_DESIGN = str(ROOT / "tests" / "benchmarks" / "n_design.yaml")
MODULE = """
from slasim.registry import kind


@kind("distribution", "pareto_of_others")
def pareto(u, *, mean="3min"):
    "A heavy tail."
    return mean * u
"""
ASK = "import json; from slasim import registry; print(json.dumps(registry.names('distribution')))"


def answer(program: str, *path: Path) -> str:
    """The last line that a fresh Python prints."""
    where = os.pathsep.join(map(str, [ROOT, *path]))
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": where},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def package() -> dict[str, str]:
    """The files of an installed package that adds a kind."""
    return {
        "others_kinds.py": MODULE,
        "others-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: others\nVersion: 1.0\n",
        "others-1.0.dist-info/entry_points.txt": "[slasim.kinds]\nours = others_kinds\n",
    }


@pytest.mark.parametrize("zipped", [False, True])
def test_kinds_of_an_installed_package_are_found(tmp_path: Path, zipped: bool) -> None:
    place = tmp_path / ("others.zip" if zipped else "site")
    if zipped:
        with zipfile.ZipFile(place, "w") as archive:
            for name, text in package().items():
                archive.writestr(name, text)
    else:
        for name, text in package().items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text, encoding="utf-8")
    assert "pareto_of_others" not in json.loads(answer(ASK))
    assert "pareto_of_others" in json.loads(answer(ASK, place))


def test_a_verb_loads_itself_and_no_other() -> None:
    program = (
        "import sys; from slasim.cli import main\n"
        "assert main(['check', 'scenarios/bank_1999/bank.yaml']) == 0\n"
        "print(sorted(name for name in sys.modules if name.startswith('slasim.cli.')))"
    ).replace("scenarios", str(ROOT / "scenarios").replace("\\", "/"))
    shared = ["doors", "options", "telling"]
    loaded = [f"slasim.cli.{name}" for name in sorted(["check", *shared])]
    assert answer(program) == str(loaded)


BEYOND_VOICE = (
    "history", "planner", "sla", "starter", "engine.whole", "engine.reference", "engine.agenda", "inputs.operation",
    "inputs.whole", "inputs.attributes", "inputs.chains", "inputs.chances", "inputs.lines", "inputs.promises",
    "inputs.touches", "inputs.windows", "metrics.after_service", "metrics.attribution",
    "metrics.chains", "outcome.chains", "outcome.chosen", "outcome.cycles",
    "outcome.hands", "outcome.tickets", "scenario.agreements", "scenario.counts", "scenario.policy",
    "scenario.checks.contracts", "scenario.checks.promises", "scenario.checks.tickets", "scenario.schema.contract",
    "scenario.schema.following", "scenario.schema.promises", "scenario.schema.satisfaction", "show.bottleneck",
    "show.report", "show.plots", "study.bottleneck", "study.contracting", "study.odds", "study.promised", "study.term",
)  # fmt: skip
"""Rooms and files for tickets, contracts and the whole operation."""
NOT_TO_CHECK = ("compiling", "draw", "engine", "erlang", "inputs", "metrics.agents", "outcome", "scenario.demand",
                "scenario.interval_files.forecast_rows", "scenario.interval_files.rows",
                "scenario.interval_files.staff_rows", "scenario.schema.grid", "scenario.schema.people",
                "scenario.schema.shifts", "scenario.schema.slowdown", "scenario.tables",
                "scenario.json_schema", "scenario.variants", "study")  # fmt: skip
"""Further ones that reading a file needs none of."""
SAID = (
    "import json, sys; from slasim.cli import main\n"
    "assert main({words}) == 0\n"
    "print(json.dumps(sorted(name.removeprefix('slasim.') for name in sys.modules if name.startswith('slasim.'))))"
)


def loaded_by(*words: str) -> list[str]:
    """The modules of slasim, as `study.runs`, that a command has loaded at its end."""
    found: list[str] = json.loads(answer(SAID.format(words=list(words))))
    return found


def of_these(loaded: list[str], rooms: tuple[str, ...]) -> list[str]:
    return [name for name in loaded if any(f"{name}.".startswith(f"{room}.") for room in rooms)]


def test_checking_a_voice_centre_loads_neither_tickets_nor_contracts() -> None:
    loaded = loaded_by("check", N_DESIGN)
    assert of_these(loaded, BEYOND_VOICE + NOT_TO_CHECK) == []
    assert len(loaded) <= 80


def test_what_is_left_out_for_voice_are_modules_that_exist() -> None:
    names = (*BEYOND_VOICE, *NOT_TO_CHECK)
    assert [name for name in names if importlib.util.find_spec(f"slasim.{name}") is None] == []


def test_a_contract_is_loaded_where_one_is_written(tmp_path: Path) -> None:
    promised = "contract: {commitments: [{metric: business_in_30s, target: 0.8}]}\n"
    (tmp_path / "promised.yaml").write_text(
        Path(N_DESIGN).read_text(encoding="utf-8") + promised, encoding="utf-8"
    )
    loaded = loaded_by("check", str(tmp_path / "promised.yaml"))
    wanted = {"scenario.schema.contract", "scenario.checks.contracts", "sla.contract"}
    assert wanted <= set(loaded)
    assert "scenario.schema.following" not in loaded


def test_simulating_a_voice_centre_loads_and_compiles_neither_tickets_nor_a_floor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    for _ in ("cold", "warm"):
        loaded = loaded_by("simulate", N_DESIGN, "--replications", "2", "--threads", "1")
        assert of_these(loaded, BEYOND_VOICE) == []
        assert len(loaded) <= 158
    for sources in tmp_path.iterdir():
        kept = [file.name.split("-")[0].split(".")[1] for file in sources.rglob("*.nbi")]
        assert sorted(kept) == ["count_agents", "count_contacts", "instants", "play", "whole_ms"]
        assert len(list(sources.rglob("*.nbc"))) == 5  # each for one set of arguments


def test_the_registry_knows_what_stands_in_each_of_our_homes() -> None:
    registry.load_all()
    for family, homes in registry._homes.items():
        for home, named in homes.items():
            added = [
                name
                for name, thing in registry._kinds[family].items()
                if thing.__module__ == home and hasattr(sys.modules[home], thing.__qualname__)
            ]
            assert added == list(named), home


def test_listing_names_loads_none_of_our_homes() -> None:
    program = (
        "import json, sys; from slasim import registry; registry.names('metric'); registry.names('distribution')\n"
        "print(json.dumps([name for name in sys.modules if name.startswith('slasim.')]))"
    )
    assert not {"slasim.metrics.standard", "slasim.distributions.gamma"} & set(
        json.loads(answer(program))
    )


def test_a_distribution_loads_itself_and_no_other() -> None:
    loaded = loaded_by("check", N_DESIGN)
    rooms = (
        "exponential",
        "gamma",
        "lognormal",
        "of_normal",
        "weibull",
        "by_quantile",
        "empirical",
    )
    assert of_these(loaded, tuple(f"distributions.{name}" for name in rooms)) == [
        "distributions.exponential"
    ]


def test_verbs_keep_their_order_in_whatever_order_they_were_loaded() -> None:
    program = (
        "import slasim.cli, typer.main\n"
        "slasim.cli.main(['kinds', '--json']); slasim.cli.main(['check', '--schema'])\n"
        "group = typer.main.get_command(slasim.cli.app)\n"
        "print(group.list_commands(None) == list(slasim.cli.VERBS))"
    )
    assert answer(program) == "True"


def test_what_reads_installed_packages_is_imported_when_it_is_used() -> None:
    begun = "import sys, slasim.cli; slasim.cli.main(['check', '--schema']); "
    loaded = "assert 'email' not in sys.modules; "
    uses = (
        "import importlib.metadata; print(importlib.metadata.version('numpy'))",
        "from importlib import metadata; print(metadata.version('numpy'))",
        "from importlib.metadata import version; print(version('numpy'))",
        "from importlib.metadata import entry_points; print(len(entry_points(group='console_scripts')) > 1)",
        "import importlib.metadata as m; print(len(m.entry_points()) > 1, m.version('numpy'))",
        "import importlib.metadata._meta, importlib.metadata as m; print(m.version('numpy'))",
        "from pydantic.plugin import _loader; print(len(list(_loader.entry_points(group='console_scripts'))) > 1)",
    )
    said = [answer(begun + loaded + use) for use in uses]
    version = importlib.metadata.version("numpy")
    assert said == [version, version, version, "True", f"True {version}", version, "True"]


@pytest.mark.parametrize(
    ("use", "says"),
    [
        ("import secrets; print(secrets.compare_digest('a', 'a'))", "True"),
        ("from secrets import compare_digest; print(compare_digest('a', 'b'))", "False"),
        ("import subprocess; print(subprocess.run([sys.executable, '-c', '']).returncode)", "0"),
        ("import platform; print(platform.python_implementation())", "CPython"),
        ("import numpy.random, pydantic; print(pydantic.SecretStr('a') == pydantic.SecretStr('a'))", "True"),
        ("import numpy; print(numpy.linalg.inv([[2.0]]).tolist())", "[[0.5]]"),
        ("from numpy.linalg import LinAlgError; print(LinAlgError.__mro__[1].__name__)", "ValueError"),
        ("import numpy; print(numpy.roots([1, -3, 2]).tolist())", "[2.0, 1.0]"),
        ("import numpy; print((numpy.asmatrix([[2.0]]) ** -2).tolist())", "[[0.25]]"),
        ("import numpy; numpy._core._add_newdocs.add_newdoc; print(numpy.array.__doc__[:6])", "array("),
        ("import numpy._core._add_newdocs_scalars, numpy; print(len(numpy.int8.__doc__) > 99)", "True"),
    ],
)  # fmt: skip
def test_what_no_verb_needs_is_loaded_when_it_is_used(use: str, says: str) -> None:
    begun = "import sys, slasim.cli; sys.argv = ['', 'check', '--schema']; slasim.cli.main(); "
    assert answer(f"{begun}assert 'hashlib' not in sys.modules; {use}") == says


def test_a_command_loads_numpy_without_its_linear_algebra_types_and_docs() -> None:
    program = (
        f"import sys; from slasim.cli import main\nsys.argv = ['', 'check', {N_DESIGN!r}]\nassert main() == 0\n"
        "left = 'numpy.linalg', 'numpy.typing', 'numpy._typing', 'numpy._core._add_newdocs'\n"
        "print([each for each in left if each in sys.modules], 'numpy' in sys.modules)"
    )
    assert answer(program) == "[] True"


OWN = """
import inspect, sys
import numpy as np
from slasim.registry import kind

print(inspect.signature(np.asarray), len(np.int8.__doc__) > 99, "numpy.linalg" in sys.modules, file=sys.stderr)

@kind("distribution", "own")
def own(u, *, mean="3min"):
    "A tail."
    return mean * u
"""


def test_code_of_others_finds_numpy_whole(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "slasim", "check", N_DESIGN, "--with", str(tmp_path / "own.py")],
        capture_output=True, text=True, timeout=120, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("(a, dtype=None")
    assert done.stderr.endswith("True True\n")


def test_an_installed_kind_finds_numpy_whole(tmp_path: Path) -> None:
    for name, text in {**package(), "others_kinds.py": OWN}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "slasim", "kinds"], capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith("True True\n")


def test_a_numpy_that_cannot_be_loaded_is_no_missed_promise(tmp_path: Path) -> None:
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text("raise ImportError('broken')", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "slasim", "check", N_DESIGN], capture_output=True, timeout=120,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
    )  # fmt: skip
    assert done.returncode == 70


def test_a_process_that_only_asks_for_a_command_keeps_its_numpy() -> None:
    program = (
        f"import sys; from slasim.cli import main\nassert main(['check', {N_DESIGN!r}]) == 0\n"
        "import numpy\nprint(numpy.array.__doc__[:6], 'numpy.linalg' in sys.modules)"
    )
    assert answer(program) == "array( True"


def test_linear_algebra_in_a_compiled_function_of_ones_own_still_works() -> None:
    program = (
        "import sys, slasim.compiling, numba, numpy as np\n"
        "assert 'scipy.linalg' not in sys.modules\n"
        "assert 'scipy.linalg.cython_blas' not in sys.modules\n"
        "double = numba.njit(lambda a: np.dot(a, a))\n"
        "print(double(np.array([[0.0, 2.0], [3.0, 0.0]])).tolist())"
    )
    assert answer(program) == "[[6.0, 0.0], [0.0, 6.0]]"


def test_collecting_goes_on_after_loading_and_compiling() -> None:
    program = (
        "import gc, slasim; slasim.load; import slasim.compiling as c\n"
        "@c.compiled\ndef more(x):\n    return x + 1\n"
        "assert more(1) == 2\nprint(gc.isenabled())"
    )
    folder = (
        "import sys, tempfile, pathlib; p = pathlib.Path(tempfile.mkdtemp()) / 'of_its_own.py'\n"
    )
    text = (
        f"{folder}p.write_text({program!r}); sys.path.insert(0, str(p.parent)); import of_its_own"
    )
    assert answer(text) == "True"


def test_what_is_loaded_counts_as_old() -> None:
    young = "sum(len(gc.get_objects(generation=k)) for k in (0, 1))"
    assert answer(f"import gc, slasim; slasim.simulate; print({young} < 2000)") == "True"


def test_what_somebody_has_set_aside_stays_there() -> None:
    program = "import gc, slasim; gc.freeze(); slasim.simulate; print(gc.get_freeze_count() > 0)"
    assert answer(program) == "True"


def test_the_collector_rests_until_the_last_who_wants_it_to() -> None:
    program = (
        "import gc\nfrom slasim.loading import uncollected\n"
        "first, second = uncollected(), uncollected()\n"
        "first.__enter__(); second.__enter__(); first.__exit__(None, None, None); seen = [gc.isenabled()]\n"
        "second.__exit__(None, None, None); seen.append(gc.isenabled())\n"
        "gc.disable()\nwith uncollected():\n    pass\nprint(seen, gc.isenabled())"
    )
    assert answer(program) == "[False, True] False"


def test_special_functions_are_scipys_own_and_leave_the_rest_where_it_is() -> None:
    program = (
        "import sys\nfrom slasim import special\n"
        "assert 'scipy.special' not in sys.modules and 'scipy.special._ufuncs' in sys.modules\n"
        "import scipy.special, scipy.stats\n"
        "same = [getattr(special, each)(*[0.3] * getattr(special, each).nin) ==\n"
        "        getattr(scipy.special, each)(*[0.3] * getattr(special, each).nin) for each in special.__all__]\n"
        "print(len(same), all(same), scipy.special._ufuncs.ndtri is special.ndtri, scipy.stats.norm.ppf(0.5))"
    )
    assert answer(program) == "9 True True 0.0"


def test_special_functions_are_found_where_another_scipy_keeps_them() -> None:
    program = (
        "import sys\nfrom importlib.abc import MetaPathFinder\n"
        "class Elsewhere(MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'scipy.special._ufuncs' and 'scipy.special._basic' not in sys.modules:\n"
        "            if not hasattr(sys.modules['scipy.special'], '__file__'):\n"
        "                raise ImportError(name)\n"
        "sys.meta_path.insert(0, Elsewhere())\n"
        "from slasim import special\nimport scipy.special\n"
        "print(special.ndtri is scipy.special.ndtri)"
    )
    assert answer(program) == "True"


def test_the_first_result_loads_no_more_of_scipy_than_it_needs() -> None:
    program = (
        f"import sys\nimport slasim as sl\n"
        f"sl.simulate(sl.load({N_DESIGN!r}), replications=2).overall()\n"
        "print([each for each in ('scipy.special', 'numpy.f2py') if each in sys.modules])"
    )
    assert answer(program) == "[]"


def test_open_hours_are_checked_without_masked_arrays() -> None:
    program = (
        f"import sys\nimport slasim as sl\nsl.load({DESK!r}).workload()\n"
        "print('numpy.ma' in sys.modules, 'holidays.countries.italy' in sys.modules)"
    )
    assert answer(program) == "False False"


def test_what_stands_in_for_a_module_goes_when_it_is_done() -> None:
    program = (
        "import sys\nfrom slasim.loading import stood_in\n"
        "with stood_in('colorsys'):\n"
        "    import colorsys\n    seen = [not hasattr(colorsys, 'rgb_to_hls')]\n"
        "import colorsys\nseen.append(hasattr(colorsys, 'rgb_to_hls'))\n"
        "with stood_in('colorsys'):\n"
        "    import colorsys as again\nseen.append(again is colorsys and 'colorsys' in sys.modules)\n"
        "print(seen)"
    )
    assert answer(program) == "[True, True, True]"


def test_what_is_put_off_is_loaded_for_what_is_called_or_asked_of_it() -> None:
    program = (
        "import sys\nfrom slasim.loading import put_off\nplaces = [p for p in sys.path if 'python3' in p]\n"
        "with put_off('colorsys', places, 'rgb_to_hls'):\n"
        "    import colorsys\n    from colorsys import rgb_to_hls\n"
        "    seen = [hasattr(colorsys, '__path__'), 'rgb_to_yiq' in vars(colorsys)]\n"
        "seen.append('colorsys' in sys.modules)\nseen.append(rgb_to_hls(0, 0, 0))\n"
        "seen.append(sys.modules['colorsys'].rgb_to_hls is not rgb_to_hls)\n"
        "del sys.modules['colorsys']\nwith put_off('colorsys', places):\n"
        "    from colorsys import ONE_THIRD\n    seen.append('rgb_to_yiq' in vars(sys.modules['colorsys']))\n"
        "print(seen)"
    )
    assert answer(program) == "[False, False, False, (0.0, 0.0, 0.0), True, True]"


def test_other_threads_find_the_module_itself() -> None:
    program = (
        "import threading\nfrom slasim.loading import stood_in\nseen = []\n"
        "def other():\n    from colorsys import rgb_to_hls\n    seen.append(rgb_to_hls(0, 0, 0))\n"
        "with stood_in('colorsys'):\n"
        "    thread = threading.Thread(target=other)\n    thread.start()\n    thread.join(10)\n"
        "    import colorsys\n    seen.append(colorsys.rgb_to_hls(0, 0, 0) == seen[0])\n"
        "print(seen)"
    )
    assert answer(program) == "[(0.0, 0.0, 0.0), True]"


def test_what_is_loaded_later_is_loaded_once_by_many_threads() -> None:
    program = (
        "import sys, threading, importlib.util, slasim.cli\nslasim.cli.main(['check', '--schema'])\n"
        "assert importlib.util.find_spec('subprocess').name == 'subprocess'\n"
        "late, seen, at_once = sys.modules['subprocess'], [], threading.Barrier(8)\n"
        "sys.setswitchinterval(1e-6)\n"
        "def use():\n    at_once.wait()\n    seen.append(late.Popen)\n"
        "threads = [threading.Thread(target=use) for _ in range(8)]\n"
        "[thread.start() for thread in threads], [thread.join(10) for thread in threads]\n"
        "print(len(seen), len(set(seen)))"
    )
    assert [answer(program) for _ in range(5)] == ["8 1"] * 5


def test_numba_knows_all_of_its_own_functions() -> None:
    """As many as where nobody has hurried it; and it is asked as ever afterwards."""
    numbas = (
        "from numba.core.registry import cpu_target\n"
        "context, types = cpu_target.target_context, cpu_target.typing_context\n"
    )
    unhurried = "types.refresh(), context.refresh(), context.refresh()\n"
    many = (
        "known = sum(len(each.versions) for each in context._defns.values())\n"
        "print(known, len(types._functions), len(types._globals),\n"
        "      sum(map(len, types._attributes.values())), 'refresh' in vars(context))"
    )
    ours = answer(f"import slasim.compiling\n{numbas}{many}")
    assert ours == answer(f"import numba\n{numbas}{unhurried}{many}")
    assert int(ours.split()[0]) > 900
    assert ours.endswith("False")
