"""The rules for the parameters of a request."""

from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.rules.findings import Findings, by_rule


def check_request(generation: Generation, spec: EndpointSpec) -> Findings:
    """Every finding about the parameters of *generation* that the endpoint has; names and values are not checked."""
    values = {name: value for name, value in generation.asked().items() if spec.request.get(name)}
    unlisted = [name for name, parameter in spec.request if name in values and not parameter.listed]
    return (
        *(by_rule("request-parameter-unlisted", f"{name}={values[name]}", "", _unlisted(name)) for name in unlisted),
        *(
            by_rule("request-parameter-reset", f"{reset}={values[reset]}", "", _reset(reset, f"{name}={value}", spec))
            for name, value in values.items()
            for reset in spec.request[name].resets.get(str(value), ())
            if reset in values and values[reset] != spec.request[reset].default
        ),
    )


def _unlisted(name: str) -> str:
    return f"{name} is sent, but the endpoint's published schema doesn't list it; it may be ignored"


def _reset(name: str, cause: str, spec: EndpointSpec) -> str:
    return f"{name} is ignored: with {cause} the endpoint sets it to {spec.request[name].default}"
