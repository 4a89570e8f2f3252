"""Refusals by the platform: one rule for each error type that it documents.

Sources: fal.ai/docs/model-apis/errors and .../request-errors; billing: docs.fal.ai/faq, "Do you charge for failed
requests?". A type that is not listed there becomes `refused-otherwise`.
"""

from typing import Literal, NamedTuple

from prep.model.finding import Rule

SIZES = "run `prep-and-submit check`; if it finds nothing, the endpoint's limit has changed"
VALUES = "choose a value that `prep-and-submit limits` lists"
LATER = "submit it again later"
Billed = Literal["no", "unknown"]


class Refused(NamedTuple):
    """*error_type* and *status* are the platform's. *again*: the same request may succeed later. *ran*: to its end."""

    error_type: str
    status: int
    meaning: str
    remedy: str
    again: bool = False
    ran: bool = False


# The model refused the request.
MODEL_ERRORS = (
    Refused("audio_duration_too_long", 422, "A sound is too long.", SIZES),
    Refused("audio_duration_too_short", 422, "A sound is too short.", SIZES),
    Refused(
        "content_policy_violation",
        422,
        "The prompt or a reference breaks the content policy.",
        "change the prompt or the reference; the usual reason is a picture of a real person",
    ),
    Refused(
        "downstream_service_error",
        400,
        "The provider of the model refused the request or failed.",
        "read the platform's message; if it gives no reason, submit it again later",
        again=True,
    ),
    Refused("downstream_service_unavailable", 500, "The provider of the model is unavailable.", LATER, again=True),
    Refused(
        "face_detection_error",
        422,
        "No face was found in a picture that needs one.",
        "use a picture with the face larger and from the front",
    ),
    Refused("feature_not_supported", 422, "An argument is not supported, or not in this combination.", VALUES),
    Refused(
        "file_download_error",
        422,
        "The platform couldn't download a reference.",
        "upload it again; links that expire or need a login don't work",
        again=True,
    ),
    Refused("file_too_large", 422, "A file is too large.", SIZES),
    Refused("generation_timeout", 504, "The generation took too long.", LATER, again=True),
    Refused("greater_than", 422, "A number is too small.", VALUES),
    Refused("greater_than_equal", 422, "A number is too small.", VALUES),
    Refused(
        "image_load_error", 422, "A picture can't be decoded.", "open it, check that it is complete, and save it again"
    ),
    Refused("image_too_large", 422, "A picture has too many pixels.", SIZES),
    Refused("image_too_small", 422, "A picture has too few pixels.", SIZES),
    Refused("internal_server_error", 500, "The platform failed.", LATER, again=True),
    Refused("less_than", 422, "A number is too large.", VALUES),
    Refused("less_than_equal", 422, "A number is too large.", VALUES),
    Refused(
        "missing",
        422,
        "A required argument is missing.",
        "add it; apart from the references, only the prompt is required",
    ),
    Refused("multiple_of", 422, "A number is not a multiple of the required step.", VALUES),
    Refused(
        "no_media_generated",
        422,
        "The generation ended without a video.",
        "submit it again; if that fails too, change the prompt or the seed",
        again=True,
        ran=True,
    ),
    Refused("one_of", 422, "A value is not one of the choices.", VALUES),
    Refused("sequence_too_long", 422, "There are too many references of one kind.", SIZES),
    Refused("sequence_too_short", 422, "There are too few references of one kind.", SIZES),
    Refused("unsupported_audio_format", 422, "The endpoint can't read a sound's format.", SIZES),
    Refused("unsupported_image_format", 422, "The endpoint can't read a picture's format.", SIZES),
    Refused("unsupported_video_format", 422, "The endpoint can't read a video's format.", SIZES),
    Refused("video_duration_too_long", 422, "A video is too long.", SIZES),
    Refused("video_duration_too_short", 422, "A video is too short.", SIZES),
)
# The platform failed before there was an answer.
REQUEST_ERRORS = (
    Refused("request_timeout", 504, "The request took too long.", LATER, again=True),
    Refused("startup_timeout", 504, "No machine was ready in time.", LATER, again=True),
    Refused("runner_scheduling_failure", 503, "No machine was available.", LATER, again=True),
    Refused("runner_connection_timeout", 503, "The machine did not answer.", LATER, again=True),
    Refused("runner_disconnected", 503, "The machine was lost during the work.", LATER, again=True),
    Refused("runner_connection_refused", 503, "The machine refused the connection.", LATER, again=True),
    Refused("runner_connection_error", 503, "The machine could not be reached.", LATER, again=True),
    Refused("runner_incomplete_response", 502, "The machine's answer was incomplete.", LATER, again=True),
    Refused("runner_server_error", 500, "The machine failed.", LATER, again=True),
    Refused("client_disconnected", 499, "The connection was closed too early.", LATER, again=True),
    Refused("client_cancelled", 499, "The request was cancelled.", "submit it again if you still want it", again=True),
    Refused("bad_request", 400, "The platform could not read the request.", "read the platform's message"),
    Refused("internal_error", 500, "The platform failed.", LATER, again=True),
)
DOCUMENTED = {refused.error_type: refused for refused in (*MODEL_ERRORS, *REQUEST_ERRORS)}
# Not a type of the platform's: it answers 404 when a result is gone.
RESULT_GONE = "result_gone"
OTHERWISE = "refused-otherwise"
# Answers without a documented error type, as examples.
UNDOCUMENTED = {"refused-result-gone": "404, Not found", OTHERWISE: "value_error"}


def refusal_rule(error_type: str) -> str:
    """The name of the rule for a refusal of this type."""
    name = f"refused-{error_type.replace('_', '-')}"
    return name if name in _NAMES else OTHERWISE


def billed(status: int) -> Billed:
    """Whether a request that ended with *status* is billed: errors of the server are not."""
    return "no" if status >= 500 else "unknown"


def _rule(name: str, meaning: str, remedy: str, error_type: str | None, why: str) -> Rule:
    return Rule(
        name=name,
        about="refusal",
        severity="error",
        basis="upstream",
        subject="the request",
        meaning=meaning,
        why=why,
        remedy=remedy,
        example=f"request abc-123: {error_type or UNDOCUMENTED[name]}",
        fal_error=error_type,
    )


def _why(refused: Refused) -> str:
    cost = {"no": "Not billed: it is a server error.", "unknown": "If the generation had begun, it may be billed."}
    chance = "The same request may succeed later." if refused.again else "The same request would be refused again."
    return f"{'It may be billed.' if refused.ran else cost[billed(refused.status)]} {chance}"


REFUSAL_RULES = (
    *(
        _rule(f"refused-{name.replace('_', '-')}", refused.meaning, refused.remedy, name, _why(refused))
        for name, refused in DOCUMENTED.items()
    ),
    _rule(
        "refused-result-gone",
        "The platform no longer has the result.",
        "look for the video in your dashboard before you pay for another",
        None,
        "A result is kept for at least an hour. The request was carried out and most likely billed.",
    ),
    _rule(
        OTHERWISE,
        "The platform gave a reason that it does not document.",
        "read the platform's message",
        None,
        "If the generation had begun, it may be billed.",
    ),
)
_NAMES = frozenset(rule.name for rule in REFUSAL_RULES)
