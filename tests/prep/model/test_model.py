"""Values: frozen, closed, and the same after a round through JSON."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from prep.inputs.jobs import Job
from prep.model.finding import Finding, errors_in
from prep.model.media import EXTENSIONS, MEDIA_TYPES, Kind, MediaInfo
from prep.model.plan import Options, Plan, Remux, Trim, find
from prep.model.reference import Part, Reference, tags_for
from prep.model.value import Value
from prep.specs import all_specs, load_spec
from tests.made import audio, image, plan_of, video

VALUES = [
    image(),
    video(),
    audio(),
    Options(),
    Reference(location="a", part=Part(start_s=1, end_s=2)),
    Job(prompt="x"),
    plan_of(image(200, 200), video(1920, 1080, duration_s=60), audio(60, container="m4a", codec="aac")),
    load_spec(),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_survives_json(value: BaseModel) -> None:
    assert type(value).model_validate_json(value.model_dump_json()) == value


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_does_not_change(value: BaseModel) -> None:
    name = next(iter(type(value).model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(value, name, None)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_takes_no_unknown_key(value: BaseModel) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        type(value).model_validate(value.model_dump() | {"colour": "red"})


MEDIA_INFO: TypeAdapter[MediaInfo] = TypeAdapter(MediaInfo)


@pytest.mark.parametrize("info", [image(), video(), audio()], ids=lambda info: info.kind)
def test_the_kind_tells_which_facts_follow(info: MediaInfo) -> None:
    assert MEDIA_INFO.validate_json(MEDIA_INFO.dump_json(info)) == info


def test_facts_of_no_known_kind() -> None:
    with pytest.raises(ValidationError, match="kind"):
        MEDIA_INFO.validate_python({"kind": "text", "container": "txt", "bytes": 5})


@pytest.mark.parametrize(
    ("kinds", "tags"),
    [
        ([], ()),
        (["image"], ("@Image1",)),
        (["video", "video"], ("@Video1", "@Video2")),
        (
            ["image", "video", "image", "audio", "image", "video"],
            ("@Image1", "@Video1", "@Image2", "@Audio1", "@Image3", "@Video2"),
        ),
        (["image"] * 11, tuple(f"@Image{number}" for number in range(1, 12))),
    ],
)
def test_tags_count_each_kind_in_the_order_given(kinds: list[Kind], tags: tuple[str, ...]) -> None:
    assert tags_for(kinds) == tags


def test_find() -> None:
    trim = Trim(start_s=0, duration_s=2, because=("asked",))
    steps = (trim, Remux(because=("asked",)))
    assert find(steps, Trim) is trim
    assert find((trim,), Remux) is None
    assert find((), Trim) is None


def test_errors_in() -> None:
    findings = tuple(
        Finding(rule="r", severity=severity, basis="advice", actual=1, allowed=2, message=severity)
        for severity in ("error", "warning", "info", "error")
    )
    assert [finding.message for finding in errors_in(findings)] == ["error", "error"]


def test_unfixable_is_of_all_files_and_of_the_set() -> None:
    plan = plan_of(video(duration_s=1), audio(1), options=Options(short="refuse"))
    assert [(finding.rule, finding.tag) for finding in plan.unfixable] == [
        ("video-too-short", "@Video1"),
        ("audio-too-short", "@Audio1"),
    ]


def test_every_container_that_is_taken_or_made_has_a_name_and_a_type() -> None:
    """A manifest gives the type of every file, and a name that uploaders guess the type from."""
    taken = {
        container
        for spec in all_specs().values()
        for group in (spec.image, spec.video, spec.audio)
        for container in group.containers.value
    }
    assert taken <= set(EXTENSIONS) and taken <= set(MEDIA_TYPES)
    assert set(EXTENSIONS) == set(MEDIA_TYPES)
    assert len(set(EXTENSIONS.values())) == len(EXTENSIONS)


def test_a_plan_of_another_version_is_refused() -> None:
    plan = plan_of(video(1920, 1080)).model_dump_json()
    with pytest.raises(ValidationError):
        Plan.model_validate_json(plan.replace('"scale"', '"sharpen"'))


class Place(Value):
    path: Path


class _OncePath(type(Path())):  # type: ignore[misc]  the class of paths on this system
    """A path that a signal interrupts the first time it is written."""

    interrupted = False

    def __str__(self) -> str:
        if not self.interrupted:
            self.interrupted = True
            raise KeyboardInterrupt
        return super().__str__()


@pytest.mark.parametrize(
    "dump", [Place.model_dump_json, partial(Place.model_dump, mode="json")], ids=["text", "values"]
)
def test_an_interrupt_stays_one(dump: Callable[[Place], object]) -> None:
    """pydantic's serializer of paths would make another error of it."""
    place = Place.model_construct(path=_OncePath("x"))
    with pytest.raises(KeyboardInterrupt):
        dump(place)
    assert dump(place) in ('{"path":"x"}', {"path": "x"})
