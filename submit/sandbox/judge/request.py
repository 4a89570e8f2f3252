"""Judge of one request body: everything that the platform and the provider behind it would refuse."""

from collections.abc import Callable, Iterator
from pathlib import Path

from prep.model.limits import EndpointSpec
from prep.model.value import Value
from submit.sandbox.judge.arguments import argument_problems, read_urls
from submit.sandbox.judge.measure import (
    MeasuredAudio,
    MeasuredImage,
    MeasuredVideo,
    NotMedia,
    measure_audio,
    measure_image,
    measure_video,
)
from submit.sandbox.judge.media import (
    Place,
    audio_problems,
    bounds,
    image_problems,
    invalid,
    unsupported,
    video_problems,
)
from submit.sandbox.judge.problem import Problem

Locate = Callable[[str], Path | None]


class References(Value):
    """The readable references, in list order."""

    images: tuple[MeasuredImage, ...] = ()
    videos: tuple[MeasuredVideo, ...] = ()
    audios: tuple[MeasuredAudio, ...] = ()

    @property
    def visuals(self) -> tuple[MeasuredImage | MeasuredVideo, ...]:
        return (*self.images, *self.videos)

    @property
    def video_s(self) -> float:
        return round(sum(video.duration_s for video in self.videos), 3)


class Verdict(Value):
    """No problems means that the platform would generate."""

    problems: tuple[Problem, ...]
    references: References


def judge(body: object, spec: EndpointSpec, locate: Locate) -> Verdict:
    """Judge one body. *locate* returns the file behind a URL, or None if it can't be downloaded."""
    if not isinstance(body, dict):
        wrong = Problem(loc=("body",), type="model_attributes_type", msg="Input should be a valid dictionary")
        return Verdict(problems=(wrong,), references=References())
    problems = list(argument_problems(body, spec.request))
    image_urls, wrong_images = read_urls(body, "image_urls", spec.image.max_count.tolerated)
    video_urls, wrong_videos = read_urls(body, "video_urls", spec.video.max_count.tolerated)
    audio_urls, wrong_audios = read_urls(body, "audio_urls", spec.audio.max_count.tolerated)
    problems += [*wrong_images, *wrong_videos, *wrong_audios]

    # The provider's one list: the prompt first, then images, videos and audio.
    content = 1
    images, videos, audios = [], [], []
    for place, path in _located("image_urls", image_urls, content, locate, problems):
        try:
            image = measure_image(path)
        except NotMedia:
            problems.append(Problem(loc=place.loc, type="image_load_error", msg="Failed to load the image."))
            continue
        images.append(image)
        problems += image_problems(place, image, spec.image)
    content += len(image_urls)
    for place, path in _located("video_urls", video_urls, content, locate, problems):
        try:
            video = measure_video(path)
        except NotMedia:
            problems.append(unsupported(place, "video", spec.video.containers))
            continue
        videos.append(video)
        problems += video_problems(place, video, spec.video)
    content += len(video_urls)
    for place, path in _located("audio_urls", audio_urls, content, locate, problems):
        try:
            audio = measure_audio(path)
        except NotMedia:
            problems.append(unsupported(place, "audio", spec.audio.containers))
            continue
        audios.append(audio)
        problems += audio_problems(place, audio, spec.audio)

    references = References(images=tuple(images), videos=tuple(videos), audios=tuple(audios))
    problems += _total_problems(references, spec)
    counts = len(image_urls), len(video_urls), len(audio_urls)
    problems += _set_problems(counts, spec)
    return Verdict(problems=tuple(problems), references=references)


def _located(
    key: str, urls: tuple[str | None, ...], content: int, locate: Locate, problems: list[Problem]
) -> Iterator[tuple[Place, Path]]:
    """Yield each reference that can be downloaded; add a problem for the others."""
    for index, url in enumerate(urls):
        place = Place(key=key, index=index, content=content + index)
        if url is None:
            continue
        path = locate(url)
        if path is None:
            message = "Failed to download the file. Please check that the URL is accessible and try again."
            problems.append(Problem(loc=place.loc, type="file_download_error", msg=message))
        else:
            yield place, path


def _total_problems(references: References, spec: EndpointSpec) -> Iterator[Problem]:
    video, audio = spec.video, spec.audio
    video_bytes = sum(item.size_bytes for item in references.videos)
    audio_s = round(sum(item.duration_s for item in references.audios), 3)
    least_s, most_s = video.min_total_duration_s if references.videos else None, video.max_total_duration_s
    videos, audios = Place(key="video_urls"), Place(key="audio_urls")
    yield from bounds(videos, "seconds of all videos", references.video_s, least_s, most_s)
    yield from bounds(videos, "bytes of all videos", video_bytes, None, video.max_total_bytes)
    yield from bounds(audios, "seconds of all audio", audio_s, None, audio.max_total_duration_s)


def _set_problems(counts: tuple[int, int, int], spec: EndpointSpec) -> Iterator[Problem]:
    most, needs_visual = spec.set.max_files, spec.set.audio_needs_visual
    if most and sum(counts) > most.tolerated:
        reason = f"there must be at most {most.tolerated} references, there are {sum(counts)}"
        yield invalid(Place(), reason)
    images, videos, audios = counts
    if needs_visual and needs_visual.tolerated and audios and not images and not videos:
        yield invalid(Place(key="audio_urls"), "audio needs at least one image or video beside it")
