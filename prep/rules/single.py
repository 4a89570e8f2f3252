"""The rules for one file of any kind."""

from prep.model.limits import EndpointSpec
from prep.model.media import AudioInfo, ImageInfo, MediaInfo
from prep.rules.audio import check_audio
from prep.rules.findings import Findings
from prep.rules.image import check_image
from prep.rules.video import check_video


def check_one(info: MediaInfo, spec: EndpointSpec) -> Findings:
    if isinstance(info, ImageInfo):
        return check_image(info, spec.image)
    if isinstance(info, AudioInfo):
        return check_audio(info, spec.audio)
    return check_video(info, spec.video)
