"""Job files with errors: each error names the file, the line or the key, and what is allowed. Hostile ones end soon."""

import json
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from prep.errors import ExitCode, UsageError
from prep.inputs.jobs import MOST_BYTES, read_job, read_jobs
from prep.inputs.yaml_document import read_document
from tests.types import Say


def _write(folder: Path, text: str | bytes, name: str = "job.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def _errors(path: Path) -> list[str]:
    with pytest.raises(UsageError) as caught:
        read_job(path)
    assert caught.value.exit_code == ExitCode.USAGE
    return [line.replace(str(path.parent), "DIR") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prompt: x\nrefrences: []\n", ["DIR/job.yaml:2: refrences: unknown key (did you mean 'references'?)"]),
        (
            "prompt: x\n\noptions:\n  fit: stretch\n",
            ["DIR/job.yaml:4: options.fit: should be 'pad' or 'crop', not 'stretch'"],
        ),
        ("options: {seconds: 0}", ["DIR/job.yaml:1: options.seconds: should be more than 0, not 0"]),
        ("options:\n  loudness: 3", ["DIR/job.yaml:2: options.loudness: should be at most -5, not 3"]),
        (
            "references:\n  - a.mp4\n  - 5\n",
            ["DIR/job.yaml:3: references.1: should be text, not 5; quote what holds a comma, such as 'walk.mov#t=1,3'"],
        ),
        ("prompt: x\nmax_cost: 1\nprompt: y\n", ["DIR/job.yaml:3: prompt: appears twice, first in line 1"]),
        (
            "options:\n  fit: pad\n  fit: crop\n",
            ["DIR/job.yaml:3: fit: appears twice, first in line 2"],
        ),
        ('prompt: "x\n', ["DIR/job.yaml:2: neither YAML nor JSON: found unexpected end of stream"]),
        ("prompt: a: b\n", ["DIR/job.yaml:1: neither YAML nor JSON: mapping values are not allowed here"]),
        ("- a.mp4\n", ["DIR/job.yaml:1: a job is a mapping with references, prompt and options"]),
        ("", ["DIR/job.yaml: a job is a mapping with references, prompt and options"]),
        (b"prompt: caf\xe9\n", ["DIR/job.yaml: not UTF-8 text (byte 12); save it as UTF-8"]),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, str | bytes) else "",
)
def test_file_line_and_key(tmp_path: Path, text: str | bytes, expected: list[str]) -> None:
    assert _errors(_write(tmp_path, text)) == expected


def test_a_reference_is_named_by_its_place(tmp_path: Path) -> None:
    (error,) = _errors(_write(tmp_path, "references:\n  - a.mp4\n  - 'b.mp4#t=5,1'\n"))
    assert error.startswith("DIR/job.yaml:3: references.1: b.mp4#t=5,1: bad fragment: the end (1 s) must come after")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{\n  "prompt": "x",\n  "refrences": []\n}', "DIR/job.json:3: refrences: unknown key"),
        ('{\n\t"prompt": "x",\n\t"refrences": []\n}', "DIR/job.json: refrences: unknown key"),
        ('{\n\t"prompt" "x"\n}', "DIR/job.json: not JSON: Expecting ':' delimiter at column 11, line 2"),
        ('{"prompt": }', "DIR/job.json: a job is a mapping"),
    ],
)
def test_json(tmp_path: Path, text: str, expected: str) -> None:
    """JSON is YAML, but for tabs."""
    path = _write(tmp_path, text, "job.json")
    if expected.endswith("a job is a mapping"):
        assert read_job(path).prompt is None
    else:
        assert _errors(path)[0].startswith(expected)


def test_tabs_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    assert read_job(_write(tmp_path, '{\n\t"prompt": "x"\n}')).prompt == "x"
    assert read_job(_write(tmp_path, b"\xef\xbb\xbfprompt: x\n")).prompt == "x"


def _aliases(levels: int, form: str) -> str:
    lines = ["a0: &a0 {k: 1, l: 2}" if "<<" in form else "a0: &a0 [x, y]"]
    for level in range(1, levels):
        repeated = ", ".join([f"*a{level - 1}"] * 9)
        lines.append(f"a{level}: &a{level} {form.format(repeated)}")
    return "\n".join([*lines, "references: []", ""])


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("text", "why"),
    [
        (_aliases(12, "[{}]"), "more than 10,000 values, with every alias written out"),
        (_aliases(12, "{{<<: [{}]}}"), "more than 10,000 values, with every alias written out"),
        ("references: &r [*r]", "more than 10,000 values, with every alias written out"),
        ("references: [" + "x," * 300_000 + "]", "more than 10,000 values, with every alias written out"),
        ("".join(f"k{number}: 1\n" for number in range(60_000)), "more than 10,000 values"),
        ("[" * 200_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        ("- " * 200_000, "nested too deep"),
        ("? " * 200_000, "nested too deep"),
        ("prompt: " + "x" * (MOST_BYTES + 1), "larger than the 1,000,000 bytes that such a file may have"),
        ('{"generation": {"seed": ' + "9" * 5000 + "}}", "generation.seed: should be a whole number"),
        ("!!python/object/apply:os.system ['true']", "could not determine a constructor for the tag"),
    ],
    ids=lambda value: value[:30],
)
def test_hostile_files_are_refused_in_one_sentence(tmp_path: Path, text: str, why: str) -> None:
    (error,) = _errors(_write(tmp_path, text))
    assert error.startswith("DIR/job.yaml")
    assert why in error


def test_harmless_aliases_are_read(tmp_path: Path) -> None:
    job = read_job(_write(tmp_path, "options: &o {fit: crop}\ngeneration: {seed: 5}\nprompt: &p hello\n"))
    assert (job.options.fit, job.prompt) == ("crop", "hello")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "not JSON: Expecting property name enclosed in double quotes at column 2"),
        (b"[" * 100_000, "not JSON that can be read: nested too deep"),
        (b"caf\xe9", "not UTF-8 text (byte 4)"),
        (b'{"prompt": "' + b"x" * MOST_BYTES + b'"}', "longer than the 1,000,000 bytes that a job may have"),
        (b'{"promt": "x"}', "promt: unknown key (did you mean 'prompt'?)"),
        (b'{"references": ["a.mp4#t=5,1"]}', "references.0: a.mp4#t=5,1: bad fragment"),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_a_line_of_many_jobs(tmp_path: Path, line: bytes, why: str) -> None:
    path = _write(tmp_path, b'{"prompt": "a"}\n' + line + b'\n{"prompt": "b"}\n', "jobs.jsonl")
    jobs = dict(read_jobs(path))
    assert list(jobs) == [f"{path}:{number}" for number in (1, 2, 3)]
    error = jobs[f"{path}:2"]
    assert isinstance(error, UsageError)
    assert str(error).startswith(f"{path}:2: ")
    assert why in str(error)


def _fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path


def _socket(path: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
    return path


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("make", "why"),
    [
        (_fifo, "a named pipe, where a text file is wanted"),
        (_socket, "a socket, where a text file is wanted"),
        (lambda path: Path("/dev/zero"), "a device, where a text file is wanted"),
        (lambda path: Path("/proc/kmsg"), "a file of the system's kernel, where a text file is wanted"),
        (lambda path: path.parent, "Is a directory"),
        (lambda path: path, "no such file"),
    ],
    ids=["fifo", "socket", "device", "proc", "folder", "missing"],
)
def test_what_is_no_file(tmp_path: Path, make: Callable[[Path], Path], why: str) -> None:
    path = make(tmp_path / "s")
    with pytest.raises(UsageError, match=why):
        read_job(path)
    with pytest.raises(UsageError, match=why):
        list(read_jobs(path))


def test_a_pipe_of_the_shell_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in `--from-job <(make-job)`; what it names is relative to the working directory."""
    monkeypatch.chdir(tmp_path)
    reader, writer = os.pipe()
    os.write(writer, b"references: [a.png]\n")
    os.close(writer)
    try:
        assert stat.S_ISFIFO(os.fstat(reader).st_mode)
        assert read_job(Path(f"/dev/fd/{reader}")).references == ("a.png",)
    finally:
        os.close(reader)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"endpoint": "bytedance/nope"}, "job.json: endpoint: bytedance/nope: no such endpoint; choose from:"),
        ({"generation": {"resolutoin": "4k"}}, "job.json: generation: .*'resolutoin'; did you mean resolution?"),
        ({"generation": {"resolution": "9k"}}, "job.json: generation: resolution '9k' is not allowed (allowed:"),
    ],
)
@pytest.mark.parametrize(
    "command", [["check"], ["plan"], ["prep", "--out", "out"], ["run"]], ids=lambda words: words[0]
)
def test_what_the_endpoint_does_not_have(
    say: Say,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
    fields: dict[str, object],
    expected: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job.json").write_text(json.dumps({"references": ["a.png"], "prompt": "x"} | fields))
    code, out, err = say(*command, "--from-job", "job.json")
    assert (code, out) == (2, "")
    first, _, second = expected.partition(".*")
    assert err.startswith(f"prep-and-submit: {first}")
    assert second in err


def test_a_flag_goes_before_the_job(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "job.yaml").write_text("endpoint: bytedance/nope\nreferences: [missing.png]\n")
    code, _, err = say("check", "--from-job", "job.yaml", "--endpoint", "bytedance/seedance-2.5/reference-to-video")
    assert (code, err) == (2, "prep-and-submit: missing.png: no such file\n")


ODD_VALUES = {
    "a number without an end": f"0x{'f' * 5000}",
    "a number of minutes": ":".join(["1"] * 20_000),
    "parts of minutes": ":".join(["1"] * 400) + ".0",
    "a whole number that is none": "!!int 0x" + "f" * 5000,
    "a number in minutes that is none": "!!float " + ":".join(["1"] * 400),
    "no time": "!!timestamp x",
    "bytes": "!!binary gICA",
    "a zone of four days": "2001-01-01T00:00:00+99:99",
    "a set": "!!set {a, b}",
}


@pytest.mark.parametrize("text", ODD_VALUES.values(), ids=ODD_VALUES)
@pytest.mark.parametrize("place", ["prompt: {}", "references: [{}]", "options: {{fit: {}}}", "? {}\n: 1"])
def test_a_value_that_no_job_has(tmp_path: Path, place: str, text: str) -> None:
    path = _write(tmp_path, f"{place.format(text)}\n")
    message = ""
    try:
        read = read_job(path).prompt or text
    except UsageError as error:
        read, message = text, str(error)
    assert (read, len(message) < 1000, not message or "job.yaml:" in message) == (text, True, True)


@pytest.mark.parametrize(
    ("text", "value"), [("7", 7), ("-3", -3), ("1.5", 1.5), ("2e3", 2000.0), ("true", True), ("no", False), ("~", None)]
)
def test_values_as_in_json(text: str, value: object) -> None:
    assert read_document(f"a: {text}", "job.yaml").fields == {"a": value}
