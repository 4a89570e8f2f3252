"""Request parameters and options as the page's controls, from the endpoint's spec and the library's models."""

from typing import Any, get_args

from prep.errors import UsageError
from prep.model.generation import Generation
from prep.model.limits import PRICED, EndpointSpec, Parameter
from prep.model.plan import Options

# The parameters that most jobs set, beside those that the price depends on.
MAIN = (*PRICED, "generate_audio")
# What a choice is called where its value says too little.
OPTION_WORDS = {
    "fit": ("Shapes outside the limits", {"pad": "Add bars", "crop": "Crop around the subject"}),
    "window": (
        "Part of a long clip",
        {"best": "The best", "start": "The start", "middle": "The middle", "end": "The end"},
    ),
    "short": (
        "A clip that is too short",
        {"hold": "Hold the last frame", "loop": "Loop it", "refuse": "Refuse it"},
    ),
    "mute": ("Soundtracks of videos", {}),
    "strip_metadata": ("Private metadata", {}),
    "seconds": ("Seconds of each clip", {}),
    "loudness": ("Loudness of sounds, LUFS", {}),
    "background": ("Background and bars", {}),
}
SWITCHES = {"mute": ("Keep them", "Remove them"), "strip_metadata": ("Warn about it", "Always remove it")}
PLACEHOLDERS = {"seconds": "as many as fit", "loudness": "unchanged", "background": "like the edges"}
WORDS = {"generate_audio": "Sound", "end_user_id": "End user id"}


def parameters_data(generation: Generation, spec: EndpointSpec) -> list[dict[str, Any]]:
    """One control for each parameter of the endpoint; *value* "" stands for its default."""
    asked = generation.asked()
    return [_parameter(name, parameter, asked.get(name)) for name, parameter in spec.request]


def _parameter(name: str, parameter: Parameter, value: Any) -> dict[str, Any]:
    choices = parameter.choices or (("true", "false") if parameter.type == "boolean" else ())
    default = _text(parameter.default)
    return {
        "name": name,
        "label": WORDS.get(name, name.replace("_", " ").capitalize()),
        "type": parameter.type,
        "main": name in MAIN,
        "choices": [{"value": choice, "label": _choice(choice, parameter)} for choice in choices],
        "value": _text(value) or (default if choices else ""),
        "default": default,
        "placeholder": "" if choices else "not set",
    }


def _choice(choice: str, parameter: Parameter) -> str:
    if parameter.type == "boolean":
        return {"true": "On", "false": "Off"}[choice]
    return f"{choice} s" if choice.isdigit() else choice


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def with_parameter(generation: Generation, spec: EndpointSpec, name: str, value: str) -> Generation:
    """*generation* with *name* set to *value*; "" and the default are not asked for. Raises UsageError."""
    parameter = spec.request.get(name)
    if parameter is None:
        raise UsageError(f"{spec.endpoint} has no parameter {name!r}")
    asked = {key: kept for key, kept in generation.asked().items() if key != name}
    if value.strip() and value.strip() != _text(parameter.default):
        asked[name] = {"true": True, "false": False}.get(value, value) if parameter.type == "boolean" else value.strip()
        if parameter.type == "integer" and asked[name].lstrip("+-").isdigit():
            asked[name] = int(asked[name])
    return Generation(**asked)


def options_data(options: Options) -> list[dict[str, Any]]:
    """One control for each option of preparation."""
    return [_option(name, getattr(options, name)) for name in OPTION_WORDS]


def _option(name: str, value: Any) -> dict[str, Any]:
    label, words = OPTION_WORDS[name]
    if name in SWITCHES:
        off, on = SWITCHES[name]
        choices = [{"value": "false", "label": off}, {"value": "true", "label": on}]
    else:
        allowed = get_args(Options.model_fields[name].annotation) if words else ()
        choices = [{"value": choice, "label": words.get(choice, choice)} for choice in allowed]
    return {
        "name": name,
        "label": label,
        "type": "number" if name in ("seconds", "loudness") else "string",
        "choices": choices,
        "value": _text(value),
        "default": _text(Options.model_fields[name].default),
        "placeholder": PLACEHOLDERS.get(name, ""),
    }


def with_option(options: Options, name: str, value: str) -> Options:
    """*options* with *name* set to *value*; "" is the default. Raises UsageError."""
    if name not in OPTION_WORDS:
        raise UsageError(f"no such option: {name}")
    fields = {key: getattr(options, key) for key in options.model_fields_set if key != name}
    if value.strip():
        fields[name] = {"true": True, "false": False}.get(value, value.strip())
    return Options(**fields)
