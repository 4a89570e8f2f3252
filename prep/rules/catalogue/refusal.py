"""What the platform says when it refuses a request: one rule for each error type that it documents.

Sources: fal.ai/docs/model-apis/errors and .../request-errors; billing: docs.fal.ai/faq, "Do you charge for failed
requests?". A type that is not listed there is told as `refused-otherwise`.
"""

from typing import Literal, NamedTuple

from prep.model.rule import Rule

SIZES = "check the references again: 'prep-and-submit check' knows this limit; if it finds nothing, the limit has moved"
VALUES = "choose a value that 'prep-and-submit limits' lists"
LATER = "send it again later; 'prep-and-submit run' does so only when it is asked to"
Billed = Literal["no", "unknown"]


class Refused(NamedTuple):
    """*error_type* is the platform's, *status* the one it comes with. *again*: the same request may succeed later."""

    error_type: str
    status: int
    meaning: str
    remedy: str
    again: bool = False


# About the request: the model said no.
MODEL_ERRORS = (
    Refused("audio_duration_too_long", 422, "A sound is longer than the endpoint takes.", SIZES),
    Refused("audio_duration_too_short", 422, "A sound is shorter than the endpoint takes.", SIZES),
    Refused(
        "content_policy_violation",
        422,
        "The prompt or a reference was judged to break the content policy.",
        "change the prompt or the reference; pictures of real people are the usual reason",
    ),
    Refused(
        "downstream_service_error",
        400,
        "The provider behind the endpoint refused the request or failed.",
        "read the message; if it names no reason, send it again later",
        again=True,
    ),
    Refused(
        "downstream_service_unavailable", 500, "The provider behind the endpoint can't be reached.", LATER, again=True
    ),
    Refused(
        "face_detection_error",
        422,
        "A face was expected in a picture, and none was found.",
        "use a picture that shows the face larger and from the front",
    ),
    Refused("feature_not_supported", 422, "Two of the arguments can't be combined, or one is not offered.", VALUES),
    Refused(
        "file_download_error",
        422,
        "The platform could not fetch a reference from its URL.",
        "upload it again; a link that expires or asks for a login can't be fetched",
        again=True,
    ),
    Refused("file_too_large", 422, "A file has more bytes than the endpoint takes.", SIZES),
    Refused("generation_timeout", 504, "The generation took longer than the platform waits.", LATER, again=True),
    Refused("greater_than", 422, "A number is too small.", VALUES),
    Refused("greater_than_equal", 422, "A number is too small.", VALUES),
    Refused(
        "image_load_error", 422, "A picture does not decode.", "open it, save it anew, and look whether it is whole"
    ),
    Refused("image_too_large", 422, "A picture has more pixels than the endpoint takes.", SIZES),
    Refused("image_too_small", 422, "A picture has fewer pixels than the endpoint takes.", SIZES),
    Refused("internal_server_error", 500, "The platform failed.", LATER, again=True),
    Refused("less_than", 422, "A number is too large.", VALUES),
    Refused("less_than_equal", 422, "A number is too large.", VALUES),
    Refused(
        "missing",
        422,
        "A required argument is not there.",
        "name it; only the prompt is required beside the references",
    ),
    Refused("multiple_of", 422, "A number is not a multiple of what it has to be.", VALUES),
    Refused(
        "no_media_generated",
        422,
        "The generation ended without a video.",
        "change the prompt, and try another seed",
        again=True,
    ),
    Refused("one_of", 422, "A value is not one of those that are offered.", VALUES),
    Refused("sequence_too_long", 422, "There are more references of one kind than the endpoint takes.", SIZES),
    Refused("sequence_too_short", 422, "There are fewer references of one kind than the endpoint takes.", SIZES),
    Refused("unsupported_audio_format", 422, "A sound is in a format that the endpoint does not read.", SIZES),
    Refused("unsupported_image_format", 422, "A picture is in a format that the endpoint does not read.", SIZES),
    Refused("unsupported_video_format", 422, "A video is in a format that the endpoint does not read.", SIZES),
    Refused("video_duration_too_long", 422, "A video is longer than the endpoint takes.", SIZES),
    Refused("video_duration_too_short", 422, "A video is shorter than the endpoint takes.", SIZES),
)
# About the way: the platform did not get as far as an answer.
REQUEST_ERRORS = (
    Refused("request_timeout", 504, "The request took longer than the platform allows.", LATER, again=True),
    Refused("startup_timeout", 504, "No machine of the platform was ready in time.", LATER, again=True),
    Refused("runner_scheduling_failure", 503, "The platform had no machine for the request.", LATER, again=True),
    Refused("runner_connection_timeout", 503, "A machine of the platform did not answer.", LATER, again=True),
    Refused("runner_disconnected", 503, "A machine of the platform went away during the work.", LATER, again=True),
    Refused("runner_connection_refused", 503, "A machine of the platform did not take the request.", LATER, again=True),
    Refused("runner_connection_error", 503, "A machine of the platform could not be reached.", LATER, again=True),
    Refused("runner_incomplete_response", 502, "A machine of the platform sent half an answer.", LATER, again=True),
    Refused("runner_server_error", 500, "A machine of the platform failed.", LATER, again=True),
    Refused("client_disconnected", 499, "The connection was closed before the answer.", LATER, again=True),
    Refused("client_cancelled", 499, "The request was cancelled.", "submit it anew if you still want it", again=True),
    Refused("bad_request", 400, "The platform could not read the request.", "read the message"),
    Refused("internal_error", 500, "The platform failed.", LATER, again=True),
)
DOCUMENTED = {refused.error_type: refused for refused in (*MODEL_ERRORS, *REQUEST_ERRORS)}
# Not a type of the platform's: it says 404 for a result that it no longer has.
RESULT_GONE = "result_gone"
OTHERWISE = "refused-otherwise"


def refusal_rule(error_type: str) -> str:
    """The name of the rule that tells a refusal of this type."""
    name = f"refused-{error_type.replace('_', '-')}"
    return name if name in _NAMES else OTHERWISE


def billed(status: int) -> Billed:
    """What is known about the cost of a request that ended with *status*: errors of the server are not charged."""
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
        example=f"request abc-123: {error_type or 'value_error'}",
        fal_error=error_type,
    )


def _why(refused: Refused) -> str:
    cost = {
        "no": "It is not billed: it is an error of the server.",
        "unknown": "It may be billed, if it was found after the work had begun.",
    }[billed(refused.status)]
    chance = "The same again may succeed." if refused.again else "The same again would be refused."
    return f"The platform says so after the upload and the queue. {cost} {chance}"


REFUSAL_RULES = (
    *(
        _rule(f"refused-{name.replace('_', '-')}", refused.meaning, refused.remedy, name, _why(refused))
        for name, refused in DOCUMENTED.items()
    ),
    _rule(
        "refused-result-gone",
        "The platform no longer has the result.",
        "look for the video in the dashboard of your account, before you pay for another",
        None,
        "Results are kept for about an hour. The request was done, and most likely billed.",
    ),
    _rule(
        OTHERWISE,
        "The platform refused for a reason that it does not document.",
        "read the message",
        None,
        "The platform says so after the upload and the queue; what it said stands in the message.",
    ),
)
_NAMES = frozenset(rule.name for rule in REFUSAL_RULES)
