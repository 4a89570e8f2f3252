"""Text for a terminal, word for word."""

from collections.abc import Sequence
from textwrap import dedent

import pytest

from prep.model.finding import Finding
from prep.model.manifest import Totals, totals
from prep.model.media import MediaInfo
from prep.model.plan import (
    EncodeVideo,
    Options,
    Trim,
)
from prep.model.reference import Part, Reference
from prep.model.report import Fix
from prep.render.describe import describe_limits
from prep.render.text import (
    finding_line,
    findings_text,
    limits_text,
    manifest_text,
    plan_text,
    report_text,
    totals_text,
)
from prep.render.verdict import report_verdict
from prep.specs import load_spec
from tests.made import ENDPOINTS, SEEDANCE_2, Item, audio, image, manifest, plan_of, report_of, video, wav


def _text(block: str) -> str:
    return dedent(block).strip("\n")


def test_a_report_of_what_is_fine() -> None:
    assert report_text(report_of(image(), video())) == _text("""
        OK as it is
        Limits: bytedance/seedance-2.0/reference-to-video

        @Image1  clips/image-1.jpeg
          JPEG 1200×900, 400 kB
          ✓ OK
        @Video1  clips/video-2.mp4
          MP4 H.264 1280×720, 24 fps, 5 s, AAC sound, 2 MB
          ✓ OK
        Together: 1 image, 1 video (5 s, 2 MB)
    """)


def test_a_report_of_what_is_not() -> None:
    walk = Reference(location="in/walk.mov", name="walk")
    items: list[Item] = [
        (video(1920, 1080, container="mov", fps=23.976, duration_s=15.1, bytes=31_200_000), walk),
        audio(60),
        image(container="heif", bytes=90_000, private_metadata=("gps", "owner")),
    ]
    assert report_text(report_of(*items, prompt="@Walk with @nobody to @Audio1")) == _text("""
        6 problems: `prep` fixes 5, 1 is left to you; also 4 warnings
        Limits: bytedance/seedance-2.0/reference-to-video

        @Video1 (@walk)  in/walk.mov
          MOV H.264 1920×1080, 23.98 fps, 15.1 s, AAC sound, 31.2 MB
          ✗ video-area-too-large: the area of 1920×1080 is 2,073,600 px (max 927,408 px)  → scale it down
          ✗ video-fps-too-low: the frame rate is 23.98 fps (min 24 fps)  → raise the frame rate by repeating frames evenly
          ! video-too-long: the duration is 15.1 s (max 15 s; 15.2 s reportedly passes)
        @Audio1  clips/audio-2.mp3
          MP3, 60 s, 44.1 kHz stereo, 80 kB
          ✗ audio-too-long: the duration is 60 s (max 15 s)  → keep one part of it; #t=START,END chooses which
        @Image1  clips/image-3.heif
          HEIF 1200×900, 90 kB
          ✗ image-format-unsupported: the format is HEIF (allowed: JPEG, PNG, WebP)  → convert it
          ! image-private-metadata: contains your GPS position and the owner's name; --strip-metadata removes them
        Together: 1 image, 1 video (15.1 s, 31.2 MB), 1 sound (60 s)
          ! videos-too-long: the combined duration of the videos is 15.1 s (max 15 s; 15.2 s reportedly passes)
          ✗ audios-too-long: the combined duration of the sounds is 60 s (max 15 s)  → share the seconds: short sounds stay whole, the longer ones divide what is left
          ! prompt-reference-unused: @Image1 is sent, but the prompt doesn't mention it

        Fix yourself:
          ✗ prompt-tag-undefined: the prompt names @nobody, but no reference has that name (known: @walk, @Audio1, @Image1)
    """)  # noqa: E501


@pytest.mark.parametrize(
    ("items", "verdict"),
    [
        ((audio(),), "1 problem to fix yourself"),
        ([image()] * 10 + [video(duration_s=2)] * 4, "3 problems to fix yourself"),
        ((image(container="gif"),), "1 problem; `prep` fixes it"),
        ((image(container="gif"), image(100, 100)), "3 problems; `prep` fixes all of them; also 1 warning"),
        ((image(container="gif"), image(7000, 5000)), "2 problems; `prep` fixes both"),
        ((audio(60),), "3 problems: `prep` fixes 2, 1 is left to you"),
    ],
)
def test_the_verdict_comes_first(items: Sequence[Item], verdict: str) -> None:
    assert report_text(report_of(*items)).splitlines()[:3] == [verdict, f"Limits: {SEEDANCE_2}", ""]


@pytest.mark.parametrize(
    ("made", "private", "verdict"),
    [
        ((True,), (), "OK, fixed"),
        ((False,), (), "OK as it is; copied"),
        ((True, False), (), "OK, fixed"),
        ((False,), ("gps",), "OK as it is, with 1 warning; copied"),
    ],
)
def test_a_copy_is_not_called_fixed(made: Sequence[bool], private: tuple[str, ...], verdict: str) -> None:
    steps = plan_of(image(4000, 1000)).entries[0].steps
    fixes = [Fix(tag=None, path="a.png", steps=steps if changed else (), made="out/a.png") for changed in made]
    report = report_of(image(private_metadata=private)).model_copy(update={"fixes": tuple(fixes)})
    assert report_verdict(report) == verdict


def test_the_end_is_what_only_the_user_can_fix() -> None:
    """By name, and nothing about all references together is said twice."""
    text = report_text(report_of(*[image()] * 10, *[video(fps=10)] * 4))
    assert text.splitlines()[-4:] == [
        "Fix yourself:",
        "  ✗ too-many-images: 10 images (max 9)  → leave some out",
        "  ✗ too-many-videos: 4 videos (max 3)  → leave some out, or join short ones into one file",
        "  ✗ too-many-files: 14 files (max 12)  → leave some out",
    ]
    assert text.count("10 images (max 9)") == 1


def test_a_plan() -> None:
    walk = Reference(location="in/walk.mov", name="walk", part=Part(start_s=2.5, end_s=7.5))
    plan = plan_of(
        (video(1920, 1080, container="mov", duration_s=60, bytes=90_000_000), walk),
        image(private_metadata=("gps",)),
        image(4000, 1000, container="png"),
        wav(20, bytes=3_528_044),
    )
    assert plan_text(plan) == _text("""
        OK after prep, with 1 warning: 3 of 4 references will be re-made, 1 stays as it is
        Limits: bytedance/seedance-2.0/reference-to-video

        @Video1 (@walk)  in/walk.mov
          MOV H.264 1920×1080, 24 fps, 60 s, AAC sound, 90 MB
          - keep 0:02.5–0:07.5 (5 s)  because you asked
          - scale to 1280×720  because video-area-too-large
          - encode as H.264 in MP4  because the changes above need it
          → MP4 H.264 1280×720, 24 fps, 5 s, AAC sound
        @Image1  clips/image-2.jpeg
          JPEG 1200×900, 400 kB
          ✓ unchanged, byte for byte
        @Image2  clips/image-3.png
          PNG 4000×1000, 400 kB
          - pad to 4000×1600  because image-aspect-too-wide
          - encode as PNG: graphics, lossless  because the change above needs it
          → PNG 4000×1600
        @Audio1  clips/audio-4.wav
          WAV 16-bit PCM, 20 s, 44.1 kHz stereo, 3.53 MB
          - keep 0:00.0–0:14.9 (14.9 s): the start  because audio-too-long
          - encode as WAV: PCM stays PCM, without loss  because the change above needs it
          → WAV 16-bit PCM, 14.9 s, 44.1 kHz stereo, about 2.63 MB

        ! @Image1 image-2.jpeg: image-private-metadata: contains your GPS position; --strip-metadata removes it
    """)


def test_a_plan_that_changes_nothing() -> None:
    assert plan_text(plan_of(image())).splitlines()[0] == "OK as it is"


def test_the_conclusion_counts_the_warnings_about_prompt_and_request() -> None:
    more = report_of(image(), prompt="no tag").findings
    assert plan_text(plan_of(image()), more).splitlines()[0] == "OK as it is, with 1 warning"
    remade = plan_of(image(container="gif"), image(container="heif", private_metadata=("gps",)))
    assert plan_text(remade, more).startswith("OK after prep, with 1 warning: 2 of 2 references will be re-made\n")
    one = plan_of(image(container="heif"))
    assert plan_text(one, more).startswith("OK after prep, with 1 warning: the reference will be re-made\n")


def test_a_plan_says_what_the_new_file_does_not_tell_any_more() -> None:
    sideways = plan_of(image(orientation=6, private_metadata=("gps", "owner")), image(private_metadata=("gps",)))
    arrows = [line for line in plan_text(sideways).splitlines() if "→" in line]
    assert arrows == ["  → JPEG 1200×900; your GPS position and the owner's name removed"], "a file that stays tells it"


def test_a_plan_that_can_not_fix_everything() -> None:
    """It promises no fix for what is left: `fix` is what prep would do, and here that is nothing."""
    plan = plan_of(video(duration_s=1), options=Options(short="refuse"))
    lines = plan_text(plan).splitlines()
    assert lines[0] == "1 problem to fix yourself; until then `prep` makes nothing"
    assert "  ✗ not made: video-too-short" in lines and not any(line.startswith(("  -", "  ✓")) for line in lines)
    assert lines[-2:] == [
        "Fix yourself:",
        "  ✗ @Video1 video-1.mp4: video-too-short: the duration is 1 s (min 2 s)  → use a longer clip or part, or "
        "lengthen it with --short hold",
    ]


def test_a_manifest() -> None:
    whole = manifest(video(), image(), names={"@Video1": "walk"})
    made = whole.entries[0].model_copy(
        update={
            "steps": (
                Trim(start_s=1, duration_s=5, because=("asked",)),
                EncodeVideo(fps="24/1", max_bytes=5, because=("asked",)),
            )
        }
    )
    finding = Finding(rule="r", severity="warning", basis="advice", subject="a.jpg", actual=1, allowed=2, message="m")
    whole = whole.model_copy(update={"entries": (made, *whole.entries[1:]), "findings": (finding,)})
    assert manifest_text(whole, "out") == _text("""
        Ready, with 1 warning: 1 image, 1 video (5 s, 2 MB)
        Limits: bytedance/seedance-2.0/reference-to-video

        @Video1 (@walk)  clips/video1.mp4
          MP4 H.264 1280×720, 24 fps, 5 s, AAC sound, 2 MB
          - keep 0:01.0–0:06.0 (5 s)  because you asked
          - encode as H.264 in MP4  because the change above needs it
          → video1.mp4  MP4 H.264 1280×720, 24 fps, 5 s, AAC sound, 2 MB
        @Image1  clips/image1.jpeg
          JPEG 1200×900, 400 kB
          ✓ unchanged, byte for byte
          → image1.jpeg

        ! a.jpg: r: m

        1 re-made, 1 copied unchanged, in out/
    """)


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (
            Finding(
                rule="image-file-too-large",
                severity="error",
                basis="documented",
                subject="hero.png",
                actual=1,
                allowed=2,
                message="the file is 31.2 MB (max 30 MB)",
                fix="re-encode it",
            ),
            "✗ hero.png: image-file-too-large: the file is 31.2 MB (max 30 MB); prep would re-encode it",
        ),
        (
            Finding(rule="r", severity="warning", basis="advice", actual=1, allowed=2, message="about the set"),
            "! r: about the set",
        ),
        (
            Finding(rule="r", severity="info", basis="advice", subject="a", actual=1, allowed=2, message="m"),
            "· a: r: m",
        ),
    ],
    ids=["error", "warning", "info"],
)
def test_a_finding(finding: Finding, line: str) -> None:
    assert findings_text([finding]) == line
    assert finding_line(finding) == line[2:]


@pytest.mark.parametrize(
    ("infos", "text"),
    [
        ([], ""),
        ([image()], "1 image"),
        ([image()] * 2, "2 images"),
        ([video(), video()], "2 videos (10 s, 4 MB)"),
        ([audio(2.25)], "1 sound (2.25 s)"),
        ([image(), audio(), audio()], "1 image, 2 sounds (10 s)"),
    ],
    ids=str,
)
def test_totals(infos: list[MediaInfo], text: str) -> None:
    counted: Totals = totals(infos)
    assert totals_text(counted) == text


def test_the_seconds_that_parts_use_are_told_from_those_of_the_files() -> None:
    items: list[Item] = [
        video(duration_s=5),
        (video(duration_s=60), Part(start_s=10, end_s=16)),
        (audio(duration_s=20), Part(start_s=0, end_s=4.5)),
    ]
    together = next(line for line in report_text(report_of(*items)).splitlines() if line.startswith("Together"))
    assert together == "Together: 2 videos (11 s used of 65 s, 4 MB), 1 sound (4.5 s used of 20 s)"


def test_limits() -> None:
    lines = limits_text(load_spec(), ["a/b", "c/d"]).splitlines()
    assert lines[0] == "bytedance/seedance-2.0/reference-to-video  (as read on 2026-09-22; --json names the pages)"
    assert lines[1] == ""
    assert lines[2].split() == ["limit", "basis", "value"]
    rows = {line.split()[0]: line.split("  ") for line in lines[3 : lines.index("", 2)]}
    cells = {name: [cell.strip() for cell in row if cell.strip()] for name, row in rows.items()}
    assert cells["image.max_bytes"] == ["image.max_bytes", "documented", "30,000,000 bytes (31,457,280 bytes accepted)"]
    assert cells["video.max_area_px"] == ["video.max_area_px", "documented", "927,408 px"]
    assert cells["video.max_duration_s"] == ["video.max_duration_s", "upstream", "15 s (15.2 s accepted)"]
    assert cells["video.min_fps"] == ["video.min_fps", "upstream", "24 fps"]
    assert cells["image.max_aspect"] == ["image.max_aspect", "upstream", "2.5"]
    assert cells["set.audio_needs_visual"] == ["set.audio_needs_visual", "documented", "yes"]
    assert cells["video.containers"] == ["video.containers", "documented", "mp4, mov"]
    resolution = "480p, 720p (default), 1080p, 4k"
    assert cells["request.resolution"] == ["request.resolution", "documented", resolution]
    assert cells["request.generate_audio"] == ["request.generate_audio", "documented", "true (default), false"]
    assert cells["request.seed"] == [
        "request.seed",
        "documented",
        "a whole number; on the endpoint's page, but not in its schema",
    ]
    assert cells["set.useful_prompt_words"][-1] == "1,000 words (English and most languages)"
    assert cells["set.useful_prompt_characters"][-1] == "500 characters (Chinese, Japanese, Korean)"
    legend = lines[lines.index("", 2) + 1 : -2]
    assert [line.partition(":")[0] for line in legend] == ["documented", "accepted", "aspect"]
    assert lines[-2:] == ["", "other endpoints: a/b, c/d"]


def test_limits_show_notes() -> None:
    spec = load_spec().model_copy(update={"notes": "Read from a stored copy."})
    assert limits_text(spec, []).splitlines()[1] == spec.notes


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_limit_has_its_row(endpoint: str) -> None:
    spec = load_spec(endpoint)
    stated = {
        f"{group}.{name}"
        for group in ("image", "video", "audio", "set", "request")
        for name, limit in getattr(spec, group)
        if hasattr(limit, "basis")
    }
    assert {row[0] for row in describe_limits(spec)} == stated
