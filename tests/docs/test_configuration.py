"""Examples of docs/configuration.md."""

import re
import tomllib
from pathlib import Path

from prep.cli.project import Project, defaults_of
from prep.inputs.jobs import read_job
from prep.model.generation import Generation
from prep.specs import load_spec, read_spec
from prep.specs.parameters import with_defaults
from submit.command import all_commands

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
OPTIONS, SPEC = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def test_options_of_a_project() -> None:
    defaults = defaults_of(Project(PAGE, tomllib.loads(OPTIONS), OPTIONS), all_commands())
    assert set(defaults) == {"endpoint", "fit", "window", "max_cost", "ignore", "fail_on"}
    assert load_spec(defaults["endpoint"])


def test_a_spec_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "wider.toml"
    path.write_text(SPEC, "utf-8")
    video = read_spec(path).video
    assert video.max_area_px is not None and video.max_fps is not None
    assert (video.max_area_px.value, video.max_area_px.accepted) == (2_086_876, 2_090_000)
    assert (video.max_area_px.basis, video.max_fps.basis) == ("documented", "advice")
    assert video.useful_duration_s is None
    request = read_spec(path).request
    assert (request["style"].default, request["steps"].type) == ("filmed", "integer")


def test_the_parameters_of_a_job(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0], "utf-8")
    (call,) = re.findall(r"```python\n(Generation.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert read_job(path).generation == eval(call, {"Generation": Generation})
    assert with_defaults(read_job(path).generation, load_spec())
