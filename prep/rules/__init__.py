"""The limits of an endpoint applied to facts: pure functions from MediaInfo to findings. Imports prep.model only."""

from prep.rules.audio import check_audio
from prep.rules.image import check_image
from prep.rules.prompt import check_prompt
from prep.rules.reference_set import check_repeated, check_set
from prep.rules.request import check_request
from prep.rules.single import check_one
from prep.rules.video import check_video
from prep.rules.wishes import Wishes, check_prompt_length, check_wishes

__all__ = [
    "Wishes",
    "check_audio",
    "check_image",
    "check_one",
    "check_prompt",
    "check_prompt_length",
    "check_repeated",
    "check_request",
    "check_set",
    "check_video",
    "check_wishes",
]
