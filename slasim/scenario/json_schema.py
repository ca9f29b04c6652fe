"""JSON Schema of a scenario file, for editors that complete and check while one types.

Made from the records, with the short forms that they accept (`aht: 260s`, `takes: {billing: 1}`,
`staffing: 8`). It says what may stand where; what must hold between parts only `slasim check` knows.
"""

from __future__ import annotations

from typing import Any

from slasim.scenario.schema import ScenarioRecord

__all__ = ["schema_json"]

Schema = dict[str, Any]

_NUMBERS: Schema = {"type": "array", "items": {"type": "number"}}
_NAMES: Schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}

_NAMED = (
    ("Queue", "prefers"), ("Metric", "queues"), ("ClockMetric", "queues"), ("ClockMetric", "pause_on"),
    ("Shift", "people"), ("Redial", "when"), ("RulesRecord", "evaluate"), ("PromiseRecord", "parts"),
)  # fmt: skip
"""Where one name may stand for a list of one."""


def schema_json() -> Schema:
    """The schema as plain values (draft 2020-12)."""
    schema = _bare(ScenarioRecord.model_json_schema(by_alias=True, mode="validation"))
    kinds: dict[str, Schema] = schema["$defs"]

    def widen(record: str, key: str, *forms: Schema) -> None:
        properties: Schema = kinds[record]["properties"]
        properties[key] = {"anyOf": [*forms, properties[key]]}

    queue, group, commitment = kinds["Queue"], kinds["Group"], kinds["Commitment"]
    queue["properties"]["like"] = {"type": "string", "description": "copies that queue"}
    kinds["Metric"]["properties"]["type"] = {"type": "string", "not": {"const": "ticket_clock"}}
    widen("Queue", "owner", {"const": "sticky"})
    widen("Group", "chat_slowdown", _NUMBERS)
    people = group["properties"]["people"]
    people["items"] = {"anyOf": [{"type": "string"}, people["items"]]}
    kinds["Shift"]["required"] = ["name", "from", "to"]
    kinds["Shift"]["oneOf"] = [{"required": ["agents"]}, {"required": ["people"]}]
    widen("Queue", "aht", {"type": "string", "examples": ["260s"]})
    widen("Arrivals", "profile", _NUMBERS)
    widen("Group", "staffing", {"type": "number"}, _NUMBERS)
    takes = group["properties"]["takes"]
    takes["additionalProperties"] = {"anyOf": [{"type": "integer"}, takes["additionalProperties"]]}
    for record, key in _NAMED:
        kinds[record]["properties"][key] = _NAMES
    kinds["Take"]["properties"]["when"] = {"type": "object", "additionalProperties": _NAMES}
    written_in_place = commitment["properties"].pop("inline")
    widen("Commitment", "metric", written_in_place)
    commitment["required"] = ["metric", "target"]
    for record in ("Routing", "Metric"):  # settings of the kind stand beside its name
        kinds[record]["properties"].pop("settings")
        kinds[record]["additionalProperties"] = True
    schema["properties"]["routing"] = {
        "anyOf": [{"type": "string"}, schema["properties"]["routing"]]
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _bare(value: Any) -> Any:
    """Without titles that repeat the key, and without defaults, which are in milliseconds."""
    if isinstance(value, dict):
        return {
            key: _bare(item)
            for key, item in value.items()
            if not (key == "default" or (key == "title" and isinstance(item, str)))
        }
    return [_bare(item) for item in value] if isinstance(value, list) else value
