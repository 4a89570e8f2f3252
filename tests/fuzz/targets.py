"""Fuzz targets: each takes bytes from strangers, and may raise PrepError and nothing else."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import httpx

from fixtures.make import make
from prep import Options, check, plan, prepare
from prep.errors import ExitCode, NonCompliantError, PrepError
from prep.inputs.jobs import read_job, read_jobs
from prep.inputs.parse import parse_reference
from prep.inputs.plans import read_plan
from prep.specs import load_spec, parse_spec
from prep.specs.drift import compare
from prep.specs.openapi import read_input
from submit.fal.answers import read_refusal, request_id_of
from submit.job.receipt import read_receipt
from submit.refusal.translate import findings_of
from submit.webhook.signature import verify
from tests.published import published

# One small file of each format.
MEDIA = (
    *("photo.jpg", "photo.webp", "photo.heic", "photo_grid.heic", "photo.avif", "photo.tiff", "photo.bmp", "photo.jxl"),
    *("small_200.png", "palette.png", "grey16.png", "cmyk.jpg", "gain_map.jpg", "stereo.mpo", "photo.jp2"),
    *("animated.gif", "animated.webp", "animated.png", "animated.jxl", "linear.png", "cielab.tiff"),
    *("short_1s.mp4", "fragmented.mp4", "no_duration.webm", "h264_aac.mkv", "h264_aac.ts", "mjpeg_pcm.mov", "gps.mov"),
    *("clean_aperture.mp4", "vfr.mp4", "opus_in_mp4.mp4"),
    *("voice.mp3", "no_xing.mp3", "short_1s.wav", "rf64.wav", "tone_5s.m4a", "tone_5s.flac", "tone_5s.ogg"),
    *("tone_51.opus", "tone_8k.amr", "tone_5s.aiff", "tone_5s.caf", "tone_5s.wma", "tagged.aac", "adpcm.wav"),
)
LARGEST_SEED_BYTES = 1_500_000
CRASHES = ("the decoder crashed", "took more than", "of memory")


class Fault(Exception):
    """The target has answered, but not as it must."""


class Target(NamedTuple):
    """*read* is called with bytes; *seeds* are good ones, by name."""

    seeds: dict[str, bytes]
    read: Callable[[bytes], None]


def targets(folder: Path, media: Path) -> dict[str, Target]:
    """All targets by name; their files are made in *folder*, and the fixtures in *media* unless they are there."""
    return {**_media(folder, media), **_documents(folder)}


def _media(folder: Path, media: Path) -> dict[str, Target]:
    made = {name: make(name, media).read_bytes() for name in MEDIA}
    small = {name: data for name, data in made.items() if len(data) <= LARGEST_SEED_BYTES}
    kinds: dict[str, dict[str, bytes]] = {}
    for name, data in small.items():
        kinds.setdefault(Path(name).suffix.removeprefix("."), {})[name] = data
    return {kind: Target(seeds, _reader_of(folder, media, kind)) for kind, seeds in kinds.items()}


def _reader_of(folder: Path, media: Path, kind: str) -> Callable[[bytes], None]:
    source, picture = folder / f"source.{kind}", make("small_200.png", media)

    def read(data: bytes) -> None:
        source.write_bytes(data)
        references = [source, picture]
        try:
            fixable = all(
                finding.fix for finding in check(references, thorough=True).findings if finding.severity == "error"
            )
        except PrepError as error:
            _judge(error)
            return
        out = folder / "out"
        try:
            prepare(references, out=out, options=Options(metadata="strip"))
        except NonCompliantError:
            if fixable:
                raise Fault("check calls it mendable, and prep does not mend it") from None
        except PrepError as error:
            _judge(error)
        finally:
            for path in out.glob("*"):
                path.unlink()

    return read


def _judge(error: PrepError) -> None:
    if error.exit_code == ExitCode.BUG:
        raise Fault(f"exit code 3: {error}")
    if any(words in str(error) for words in CRASHES):
        raise Fault(str(error))


def _documents(folder: Path) -> dict[str, Target]:
    spec = (Path(load_spec.__code__.co_filename).parent / "seedance-2.0.toml").read_bytes()
    api = json.dumps(published()).encode()
    job = json.dumps(
        {"references": ["a.jpg", "walk=b.mp4#t=1,2"], "prompt": "@Image1", "options": {"fit": "crop"}}
    ).encode()
    picture = make("small_200.png", folder / "media")
    planned = plan([picture]).model_dump_json().encode()
    answer = json.dumps({"detail": [{"loc": ["body", "image_urls", 0], "msg": "too small", "type": "image_too_small"}]})
    notice = json.dumps({"request_id": "a", "status": "OK", "payload": {}}).encode()

    def in_file(name: str, read: Callable[[Path], object]) -> Callable[[bytes], None]:
        path = folder / "documents" / name
        path.parent.mkdir(exist_ok=True)

        def from_bytes(data: bytes) -> None:
            path.write_bytes(data)
            read(path)

        return from_bytes

    def read_openapi(data: bytes) -> None:
        with suppress(ValueError, RecursionError):  # what reads the document says so before
            document = json.loads(data)
            compare(read_input(document, "openapi.json"), load_spec())

    def read_answer(data: bytes) -> None:
        response = httpx.Response(422, content=data, headers={"x-fal-request-id": data[:20].hex()})
        request_id_of(response)
        manifest = prepared()
        findings_of(read_refusal(response, "submit"), manifest)

    def prepared() -> object:
        out = folder / "prepared"
        if "manifest" not in kept:
            kept["manifest"] = prepare([picture], out=out)
        return kept["manifest"]

    kept: dict[str, object] = {}
    return {
        "fragment": Target(
            {
                "part": b"walk=a b.mp4#t=1.5,2&xywh=percent:5,5,90,90&track=audio",
                "url": b"https://a.example/b.mp4?x#t=best:3",
            },
            lambda data: _ignored(parse_reference(data.decode("utf-8", "surrogateescape"), lambda path: False)),
        ),
        "spec": Target({"2.0": spec}, lambda data: _ignored(parse_spec(data.decode("utf-8", "replace"), "spec.toml"))),
        "job.json": Target({"job": job}, in_file("job.json", read_job)),
        "job.yaml": Target({"job": b"references: [a.jpg, walk=b.mp4]\nprompt: hello\n"}, in_file("job.yaml", read_job)),
        "jobs": Target({"jobs": job + b"\n" + job}, in_file("jobs.jsonl", lambda path: list(read_jobs(path)))),
        "plan": Target(
            {"plan": planned}, in_file("plan.json", lambda path: prepare(read_plan(path), out=folder / "out"))
        ),
        "receipt": Target(
            {"receipt": b'{"id": "a", "state": "submitted"}'},
            in_file("receipt.json", lambda path: read_receipt(path.parent)),
        ),
        "openapi": Target({"openapi": api}, read_openapi),
        "answer": Target({"refusal": answer.encode(), "text": b"upstream"}, read_answer),
        "webhook": Target(
            {"notice": notice},
            lambda data: _ignored(
                verify({"x-fal-webhook-request-id": data[:9].decode("latin-1")}, data, keys={"keys": []})
            ),
        ),
    }


def _ignored(result: object) -> None:
    """The result is not looked at."""
