"""The walk-through of a help desk's manual: level Urgent, rule "tag contains URGENT", as its page in docs shows it."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import slasim as sl
from slasim.cli import app
from slasim.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "docs" / "examples" / "liveagent"
PAGE = (EXAMPLE / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path in EXAMPLE.iterdir():
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def judged(*more: str) -> str:
    done = CliRunner().invoke(app, ["judge", "tickets.csv", "--policy", "policy.yaml", *more])
    assert done.exit_code == 1, done.output  # the contract of the example is missed
    return done.stdout


def test_the_page_shows_what_the_command_prints(here: Path) -> None:
    (command,) = re.findall(r"^    slasim (.*)$", PAGE, re.MULTILINE)
    assert command == "judge tickets.csv --policy policy.yaml"
    assert judged() == blocks("text")[0]


def test_the_projects_page_shows_the_head_of_it(here: Path) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```text\n( +with target.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert shown in judged()


def test_the_page_shows_what_python_prints(here: Path) -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(blocks("python")[0], "README.md", "exec"), {})
    assert said.getvalue() == blocks("text")[1]


def test_the_level_and_the_rule_on_the_page_are_those_of_the_policy() -> None:
    policy = (EXAMPLE / "policy.yaml").read_text(encoding="utf-8")
    assert all(part.strip() in policy for part in blocks("yaml")[0].split("\n\n"))


def test_what_became_of_every_promise(here: Path) -> None:
    """Worked by hand: 9 to 17 on weekdays, first answer 1 h, next answer 30 min, for the tag URGENT alone."""
    clocks = json.loads(judged("--json"))["clocks"]
    found = [(c["ticket_id"], c["metric"], c["elapsed_s"] / 60, c["state"]) for c in clocks]
    assert found == [
        ("101", "first_answer", 40, "met"), ("101", "next_answer", 45, "breached"),
        ("102", "first_answer", 90, "breached"), ("104", "first_answer", 20, "not_applicable"),
        ("105", "first_answer", 50, "met"), ("105", "next_answer", 25, "met"),
        ("106", "first_answer", 90, "breached"),
    ]  # fmt: skip
    dues = {c["ticket_id"]: c["due_at"] for c in clocks if c["metric"] == "first_answer"}
    assert dues["105"] == "2026-03-09T08:30:00+00:00"  # Friday 16:30 and an hour: Monday 9:30 local


def test_the_reports_have_their_columns(here: Path) -> None:
    kept = sl.judge_history("tickets.csv", "policy.yaml")
    assert [*kept.compliance("day").table()] == [
        "date", "fulfilled", "avg_fulfilled", "max_fulfilled", "min_fulfilled",
        "missed", "avg_missed", "max_missed", "min_missed",
    ]  # fmt: skip
    assert [*kept.log().table()] == [
        "ticket_id", "requester", "department", "agent", "level", "sla_start", "due_date", "closed",
    ]  # fmt: skip
    assert len(kept.log()) == 6


def test_grouped_from_the_command_line(here: Path) -> None:
    said = judged("--by", "department", "--by", "month")
    rows = [line.split()[:4] for line in said.splitlines() if "2026-03 " in line]
    assert rows[:2] == [["sales", "2026-03", "2", "38"], ["support", "2026-03", "1", "40"]]
    by = json.loads(judged("--json", "--by", "agent"))["compliance"]["rows"]
    assert {(row["agent"], row["fulfilled"], row["missed"]) for row in by} == {
        ("ana", 2, 1), ("ben", 1, 1), ("", 0, 1),
    }  # fmt: skip


def test_an_active_rule_acts_and_two_of_a_name_are_refused(here: Path) -> None:
    policy = here / "policy.yaml"
    text = policy.read_text(encoding="utf-8")
    tickets = here / "tickets.csv"
    lines = tickets.read_text(encoding="utf-8").splitlines()
    more = [f"{line},{'phone,high' if ',created,' in line else ','}" for line in lines[1:]]
    tickets.write_text("\n".join([f"{lines[0]},source,priority", *more]) + "\n", encoding="utf-8")
    text = text.replace("customer_group_is: vip, ", "")
    policy.write_text(text, encoding="utf-8")
    assert len(json.loads(judged("--json"))["clocks"]) == 7
    policy.write_text(text.replace("active: false", "active: true"), encoding="utf-8")
    levels = {row["ticket_id"] for row in json.loads(judged("--json"))["clocks"]}
    assert {"103", "107"} <= levels  # the second group, phone and high priority, holds for all
    policy.write_text(text.replace("Complaints of VIP customers", "Urgent tickets"), "utf-8")
    with pytest.raises(InputError, match="called 'Urgent tickets' already"):
        sl.judge_history(tickets, policy)
