"""An offer as one page to be read, printed and sent: HTML without anything from outside, the same bytes each time.

    page = report(offer, to="offer.html", edition="client")     # sl.report

Two editions: *us* tells everything, *client* what a client may know. The client's page is rendered from a value of
its own (`client.py`) that never held a cost, a margin or a credit; the template of our page adds `ours.py`. This file
alone names jinja2; text is escaped. It works out nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from slasim.errors import InputError, Problem, did_you_mean
from slasim.planner.offer import Recommendation
from slasim.show.report.client import ClientOffer, client_offer
from slasim.show.report.ours import Ours, ours
from slasim.show.report.picture import credits_picture, curve_picture, hours_picture, lever_picture
from slasim.show.writing import checked_place, replacing
from slasim.version import __version__

__all__ = ["Edition", "Page", "report"]

Edition = Literal["us", "client"]
SUFFIXES = (".html", ".htm")


@dataclass(frozen=True, repr=False)
class Page:
    """One page: ``html`` is all of it; ``path`` where it was written, if it was."""

    edition: Edition
    html: str
    path: Path | None

    def __repr__(self) -> str:
        where = "not written" if self.path is None else str(self.path)
        return f"offer, {self.edition} edition: {len(self.html.encode()):,} bytes of HTML, {where}"


def report(offer: Recommendation, *, to: str | Path | None = None, edition: Edition = "us") -> Page:
    """The page of an offer, written to ``to`` (.html) if given: whole or not at all.

    ``edition``: "us", or "client", which holds nothing of cost, margin or credits. Raises InputError for another
    edition and a place that cannot be written.
    """
    if edition not in get_args(Edition):
        raise InputError(
            [
                Problem(
                    f"no edition is called {edition!r}",
                    did_you_mean(str(edition), list(get_args(Edition)), what="Editions"),
                    path="edition",
                )
            ]
        )
    place = None if to is None else checked_place(Path(to), SUFFIXES)
    shared = client_offer(offer)
    html = _client(shared) if edition == "client" else _us(shared, ours(offer))
    if place is not None:
        with replacing(place) as temporary:
            temporary.write_text(html, encoding="utf-8", newline="\n")
    return Page(edition, html, place)


def _client(page: ClientOffer) -> str:
    return _rendered("client.html.jinja", page=page, **_drawn(page, page.curves))


def _us(page: ClientOffer, own: Ours) -> str:
    return _rendered(
        "us.html.jinja", page=page, ours=own, **_drawn(page, own.curves),
        tornadoes=[
            (one, lever_picture(one.levers, one.base, one.required)) for one in own.tornadoes
        ],
        credits=credits_picture(own.credits, own.credit_marks, own.period) if own.credits else "",
    )  # fmt: skip


def _drawn(page: ClientOffer, curves: Any) -> dict[str, Any]:
    return {
        "curves": [(curve.title, curve_picture(curve)) for curve in curves],
        "hours": [(one.title, hours_picture(one)) for one in page.hours],
        "version": __version__,
        "mark": page.mark(),
    }


def _rendered(name: str, **values: Any) -> str:
    """The template with its values; every text escaped but our own pictures."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("slasim.show.report", "."), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    return made.get_template(name).render(**values)
