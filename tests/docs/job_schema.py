"""JSON Schema of job files, made from the Job model, the help of the flags and the built-in endpoints."""

import re
from typing import Any

from prep.inputs.jobs import SCHEMA_KEY, Job
from prep.specs import all_specs
from submit.command import all_commands

Schema = dict[str, Any]
FLAG = re.compile(r"--(?:no-)?([a-z][a-z-]+)")
OWN = {
    "endpoint": "The endpoint whose limits count. [default: bytedance/seedance-2.0/reference-to-video]",
    "references": "Files, folders and URLs, relative to this file: [NAME=]PATH-or-URL[#t=START,END][&xywh=X,Y,W,H]"
    "[&track=audio|video]. Quote what holds a comma.",
    "prompt": "What to generate; refer to references as @NAME or @Image1, @Video1, @Audio1.",
    "options": "How the references are prepared.",
    "generation": "What to ask of the endpoint; 'prep-and-submit limits' lists its parameters.",
    "max_cost": "The most that the job may cost, in US dollars; up to this price nobody is asked.",
}

ID: Schema = {
    "type": ["string", "integer"],
    "description": "In a folder of job files for 'batch' only: the name of the row. [default: the file's name]",
}


def job_schema() -> Schema:
    schema = Job.model_json_schema()
    options, generation = (schema["$defs"].pop(name)["properties"] for name in ("Options", "Generation"))
    helps = {
        str(param.name): getattr(param, "help", None) or "" for command in all_commands() for param in command.params
    }
    del options["generated_s"]  # a job says it by its generation
    properties: Schema = {SCHEMA_KEY: {"type": "string", "description": "The JSON Schema of this file, for editors."}}
    for name, own in schema["properties"].items():
        properties[name] = _plain(own) | {"description": OWN[name]}
    properties["endpoint"] = _choice(properties["endpoint"], list(all_specs()))
    properties["options"] = _mapping(OWN["options"], _described(options, helps), False)
    others = {"type": ["string", "number", "boolean", "null"]}
    properties["generation"] = _mapping(OWN["generation"], _parameters(_described(generation, helps)), others)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A job of prep-and-submit",
        "description": "A file for --from-job, YAML or JSON. Made from the code; docs/inputs.md explains it.",
        "type": "object",
        "properties": properties | {"id": ID},
        "additionalProperties": False,
    }


def _mapping(description: str, properties: Schema, others: Schema | bool) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": others,
    }


def _described(properties: Schema, helps: dict[str, str]) -> Schema:
    """*properties*, each with the help of the flag of that name; a flag in it is the key of that name here."""

    def key(match: re.Match[str]) -> str:
        return f"`{match[1].replace('-', '_')}`"

    return {name: _plain(own) | {"description": FLAG.sub(key, helps[name])} for name, own in properties.items()}


def _parameters(described: Schema) -> Schema:
    """The parameters of all built-in endpoints, with every value that one of them takes."""
    parameters = dict(described)
    choices: dict[str, list[str]] = {}
    for name, parameter in (pair for spec in all_specs().values() for pair in spec.request):
        parameters.setdefault(name, {"type": parameter.type})
        known = choices.setdefault(name, [])
        known += [choice for choice in parameter.choices or () if choice not in known]
    return {name: _choice(schema, choices.get(name, [])) for name, schema in parameters.items()}


def _choice(schema: Schema, choices: list[str]) -> Schema:
    """Editors offer *choices*; an endpoint of the user's own may take others."""
    return schema | {"examples": choices} if choices else schema


def _plain(schema: Schema) -> Schema:
    """Without titles, which repeat the keys, and without defaults, which the descriptions name."""
    return {key: value for key, value in schema.items() if key not in ("title", "default")}
