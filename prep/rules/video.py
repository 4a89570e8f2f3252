"""The rules for one video."""

from prep.model.limits import VideoLimits
from prep.model.media import VideoInfo
from prep.rules.findings import Findings, advice, amount, amounts, at_least, at_most, one_of
from prep.rules.sides import check_enlargement, check_sides

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
        *_doubtful(info),
        *check_enlargement("video", info.width, info.height, limits),
        *_useful(info, limits),
        *_bit_rate(info),
        *_advice(info),
    )


def damaged(packets: int) -> Findings:
    """What decoding showed: *packets* that gave no picture or sound, or a damaged one."""
    if not packets:
        return ()
    message = f"{packets} of its packets are damaged; smears or jumps may show where the decoder hid them"
    return advice("video-damaged", packets, 0, message)


def _doubtful(info: VideoInfo) -> Findings:
    turned = f"{info.rotation}°" + (", mirrored" if info.mirrored else "")
    return (
        *(
            advice(
                "video-truncated", "truncated", "whole", "the file ends before its index says; what is there is used"
            )
            if info.truncated
            else ()
        ),
        *(
            advice(
                "video-not-upright",
                turned,
                "0°",
                f"it stands upright only for players that heed its display matrix ({turned})",
            )
            if info.rotation or info.mirrored
            else ()
        ),
        *(
            advice(
                "video-pixels-not-square",
                info.sar,
                "1:1",
                f"its pixels are not square ({info.sar}): a reader that ignores that sees it stretched",
            )
            if info.sar != "1:1"
            else ()
        ),
    )


def _useful(info: VideoInfo, limits: VideoLimits) -> Findings:
    """Nothing beside the limit: that says already that it is too long."""
    limit, most = limits.useful_duration_s, limits.max_duration_s
    if limit is None or info.duration_s <= limit.value or (most and info.duration_s > most.value):
        return ()
    found, useful = amounts(info.duration_s, limit.value, "s")
    message = f"it lasts {found}; up to {useful} are said to be of use, and every second is billed"
    return advice("video-longer-than-useful", info.duration_s, limit.value, message, "s")


def _bit_rate(info: VideoInfo) -> Findings:
    """The soundtrack is counted in, so that the picture has even less than is told."""
    if info.duration_s <= 0:
        return ()
    rate_bps = info.bytes * 8 / info.duration_s
    if rate_bps >= VERY_LOW * info.width * info.height * info.avg_fps:
        return ()
    what = f"{info.width}×{info.height} at {amount(info.avg_fps, 'fps')}"
    message = f"{rate_bps / 1000:,.0f} kbit/s for {what} is very little"
    least = round(VERY_LOW * info.width * info.height * info.avg_fps)
    return advice("video-bit-rate-very-low", round(rate_bps), least, message, "bit/s")


def _advice(info: VideoInfo) -> Findings:
    private = ", ".join(info.private_metadata)
    return (
        *(advice("video-hdr", info.hdr, "SDR", "it is HDR; a reader for SDR sees it pale") if info.hdr else ()),
        *(
            advice("video-variable-frame-rate", "variable", "constant", "its frame rate varies; motion may stutter")
            if info.vfr
            else ()
        ),
        *(
            advice("video-interlaced", "interlaced", "progressive", "it is interlaced; motion may show combs")
            if info.interlaced
            else ()
        ),
        *(
            advice("video-private-metadata", private, "none", f"it tells more than the picture: {private}")
            if private
            else ()
        ),
    )
