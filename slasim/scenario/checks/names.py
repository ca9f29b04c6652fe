"""Names that must exist, looked up in the document alone: needs no valid record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slasim import registry
from slasim.errors import Problem, did_you_mean
from slasim.scenario.checks.case import listed, mapping
from slasim.scenario.document import Document, Loc

__all__ = ["by_name"]


def by_name(document: Document) -> list[Problem]:
    """Names that must exist: queues, groups, calendars, metrics. Needs no valid record."""
    value = document.value
    queues, groups = mapping(value.get("queues")), mapping(value.get("groups"))
    calendars = list(mapping(value.get("calendars")))
    problems: list[Problem] = []

    def known(loc: Loc, asked: object, names: list[str], what: str, *, key: bool = False) -> None:
        if isinstance(asked, str) and asked not in names:
            found = f"there is no {what} `{asked}`"
            would_do = did_you_mean(asked, names, what=f"{what.capitalize()}s")
            problems.append(document.problem(loc, found, would_do, key=key))

    for section, records in (("queues", queues), ("groups", groups)):
        for name, record in records.items():
            calendar = mapping(record).get("calendar")
            known((section, name, "calendar"), calendar, calendars, "calendar")
    for name, group in groups.items():
        for part in ("takes", "speed"):
            for taken in mapping(mapping(group).get(part)):
                known(("groups", name, part, taken), taken, list(queues), "queue", key=True)
    for name, queue in queues.items():
        preferred = mapping(queue).get("prefers")
        for place, first in enumerate(listed(preferred)):
            known(("queues", name, "prefers", place), first, list(groups), "group")
    for at, called, what in _of_the_floor(value):
        known(at, called, {"queue": list(queues), "group": list(groups)}.get(what, calendars), what)
    metrics = mapping(value.get("metrics"))
    for name, metric in metrics.items():
        for place, over in enumerate(listed(mapping(metric).get("queues"))):
            known(("metrics", name, "queues", place), over, list(queues), "queue")
    written: list[tuple[Loc, object]] = [(("contract",), value.get("contract"))]
    written += [(("contracts", name), one) for name, one in mapping(value.get("contracts")).items()]
    for where, contract in written:
        commitments = mapping(contract).get("commitments")
        for index, commitment in enumerate(commitments if isinstance(commitments, list) else []):
            loc: Loc = (*where, "commitments", index, "metric")
            named = mapping(commitment).get("metric")
            if isinstance(named, str) and not registry.has("metric", named):
                known(loc, named, list(metrics), "metric")
            for number, over in enumerate(listed(mapping(named).get("queues"))):
                known((*loc, "queues", number), over, list(queues), "queue")
        hiring = mapping(mapping(contract).get("hiring")).get("classes")
        for index, one in enumerate(hiring if isinstance(hiring, list) else []):
            asked = mapping(one).get("group")
            known((*where, "hiring", "classes", index, "group"), asked, list(groups), "group")
    tested = mapping(mapping(value.get("feasibility")).get("back_test")).get("too_kind")
    for name in mapping(tested):
        known(
            ("feasibility", "back_test", "too_kind", name), name, list(metrics), "metric", key=True
        )
    return problems


def _of_the_floor(value: Mapping[str, object]) -> Iterator[tuple[Loc, object, str]]:
    """(place, name, what it should name): where contacts go on, who stands in, hours, where warnings move them."""
    for name, queue in mapping(value.get("queues")).items():
        written = mapping(queue)
        here: Loc = ("queues", name)
        yield (*here, "transfer", "to"), mapping(written.get("transfer")).get("to"), "queue"
        second = mapping(written.get("tier_2"))
        yield (*here, "tier_2", "queue"), second.get("queue"), "queue"
        yield (*here, "tier_2", "calendar"), second.get("calendar"), "calendar"
        yield (*here, "voicemail_to"), written.get("voicemail_to"), "queue"
    for name, group in mapping(value.get("groups")).items():
        for taken, take in mapping(mapping(group).get("takes")).items():
            here = ("groups", name, "takes", taken)
            yield (*here, "hours"), mapping(take).get("hours"), "calendar"
            yield (*here, "stands_in_for"), mapping(take).get("stands_in_for"), "group"
    for section, part in (("reminders", "effect"), ("escalations", "action")):
        for number, warning in enumerate(listed(value.get(section))):
            to = mapping(mapping(warning).get(part)).get("to_group")
            yield (section, number, part, "to_group"), to, "group"
