"""What the platform says when it refuses a request: one rule for each error type that it documents.

Source: fal.ai/docs/model-apis/errors. A type that is not listed there is told as `refused-otherwise`.
"""

from prep.model.rule import Rule

SIZES = "check the references again: 'prep-and-submit check' knows this limit; if it finds nothing, the limit has moved"
VALUES = "choose a value that 'prep-and-submit limits' lists"
LATER = "send it again later; 'prep-and-submit run' does so only when it is asked to"

# The error type, what it means, and what to do.
DOCUMENTED = (
    ("audio_duration_too_long", "A sound is longer than the endpoint takes.", SIZES),
    ("audio_duration_too_short", "A sound is shorter than the endpoint takes.", SIZES),
    ("content_policy_violation", "The prompt or a reference was judged to break the content policy.",
     "change the prompt or the reference; pictures of real people are the usual reason"),
    ("downstream_service_error", "The provider behind the endpoint refused the request or failed.",
     "read the message; if it names no reason, send it again later"),
    ("downstream_service_unavailable", "The provider behind the endpoint can't be reached.", LATER),
    ("face_detection_error", "A face was expected in a picture, and none was found.",
     "use a picture that shows the face larger and from the front"),
    ("feature_not_supported", "Two of the arguments can't be combined, or one is not offered.", VALUES),
    ("file_download_error", "The platform could not fetch a reference from its URL.",
     "upload it again; a link that expires or asks for a login can't be fetched"),
    ("file_too_large", "A file has more bytes than the endpoint takes.", SIZES),
    ("generation_timeout", "The generation took longer than the platform waits.", LATER),
    ("greater_than", "A number is too small.", VALUES),
    ("greater_than_equal", "A number is too small.", VALUES),
    ("image_load_error", "A picture does not decode.", "open it, save it anew, and look whether it is whole"),
    ("image_too_large", "A picture has more pixels than the endpoint takes.", SIZES),
    ("image_too_small", "A picture has fewer pixels than the endpoint takes.", SIZES),
    ("internal_server_error", "The platform failed.", LATER),
    ("less_than", "A number is too large.", VALUES),
    ("less_than_equal", "A number is too large.", VALUES),
    ("missing", "A required argument is not there.", "name it; only the prompt is required beside the references"),
    ("multiple_of", "A number is not a multiple of what it has to be.", VALUES),
    ("no_media_generated", "The generation ended without a video.", "change the prompt, and try another seed"),
    ("one_of", "A value is not one of those that are offered.", VALUES),
    ("sequence_too_long", "There are more references of one kind than the endpoint takes.", SIZES),
    ("sequence_too_short", "There are fewer references of one kind than the endpoint takes.", SIZES),
    ("unsupported_audio_format", "A sound is in a format that the endpoint does not read.", SIZES),
    ("unsupported_image_format", "A picture is in a format that the endpoint does not read.", SIZES),
    ("unsupported_video_format", "A video is in a format that the endpoint does not read.", SIZES),
    ("video_duration_too_long", "A video is longer than the endpoint takes.", SIZES),
    ("video_duration_too_short", "A video is shorter than the endpoint takes.", SIZES),
)  # fmt: skip
OTHERWISE = "refused-otherwise"


def refusal_rule(error_type: str) -> str:
    """The name of the rule that tells a refusal of this type."""
    name = f"refused-{error_type.replace('_', '-')}"
    return name if name in _NAMES else OTHERWISE


def _rule(name: str, meaning: str, remedy: str, error_type: str | None) -> Rule:
    return Rule(
        name=name,
        about="refusal",
        severity="error",
        basis="upstream",
        subject="the request",
        meaning=meaning,
        why="The platform said so after the upload and the queue; what it said stands in the message.",
        remedy=remedy,
        example=f"request abc-123: {error_type or 'bad_request'}",
        fal_error=error_type,
    )


REFUSAL_RULES = (
    *(
        _rule(f"refused-{error_type.replace('_', '-')}", meaning, remedy, error_type)
        for error_type, meaning, remedy in DOCUMENTED
    ),
    _rule(OTHERWISE, "The platform refused for a reason that it does not document.", "read the message", None),
)
_NAMES = frozenset(rule.name for rule in REFUSAL_RULES)
