"""The rules for one video."""

from fractions import Fraction
from typing import Literal

from prep.model.limits import VideoLimits
from prep.model.media import VideoInfo, is_plausible_sar
from prep.rules.amounts import amount, amounts
from prep.rules.findings import Findings, advice, at_least, at_most, one_of
from prep.rules.private import check_private
from prep.rules.sides import check_enlargement, check_sides
from prep.rules.tracks import changed, misleading, truncated

# Bits for each pixel of each frame. Streaming services spend 0.05 to 0.1 on H.264, and half of that on HEVC and AV1.
VERY_LOW = 0.01


def check_video(info: VideoInfo, limits: VideoLimits) -> Findings:
    """Every finding about one video, in a fixed order. What holds over all videos together is `check_set`'s."""
    return (
        *one_of("video-container-unsupported", info.container, limits.containers),
        *one_of("video-codec-unsupported", info.codec, limits.codecs),
        *(one_of("video-audio-codec-unsupported", info.audio_codec, limits.audio_codecs) if info.audio_codec else ()),
        *at_most("video-file-too-large", info.bytes, limits.max_bytes, "bytes"),
        *check_sides("video", info.width, info.height, limits),
        *at_least("video-fps-too-low", info.avg_fps, limits.min_fps, "fps"),
        *at_most("video-fps-too-high", info.avg_fps, limits.max_fps, "fps"),
        *at_least("video-too-short", info.duration_s, limits.min_duration_s, "s"),
        *at_most("video-too-long", info.duration_s, limits.max_duration_s, "s"),
        *truncated(info),
        *misleading("video-length-misleading", info.duration_s, info.claimed_s, "header or another track"),
        *_several(info),
        *changed("video-picture-changes", info.changes, "picture"),
        *changed("video-sound-changes", info.changes, "sound"),
        *_orientation(info),
        *_pixels(info),
        *check_enlargement("video", info.width, info.height, limits),
        *_useful(info, limits),
        *_bit_rate(info),
        *_hdr(info),
        *_transparency(info),
        *_rhythm(info),
        *check_private("video-private-metadata", info.private_metadata),
    )


def damaged(packets: int) -> Findings:
    """Damage that decoding showed: *packets* that gave no picture or sound, or a damaged one."""
    if not packets:
        return ()
    verb = "is" if packets == 1 else "are"
    message = f"{packets:,} of its data packets {verb} damaged: smears or jumps may show; look at the result"
    return advice("video-damaged", packets, 0, message)


def unforeseen(track: Literal["picture", "sound"] | None) -> Findings:
    """A change of *track* that only decoding showed: of a large file, or of one at a URL, the beginning is known."""
    if track is None:
        return ()
    message = f"the {track} changes midway, which only making it showed; look at it"
    return advice(f"video-{track}-changes", "changes", "constant", message)


def _several(info: VideoInfo) -> Findings:
    if info.video_streams < 2:
        return ()
    message = f"has {info.video_streams} video tracks; it is not certain which one is used"
    return advice("video-several-pictures", info.video_streams, 1, message)


def _orientation(info: VideoInfo) -> Findings:
    if not (info.rotation or info.mirrored):
        return ()
    turned = f"{info.rotation}°" + (", mirrored" if info.mirrored else "")
    words = {0: "", 180: "upside down"}.get(info.rotation, "sideways")
    stored = " and ".join(word for word in (words, "mirrored" if info.mirrored else "") if word)
    flag = f"the rotation flag ({info.rotation}°)" if info.rotation else "the display matrix"
    return advice("video-not-upright", turned, "0°", f"stored {stored}; some players ignore {flag}")


def _pixels(info: VideoInfo) -> Findings:
    if info.sar == "1:1":
        return ()
    if not is_plausible_sar(Fraction(info.sar.replace(":", "/"))):
        message = f"impossible pixels ({info.sar}): taken as square, since players that believe this show a strip"
        return advice("video-pixels-not-square", info.sar, "1:1", message)
    message = f"non-square pixels ({info.sar}): looks stretched in players that ignore this"
    return advice("video-pixels-not-square", info.sar, "1:1", message)


def _useful(info: VideoInfo, limits: VideoLimits) -> Findings:
    """Nothing beside the limit: that says already that it is too long."""
    limit, most = limits.useful_duration_s, limits.max_duration_s
    if limit is None or info.duration_s <= limit.value or (most and info.duration_s > most.value):
        return ()
    actual, useful = amounts(info.duration_s, limit.value, "s")
    message = f"lasts {actual}; longer than {useful} reportedly doesn't help, and every second is billed"
    return advice("video-longer-than-useful", info.duration_s, limit.value, message, "s")


def _bit_rate(info: VideoInfo) -> Findings:
    """The soundtrack counts, so that the picture has even less than the message says."""
    if info.duration_s <= 0:
        return ()
    rate_bps = info.bytes * 8 / info.duration_s
    if rate_bps >= VERY_LOW * info.width * info.height * info.avg_fps:
        return ()
    picture = f"{info.width}×{info.height} at {amount(info.avg_fps, 'fps')}"
    message = f"{amount(rate_bps / 1000, '')} kbit/s is very low for {picture}"
    least = round(VERY_LOW * info.width * info.height * info.avg_fps)
    return advice("video-bit-rate-very-low", round(rate_bps), least, message, "bit/s")


def _hdr(info: VideoInfo) -> Findings:
    if not info.hdr:
        return ()
    return advice("video-hdr", info.hdr, "SDR", f"HDR ({info.hdr.upper()}): looks washed out in SDR viewers")


def _transparency(info: VideoInfo) -> Findings:
    if not info.has_alpha:
        return ()
    return advice("video-transparent", "transparent", "opaque", "has transparency, which H.264 can't hold")


def _rhythm(info: VideoInfo) -> Findings:
    varies, interlaced = "variable frame rate: motion may stutter", "interlaced: motion may show combing"
    return (
        *(advice("video-variable-frame-rate", "variable", "constant", varies) if info.vfr else ()),
        *(advice("video-interlaced", "interlaced", "progressive", interlaced) if info.interlaced else ()),
    )
