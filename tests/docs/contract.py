"""The JSON Schema of every document that --json prints, made from the models.

What is put together by hand in the renderers is put together by hand here; everything below it comes from pydantic.
"""

import copy
from inspect import cleandoc
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from prep.model.finding import Finding, Rule
from prep.model.limits import PRICED, EndpointSpec, Parameter, RequestLimits
from prep.model.manifest import Manifest, OutputFile, ProbedFile, SourceFile, Totals
from prep.model.media import AudioInfo, ImageInfo, VideoInfo
from prep.model.plan import Plan
from prep.model.report import Fix
from prep.pricing.cost import Cost
from prep.render.document import SCHEMA
from prep.specs.drift import Drift
from submit.batches.results.result import BatchSummary
from submit.batches.survey import BatchOffer
from submit.journal import JobRecord
from submit.journal.uploads import Upload
from submit.platform import State
from submit.request.build import Request
from submit.request.cheaper import Cheaper

Schema = dict[str, Any]
MODELS: tuple[type[BaseModel], ...] = (
    *(
        AudioInfo,
        ImageInfo,
        VideoInfo,
        BatchOffer,
        BatchSummary,
        Cheaper,
        Cost,
        Drift,
        EndpointSpec,
        Finding,
        Fix,
        JobRecord,
        Manifest,
        Parameter,
        Plan,
        Request,
    ),
    *(Rule, State, Totals, Upload),
)
TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
WHOLE: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}


def contract(*, closed: bool = False) -> Schema:
    """*closed*: no key is allowed that is not named; readers are to ignore those, so what is published is open."""
    _, made = models_json_schema([(model, "serialization") for model in MODELS], ref_template="#/$defs/{model}")
    defs: Schema = made["$defs"]
    defs |= _by_hand(defs)
    del defs["JobRecord"], defs["StandIn"]  # the one is printed in another form, see Job; the other is not printed
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What prep-and-submit prints with --json",
        "description": "Made from the code; docs/json.md explains it. Readers ignore keys that they do not know.",
        "oneOf": [*(_document(name, data) for name, data in _data().items()), _failure()],
        "$defs": _untitled(dict(sorted(defs.items()))),
    }
    return _closed(schema) if closed else _opened(schema)


def report_line() -> Schema:
    """The schema of one line of `check --format jsonl`, closed."""
    whole = contract(closed=True)
    return {"$schema": whole["$schema"], "$defs": whole["$defs"], "$ref": "#/$defs/Report"}


def _document(command: str, data: Schema) -> Schema:
    return _object(
        schema={"const": SCHEMA}, command={"const": command}, ok=FLAG, findings=_list(_ref("Finding")), data=data
    )


def _failure() -> Schema:
    """Of any command, or of none that is known."""
    data = _object(error=_error())
    # where the price is over the cap, and where a batch was paused
    data["properties"] |= {
        "cost": _ref("Cost"),
        "cheaper": _list(_ref("Cheaper")),
        "plan": _ref("Plan"),
        "batch": _ref("BatchSummary"),
    }
    data["not"] = {"required": ["references"]}  # that is the document of a check
    failed: Schema = _document("", data)
    failed["properties"] |= {"command": TEXT, "ok": {"const": False}}
    return failed


def _error() -> Schema:
    return _object(message=TEXT, exit_code={"enum": [1, 2, 3, 4, 5, 130, 143]})


def _data() -> dict[str, Schema]:
    """The `data` of each command."""
    check = _object(**_checked())
    check["properties"]["error"] = _error()  # only where a reference can't be read
    several = _object(reports=_list(_ref("Report")))
    submitted = {
        "job": TEXT,
        "found": FLAG,
        "sandbox": FLAG,
        "manifest": _ref("Manifest"),
        "request": _ref("Request"),
        "cost": _or_null(_ref("Cost")),
        "bill": _or_null(_ref("Bill")),
        "request_id": TEXT,
        "result": _or_null(_ref("Result")),
    }
    resumed = _object(job=TEXT, result=_or_null(_ref("Result")), error=_or_null(_error()))
    limits = _object(spec=_ref("EndpointSpec"), others=_list(TEXT))
    return {
        "check": {"anyOf": [check, several]},
        "plan": _ref("Plan"),
        "price": _object(
            endpoint=TEXT,
            generation={"type": "object", "additionalProperties": {"type": ["string", "integer", "boolean"]}},
            totals=_ref("Totals"),
            cost=_or_null(_ref("Cost")),
            unknown=TEXT_OR_NULL,
        ),
        "prep": _ref("Manifest"),
        "run": {"anyOf": [_object(**submitted, timings_s=_of_numbers()), _offer()]},
        "submit": {"anyOf": [_object(**submitted), _offer()]},
        "batch": {
            "anyOf": [
                _ref("BatchSummary"),
                _object(dry_run={"const": True}, offer=_ref("BatchOffer")),
            ]
        },
        "resume": {"anyOf": [_object(result=_ref("Result")), _object(jobs=_list(resumed))]},
        "result": _object(job=TEXT, result=_ref("Result")),
        "status": _object(job=_ref("Job")),
        "cancel": _object(job=_ref("Job")),
        "jobs": _object(jobs=_list(_ref("Job")), sandbox=_list(_ref("Job"))),
        "cache": _object(
            prepared=_object(folder=TEXT, files=WHOLE, looks=WHOLE, bytes=WHOLE), uploads=_list(_ref("Upload"))
        ),
        "forget": _object(forgotten=TEXT),
        "limits": {"anyOf": [limits, _ref("Drift")]},
        "explain": _object(rules=_list(_ref("Rule"))),
        "sandbox": _object(env={"type": "object", "additionalProperties": TEXT}, ledger=TEXT, faults=TEXT),
    }


def _of_numbers() -> Schema:
    return {"type": "object", "additionalProperties": {"type": "number"}}


def _offer() -> Schema:
    """What a dry run says; without a plan where the files were prepared before."""
    cost = _or_null(_ref("Cost"))
    return _object(
        dry_run={"const": True}, plan=_or_null(_ref("Plan")), request=_ref("Request"), cost=cost, output=TEXT
    )


def _checked() -> Schema:
    return {
        "endpoint": TEXT,
        "references": _list(_ref("CheckedFile")),
        "totals": _ref("Totals"),
        "used": _ref("Totals"),
        "deselected": WHOLE,
        "fixes": _list(_ref("Fix")),
    }


def _by_hand(defs: Schema) -> Schema:
    return {
        "CheckedFile": _with_facts(defs, path=TEXT, name=TEXT_OR_NULL, tag=TEXT_OR_NULL),
        "SourceFile": _with_facts(defs, **_own(SourceFile)),
        "OutputFile": _with_facts(defs, **_own(OutputFile)),
        "Report": _object(origin=TEXT, ok=FLAG, findings=_list(_ref("Finding")), **_checked()),
        "Result": _object(video=_object(url=TEXT, path=TEXT), seed={"type": ["integer", "null"]}),
        "RequestLimits": _request_limits(),
        "Request": _request(defs["Request"]),
        "Job": _job(defs),
    }


def _request_limits() -> Schema:
    """Every parameter by its name; of three of them choices and default apart as well."""
    choices = _ref("Limit_tuple_str__________")
    apart = {f"{name}s": choices for name in PRICED} | {f"{name}_default": TEXT for name in PRICED}
    parameters = dict.fromkeys(PRICED, _ref("Parameter"))
    return _object(**parameters, **apart) | {
        "description": cleandoc(RequestLimits.__doc__ or ""),
        "additionalProperties": _ref("Parameter"),
    }


def _request(made: Schema) -> Schema:
    """What is empty is left out of a request; these are the parameters that an endpoint of today may have."""
    parameters = dict.fromkeys(("resolution", "duration", "aspect_ratio"), TEXT)
    optional = {"generate_audio": FLAG, "seed": {"type": ["integer", "null"]}, "end_user_id": TEXT_OR_NULL}
    return made | {
        "properties": made["properties"] | parameters | optional,
        "required": ["prompt", *parameters],
        "additionalProperties": {"type": ["string", "integer", "boolean", "null"]},
    }


def _own(file: type[ProbedFile]) -> Schema:
    """What stands beside the facts."""
    return {key: value for key, value in file.model_json_schema()["properties"].items() if key != "info"}


def _with_facts(defs: Schema, **own: Schema) -> Schema:
    """A file of any kind: its own keys, and beside them those of its MediaInfo."""
    kinds = []
    for name in ("ImageInfo", "VideoInfo", "AudioInfo"):
        facts = defs[name]
        kinds.append(facts | {"properties": own | facts["properties"], "required": [*own, *facts["required"]]})
    return {"oneOf": [{key: value for key, value in kind.items() if key != "title"} for kind in kinds]}


def _job(defs: Schema) -> Schema:
    """A record of the journal, without what is private or long, and with what is known by now."""
    record = copy.deepcopy(defs["JobRecord"])
    left_out = ("manifest", "key", "hint", "stand_in")
    more = {"busy": FLAG, "created_at": TEXT, "remote": _or_null(_only(defs["State"], without=("logs",)))}
    kept = {key: value for key, value in record["properties"].items() if key not in left_out}
    return _object(**(kept | more | {"request": _ref("Request")}))


def _only(schema: Schema, *, without: tuple[str, ...] = (), required: tuple[str, ...] | None = None) -> Schema:
    kept = {key: value for key, value in schema["properties"].items() if key not in without}
    return {"type": "object", "properties": kept, "required": list(kept if required is None else required)}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _opened(schema: Any) -> Any:
    """Without additionalProperties: false, which the models have to catch what callers misspell."""
    if isinstance(schema, list):
        return [_opened(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _opened(value) for key, value in schema.items() if (key, value) != ("additionalProperties", False)}


def _untitled(schema: Any) -> Any:
    """Without the titles that only repeat the keys."""
    if isinstance(schema, list):
        return [_untitled(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _untitled(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)}


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed
