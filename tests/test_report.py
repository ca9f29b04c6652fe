"""The offer as a page: everything for us, nothing of ours for the client, and the same bytes each time."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import offers
import pytest
from offers import LOST, VOICE, offer

import slasim as sl
from slasim.errors import InputError
from slasim.planner.offer import Recommendation
from slasim.show.report import Edition
from slasim.show.report.client import chances, client_offer, share_reaching

EDITIONS = get_args(Edition)


def page(edition: Any = "us", made: Recommendation | None = None) -> str:
    return sl.report(made or offer(), edition=edition).html


class Reading(HTMLParser):
    """What a person reads, and whether every element is closed."""

    VOID = ("meta", "br", "hr", "img", "link", "input")

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [v or "" for k, v in attrs if k in ("href", "src", "action", "xlink:href")]
        assert not [k for k, _ in attrs if k.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


# ------------------------------------------------------------------ what stands on it


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_same_offer_is_the_same_bytes(edition: str, tmp_path: Path) -> None:
    once, again = (
        sl.report(replace(offer(), seconds=s), edition=edition, to=tmp_path / f"{s}.html")  # type: ignore[arg-type]
        for s in (1.0, 99.0)
    )
    assert once.html == again.html
    assert (tmp_path / "1.0.html").read_bytes() == (tmp_path / "99.0.html").read_bytes()
    assert (tmp_path / "1.0.html").read_text(encoding="utf-8") == once.html


@pytest.mark.parametrize("edition", EDITIONS)
def test_it_stands_alone(edition: str) -> None:
    html = page(edition)
    read = Reading(html)
    assert read.links == [] and read.tags.isdisjoint({"script", "link", "img", "iframe", "form"})
    assert "default-src 'none'" in html and "url(" not in html and "@import" not in html
    for picture in re.findall(r"<svg.*?</svg>", html, re.S):
        ET.fromstring(picture)


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_part_is_there(edition: str) -> None:
    text = Reading(page(edition)).text
    for words in ("Asked against signable", "Definitions as we read them", "Chance against target", "Ways to get there",
                  "wording", "over the term", "What customers meet", "Evidence", "Not modelled", "seed 7",
                  f"slasim {sl.__version__}", "1,000 simulated months"):  # fmt: skip
        assert words in text, words
    for words in ("64 months of 100", "at least 61", "91 by chance alone", "63 % of intervals reach the target",
                  "worst hour 10:00: 58 %", "2 terms of 100 have no miss", "3 misses within 6 months",
                  "1 caller in 20 waits longer than 2 min 41 s", "oldest ticket", "26 h", "1.3 points too kind",
                  "rescue", "85 % occupancy", "of answered only 85 %"):  # fmt: skip
        assert words in text, words


def test_our_edition_has_money_refusals_and_levers() -> None:
    text = Reading(page("us")).text
    for words in ("not for the client", "104,729", "1,039", "1,361", "4,253", "7,919", "7,459 (1,511 h paid)", "15,479",
                  "What to refuse", "What moves all that is asked", "AHT +5 % / -5 %", "c0ffee123456", "77 % in 30 s",
                  "For the negotiator", "1,511 more paid hours", "other client", "6,131", "1,256,747",
                  "no hiring plan", "move nothing here: minimum volume 300", "A budget of 9,001"):  # fmt: skip
        assert words in text, words


def test_a_doubt_that_was_typed_in_is_not_said_to_be_measured() -> None:
    known = replace(offer().evidence, measured_from="errors.csv", typed=("attendance",))
    text = Reading(page("client", replace(offer(), evidence=known))).text
    assert "measured on past forecasts" in text and ", but for attendance: typed in." in text
    known = replace(known, typed=())
    assert ": typed in" not in Reading(page("client", replace(offer(), evidence=known))).text


def test_a_column_of_nothing_is_left_out_and_a_clause_that_moves_nothing_is_told_once() -> None:
    text = Reading(page("us")).text
    assert "Expected credits Wording" in text
    free = tuple(replace(one, credits=None, credits_before=None) for one in offer().clauses)
    still = next(one for one in free if "minimum volume" in one.words)
    twice = replace(still, words=f"{still.words} (Voice)")
    bare = Reading(page("us", replace(offer(), clauses=(*free, twice)))).text
    assert "Expected credits Wording" not in bare
    assert bare.count(f"{still.words}") == 1


def test_the_client_reads_what_is_offered() -> None:
    text = Reading(page("client")).text
    assert "Prepared for City <i>services</i>" in text
    assert "We offer 76/30 instead of 80/30: met in 86 months of 100 (at least 84)." in text
    assert "80 % in 30 s, with more staff 94 (at least 92) to be agreed" in text
    assert "such an interval is not measured" in text and "from 71 to 79 of 100" in text
    assert "Targets are reviewed after three months" in text
    assert "What we cannot promise" in text


# ------------------------------------------------------------------ what may not stand on it

OURS = {
    "fee", "at_risk", "expected_credits", "credits_low", "credits_high", "credits_p95", "credits_worst", "credits",
    "expected_bonus", "cost", "margin", "margin_p5", "by_commitment", "paid_hours", "phone_hours", "extra_cost",
    "amount", "credits_before", "revenue", "earned_back", "cost_more", "paid_hours_more", "paid_hours_now",
}  # fmt: skip


def sums(thing: Any, inside: bool = False) -> set[float]:
    """Every sum of money and every hour of staff in an offer."""
    if isinstance(thing, dict):
        return set().union(*(sums(v, inside or k in OURS) for k, v in thing.items()))
    if isinstance(thing, list | tuple):
        return set().union(*(sums(v, inside) for v in thing)) if thing else set()
    return {float(thing)} if inside and isinstance(thing, int | float) else set()


def written(amount: float) -> set[str]:
    """How a sum may be written."""
    return {
        f"{amount:,.0f}",
        f"{amount:.0f}",
        f"{amount:.1f}",
        f"{amount:,.2f}",
        repr(amount),
        f"{amount:g}",
    }


def test_no_sum_of_ours_is_in_the_clients_source() -> None:
    html, told = page("client"), asdict(offer())
    known = {amount for amount in sums(told) if abs(amount) >= 1000}
    assert {offers.FEE, offers.EXPECTED, offers.STEP_COST, offers.STEP_PAID, offers.BUDGET, offers.TERM_MARGIN,
            offers.PAID, offers.COST, 6_131.0, 1_187.0, 8_779.0} <= known  # fmt: skip
    numbers = set(re.findall(r"\d[\d,]*(?:\.\d+)?", html))
    assert {n for n in numbers if any(n in written(amount) for amount in known)} == set()
    ours_ = set(re.findall(r"\d[\d,]*(?:\.\d+)?", page("us")))
    assert (
        len([a for a in known if ours_ & written(a)]) > 20
    )  # the same search finds them on our page


def test_no_word_of_ours_is_in_the_clients_source() -> None:
    html, us = page("client").lower(), page("us").lower()
    for word in ("credits?", "costs?", "margin", "fee", "at risk", "budget", "paid", "agents", "front", "negotiator",
                 "shrinkage", "c0ffee123456", "other client", "refuse", "eur"):  # fmt: skip
        body = html[html.index("</style>") :]
        assert not re.search(rf"\b{word}\b", body), word
        assert re.search(rf"\b{word}\b", us[us.index("</style>") :]), word


def test_the_clients_value_holds_no_stricter_target_than_those_on_the_table() -> None:
    shared = client_offer(offer())
    voice, lost = shared.curves
    assert max(x for x, _ in voice.points) == 0.80 and min(x for x, _ in lost.points) == 0.05
    assert voice.points[-1][1] == pytest.approx(
        share_reaching([v - 0.013 for v in offers.commitment().values], 0.80, True)
    )
    for secret in ("77 % in", "0.773219", "77.3", "4.88", "0.0488"):
        assert secret not in page("client") and secret not in repr(shared)
    assert "77 %" in page("us")


def test_the_clients_page_does_not_depend_on_what_is_ours() -> None:
    other = replace(
        offer(), odds=offers.contract(money=offers.money(cost=1.0, margin=2.0)), fingerprint="another", steps=(),
        budget=None, levers=(), negotiator="another", others=(), frontier=(),
        term=offers.term(cost=1.0, margin=3.0, expected_credits=5.0),
    )  # fmt: skip
    assert page("client", other) == page("client")
    assert page("us", other) != page("us")


# ------------------------------------------------------------------ odd offers


@pytest.mark.parametrize("edition", EDITIONS)
def test_text_is_escaped(edition: str) -> None:
    html = page(edition)
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert "<b>80/30</b>" not in html and "<i>" not in html
    assert "City <script>alert(1)</script>" in Reading(html).text and VOICE in Reading(html).text


@pytest.mark.parametrize("edition", EDITIONS)
def test_without_a_contract_it_says_what_could_be_promised(edition: str) -> None:
    text = Reading(page(edition, offers.without_contract())).text
    assert "could be promised" in text and "No contract" in text and "77 % in 30 s" in text


def test_without_a_price_and_with_all_signable() -> None:
    rows = tuple(
        offers.signable(title=title, verdict="commit", asked_chance=0.97, asked_chance_low=0.95)
        for title in (VOICE, LOST)
    )
    easy = replace(
        offer(), decision="commit", recommendations=rows, package=None, package_odds=None, ways=(),
        odds=offers.contract(money=None), term=None, customer=None, others=(), budget=None, steps=(),
    )  # fmt: skip
    ours_, theirs = (Reading(page(edition, easy)).text for edition in EDITIONS)
    assert "As we offer" not in ours_ and "Fee" not in ours_
    assert (
        "We can sign this as drafted." in theirs
        and "Clauses" not in theirs
        and "cannot promise" not in theirs
    )


def test_a_clause_that_lifts_a_target_shows_its_chance() -> None:
    words = offer().clauses[0].words
    lifted = replace(offer().clauses[0], chance=0.95, chance_low=0.93, enough=True)
    made = replace(
        offer(), decision="commit with clause", package=None, package_odds=None, clauses=(lifted,),
        recommendations=(offers.signable(verdict="commit with clause", clause=words),),
    )  # fmt: skip
    text = Reading(page("client", made)).text
    assert "yes, with a clause 80 % in 30 s 95 (at least 93)" in text
    assert f"with {words}; mean" in text
    assert "signable: 80 %, with the clause, 95 of 100" in text


def test_chances_are_shares_of_what_was_seen() -> None:
    assert chances([0.7, 0.8, 0.8, 0.9], True) == [(0.7, 1.0), (0.8, 0.75), (0.9, 0.25)]
    assert chances([0.7, 0.8, 0.8, 0.9], False) == [(0.7, 0.25), (0.8, 0.75), (0.9, 1.0)]


# ------------------------------------------------------------------ doors


def test_what_cannot_be_written_is_said_before(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean client"):
        sl.report(offer(), edition="cleint")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"\.html"):
        sl.report(offer(), to=tmp_path / "offer.pdf")
    assert list(tmp_path.iterdir()) == []
    assert "client edition" in repr(sl.report(offer(), edition="client", to=tmp_path / "o.html"))


def test_the_command_writes_both_editions(tmp_path: Path) -> None:
    from contracts import centre, paid
    from typer.testing import CliRunner

    from slasim.cli import app

    asked = [
        {"metric": "quick", "target": 0.80, "weight": 1.0, "tiers": [{"below": 0.80, "share": 1}]}
    ]
    path = tmp_path / "small.yaml"
    path.write_text(json.dumps(centre(paid(asked, term=2)).to_json()), encoding="utf-8")
    place = tmp_path / "client.html"
    done = CliRunner().invoke(
        app, ["report", str(path), "--for", "client", "--out", str(place), "-n", "30", "--json"]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["edition"] == "client"
    text = Reading(place.read_text(encoding="utf-8")).text
    assert "Answered within 20 s / all offered." in text and "31,000" not in text
    wrong = CliRunner().invoke(app, ["report", str(path), "--out", str(tmp_path / "no" / "o.html")])
    assert wrong.exit_code != 0 and not (tmp_path / "no").exists()


def test_its_words_come_with_the_package() -> None:
    program = (
        "from importlib.resources import files; f = files('slasim.show.report');"
        "print(all((f / n).is_file() for n in ('client.html.jinja', 'us.html.jinja')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True"


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium on this machine")
@pytest.mark.parametrize("edition", EDITIONS)
def test_a_browser_draws_it(edition: str, tmp_path: Path) -> None:
    sl.report(offer(), to=tmp_path / "offer.html", edition=edition)  # type: ignore[arg-type]
    picture = tmp_path / "offer.png"
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=900,1300", "--enable-logging=stderr",
         f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={picture}", (tmp_path / "offer.html").as_uri()],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 30_000
    assert "CONSOLE" not in done.stderr  # neither an error nor a refused resource
