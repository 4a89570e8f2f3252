"""Rows from every form of JOBS, and what is said about those that are wrong."""

import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prep.errors import UsageError
from submit.batches.reading import read_rows, rows_of
from submit.batches.results.folder import NOTE, PARTS, BatchNote
from submit.batches.results.page import PAGE
from submit.batches.results.results_file import RESULTS
from submit.batches.results.summary import SUMMARY
from submit.batches.row import BadRow, Row

FORMS = {
    "jobs.jsonl": '{"id": "a", "prompt": "@Image1", "references": ["x.png", "n=y.png"], "generation": {"seed": 7}}\n\n'
    '{"id": "b", "prompt": "p, \\"q\\"", "references": ["/abs/z.png"], "options": {"mute": true}}\n',
    "jobs.csv": 'id,prompt,references,seed,mute\na,@Image1,x.png|n=y.png,7,\n\nb,"p, ""q""",/abs/z.png,,true\n',
    "semicolons.csv": 'id;prompt;ref1;ref2;seed;mute\na;@Image1;x.png;n=y.png;7;\nb;"p, ""q""";/abs/z.png;;;true\n',
    "tabs.tsv": "id\tprompt\tref1\tref2\tseed\tmute\na\t@Image1\tx.png\tn=y.png\t7\t\n"
    'b\t"p, ""q"""\t/abs/z.png\t\t\ttrue\n',
    "jobs.yaml": '- {id: a, prompt: "@Image1", references: [x.png, n=y.png], generation: {seed: 7}}\n'
    "- id: b\n  prompt: 'p, \"q\"'\n  references: [/abs/z.png]\n  options: {mute: true}\n",
    "jobs.json": '[{"id": "a", "prompt": "@Image1", "references": ["x.png", "n=y.png"], "generation": {"seed": 7}},\n'
    ' {"id": "b", "prompt": "p, \\"q\\"", "references": ["/abs/z.png"], "options": {"mute": true}}]',
}


def _rows(path: Path) -> list[Row]:
    rows = list(read_rows(path))
    assert all(isinstance(row, Row) for row in rows), [str(row) for row in rows]
    return [row for row in rows if isinstance(row, Row)]


def _problems(path: Path) -> list[str]:
    return [str(row) for row in read_rows(path) if isinstance(row, BadRow)]


@pytest.mark.parametrize("name", FORMS)
def test_every_form_says_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(FORMS[name], "utf-8")
    first, second = _rows(path)
    assert (first.number, first.id, second.number, second.id) == (1, "a", 2, "b")
    assert first.job.references == (str(tmp_path / "x.png"), f"n={tmp_path / 'y.png'}")
    assert (first.job.prompt, first.job.generation.seed, first.job.options.mute) == ("@Image1", 7, False)
    assert (second.job.prompt, second.job.references, second.job.options.mute) == ('p, "q"', ("/abs/z.png",), True)
    assert second.place.startswith(str(path))


@pytest.mark.parametrize("name", [name for name in FORMS if not name.startswith("tabs")])
def test_standard_input_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(FORMS[name].encode())))
    assert [row.id for row in _rows(Path("-"))] == ["a", "b"]


def test_a_folder_of_job_files(tmp_path: Path) -> None:
    folder = tmp_path / "jobs"
    folder.mkdir()
    (folder / "take10.yaml").write_text("prompt: p\nreferences: [x.png]\n", "utf-8")
    (folder / "take2.json").write_text('{"prompt": "p", "references": ["x.png"], "id": "own"}', "utf-8")
    (folder / "notes.txt").write_text("no job", "utf-8")
    (folder / ".hidden.yaml").write_text("no job", "utf-8")
    assert [(row.number, row.id) for row in _rows(folder)] == [(1, "own"), (2, "take10")]
    (folder / "take11.yaml").write_text("prompt: [", "utf-8")
    (problem,) = _problems(folder)
    assert problem.startswith(f"row 3 ({folder / 'take11.yaml'}): ") and "neither YAML nor JSON" in problem


def test_all_problems_with_their_rows(tmp_path: Path) -> None:
    path = tmp_path / "jobs.jsonl"
    good = {"id": "a", "prompt": "p", "references": ["x.png"]}
    rows = [
        good,
        {**good, "id": "A"},
        {**good, "id": "../up"},
        {**good, "id": "b", "prompts": "p"},
        "not a job",
        {**good, "id": "c", "references": []},
        {"id": "d", "references": ["x.png"]},
        {**good, "id": ["e"]},
        {**good, "id": "con.x"},
        {**good, "id": "f", "generation": {"seed": "many"}},
        {**good, "id": 12},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n{broken\n", "utf-8")
    assert [row.id for row in read_rows(path) if isinstance(row, Row)] == ["a", "12"]
    assert _problems(path) == [
        f"row 2 ({path}:2): id: 'A' is that of row 1 as well; ids must differ",
        f"row 3 ({path}:3): id: '../up' can't name a folder; use up to 80 letters, digits, '.', '_' and '-', "
        "beginning with a letter or a digit",
        f"row 4 ({path}:4): prompts: unknown key (did you mean 'prompt'?)",
        f"row 5 ({path}:5): a job is a mapping with references, prompt and options",
        f"row 6 ({path}:6): no references; name at least one file",
        f"row 7 ({path}:7): no prompt",
        f"row 8 ({path}:8): id: should be text, not ['e']",
        f"row 9 ({path}:9): id: 'con.x' can't name a folder; use up to 80 letters, digits, '.', '_' and '-', "
        "beginning with a letter or a digit",
        f"row 10 ({path}:10): generation.seed: should be a whole number, not 'many'",
        f"row 12 ({path}:12): not JSON: Expecting property name enclosed in double quotes at column 2",
    ]


@pytest.mark.parametrize("name", [NOTE, RESULTS, PAGE, SUMMARY, RESULTS.upper(), PARTS])
def test_an_id_that_the_batch_uses_itself(tmp_path: Path, name: str) -> None:
    """Its folder would stand in the way of the results of all rows, some of which are paid for by then."""
    path = tmp_path / "jobs.jsonl"
    path.write_text(json.dumps({"id": name, "prompt": "p", "references": ["x.png"]}), "utf-8")
    assert _problems(path) == [f"row 1 ({path}:1): id: {name!r} is a name that the batch itself uses; choose another"]


def test_a_line_with_too_many_cells_names_the_row(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text("id,prompt,ref1\na,one, two,x.png\nb,p,x.png\n", "utf-8")
    assert _problems(path) == [
        f"row 1 ({path}:2): 4 cells, where the first line names 3 columns; quote what has a comma"
    ]


UNREADABLE = {
    "jobs.txt": ("", "a list of jobs is a folder of job files, or a file that ends in"),
    "jobs.csv": ("id,references\na,x.png\n", "no 'prompt' among them"),
    "neither.csv": ("id,File\na,x.png\n", "no 'prompt' and no 'references' \\(or 'ref1', ...\\) among them"),
    "no-references.csv": ("prompt,Image\na,x.png\n", "no 'references' \\(or 'ref1', ...\\) among them"),
    "Image.csv": ("Prompt,Image\n", "did you mean 'prompt'\\?\n.*no 'references' \\(or 'ref1', ...\\) among them"),
    "Prompt.csv": ("Prompt,REF1\n", "Prompt.csv:1: column 'Prompt' is unknown; did you mean 'prompt'\\?$"),
    "References.csv": ("prompt,References\n", "column 'References' is unknown; did you mean 'references'\\?$"),
    "Mute.csv": ("prompt,ref1,Mute,ID\n", "column 'Mute' is unknown; did you mean 'mute'\\?\n.*'ID'"),
    "twice.csv": ("prompt,seed,seed\n", "two columns are called 'seed'"),
    "wide.csv": (f"prompt,ref1{',' * 999}\n", "wide.csv:1: 1,001 columns, where a table of jobs has at most 1,000$"),
    "open.csv": ('prompt,ref1\n"p,x.png\n', "not CSV: unexpected end of data"),
    "long.csv": (f"prompt,ref1\n{'p' * 131_073},x.png\n", "long.csv:2: a cell of more than 131,072 characters"),
    "one.yaml": ("prompt: p\n", "not a list"),
    "jobs.json": ("{}", "not a list"),
    "missing.jsonl": (None, "no such file"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_list_that_can_not_be_read(tmp_path: Path, name: str) -> None:
    text, message = UNREADABLE[name]
    if text is not None:
        (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(UsageError, match=message):
        list(read_rows(tmp_path / name))


JOINED = {
    "commas": ("photo.heic, walk.mp4", True),
    "semicolons": ("photo.heic;walk.mp4", True),
    "names and parts": ("hero=photo.heic, walk.mp4#t=1,3", True),
    "a part before": ("walk.mp4#t=1,3, photo.heic", True),
    "files that exist": ("there, other.bin", True),
    "addresses": ("https://example.com/a, https://example.com/b", True),
    "one name": ("photo, the second.heic", False),
    "one with a part": ("walk.mp4#t=1,3", False),
    "an address": ("https://example.com/a.png,b.png", False),
    "a file with such a name": ("a.png, b.png", False),
    "and a part of it": ("x=a.png, b.png#t=1,3", False),
    "spaces": ("photo.heic walk.mp4", True),
    "spaces and a name": ("hero=photo.heic  walk.mp4#t=1,3", True),
    "one name with spaces": ("the second photo.heic", False),
    "the right way": ("photo.heic | walk.mp4", False),
}


def test_the_same_fault_has_the_same_words_in_csv_and_json(tmp_path: Path) -> None:
    table, lines = tmp_path / "jobs.csv", tmp_path / "jobs.jsonl"
    table.write_text('id,prompt,references\na,"",a.png\n', "utf-8")
    lines.write_text('{"id": "a", "prompt": "", "references": ["a.png"]}\n', "utf-8")
    prompts = [row.job.prompt for path in (table, lines) for row in read_rows(path) if isinstance(row, Row)]
    assert prompts == ["", ""]


def test_a_column_of_csv_as_a_key_of_json_is_led_to_its_place(tmp_path: Path) -> None:
    path = tmp_path / "jobs.jsonl"
    path.write_text('{"id": "a", "prompt": "p", "references": ["a.png"], "duration": 5, "zzz": 1}\n', "utf-8")
    assert _problems(path) == [
        f"row 1 ({path}:1): duration: unknown key (did you mean 'generation.duration'?)\n"
        f"row 1 ({path}:1): zzz: unknown key (known: endpoint, references, prompt, options, generation, max_cost, id)"
    ]


@pytest.mark.parametrize("case", JOINED)
def test_references_in_one_cell(tmp_path: Path, case: str) -> None:
    cell, joined = JOINED[case]
    for name in ("there", "other.bin", "a.png, b.png"):
        (tmp_path / name).touch()
    path = tmp_path / "jobs.csv"
    path.write_text(f'id,prompt,references\na,p,"{cell}"\n', "utf-8")
    message = f"row 1 ({path}:2): {cell}: no such file; separate references with '|'"
    assert _problems(path) == ([message] if joined else [])


RESULTS_OF_OURS = {
    "a batch": ("takes", "takes is a batch folder"),
    "its results": ("takes/results.jsonl", "takes is a batch folder"),
    "its note": ("takes/batch.json", "takes is a batch folder"),
    "its summary": ("takes/summary.json", "takes is a batch folder"),
    "one of its rows": ("takes/a", "takes is a batch folder"),
    "prepared files": ("ready", "ready is a folder of prepared files"),
}
NEXT = {
    "takes": "not a list of jobs; use 'prep-and-submit batch status takes', or "
    "'prep-and-submit batch JOBS --out takes' to continue it",
    "ready": "not a list of jobs; use 'prep-and-submit submit ready'",
}


@pytest.mark.parametrize("case", RESULTS_OF_OURS)
def test_results_of_ours_are_no_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("takes/batch.json", "takes/summary.json", "takes/results.jsonl", "takes/a/row.json"):
        _write(tmp_path / name)
    for name in ("manifest.json", "card.json", "receipt.json", "receipt-k7f3.json"):
        _write(tmp_path / "takes" / "a" / name)
        _write(tmp_path / "ready" / name)
    place, message = RESULTS_OF_OURS[case]
    with pytest.raises(UsageError) as caught:
        list(read_rows(place))
    assert str(caught.value).startswith(message) and NEXT[message.split()[0]] in str(caught.value)


def _write(path: Path) -> None:
    """A file of ours; only the note of a batch is read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    note = BatchNote(id="k7", account="somebody", rows=1, created_at=datetime.now(UTC))
    path.write_text(note.model_dump_json() if path.name == NOTE else "{}", "utf-8")


def test_jobs_beside_results_of_ours(tmp_path: Path) -> None:
    """The folder of the jobs may be that of the batch."""
    for name in ("batch.json", "summary.json", "manifest.json", "receipt.json"):
        _write(tmp_path / name)
    (tmp_path / "take.yaml").write_text("prompt: p\nreferences: [x.png]\n", "utf-8")
    assert [row.id for row in _rows(tmp_path)] == ["take"]


def test_a_job_file_may_be_called_like_one_of_ours(tmp_path: Path) -> None:
    job = '{"prompt": "p", "references": ["x.png"]}'
    for name in ("batch.json", "row.json", "summary.json", "results.jsonl"):
        (tmp_path / name).write_text(job, "utf-8")
    assert [row.id for row in _rows(tmp_path)] == ["batch", "row", "summary"]
    (tmp_path / "batch.json").write_text(f"[{job}]", "utf-8")
    assert len(_rows(tmp_path / "batch.json")) == len(_rows(tmp_path / "results.jsonl")) == 1


def test_ids_are_made_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "jobs.jsonl"
    jobs = [{"prompt": prompt, "references": ["x.png"]} for prompt in ("p", "q", "p")]
    path.write_text("\n".join(map(json.dumps, jobs)), "utf-8")
    first, second, third = read_rows(path)
    assert isinstance(first, Row) and isinstance(second, Row) and first.made_id
    assert len({first.id, second.id}) == 2 and first == next(read_rows(path)), "the same each time"
    assert str(third) == (
        f"row 3 ({path}:3): the same as row 1, and neither has an id; leave it out, or give both an id"
    )


def test_the_key_follows_job_and_files(tmp_path: Path) -> None:
    photo, path = tmp_path / "x.png", tmp_path / "jobs.jsonl"
    photo.write_bytes(b"one")

    def key(**changes: str) -> str:
        path.write_text(json.dumps({"id": "a", "prompt": "p", "references": ["n=x.png"], **changes}), "utf-8")
        return _rows(path)[0].key

    first = key()
    assert key() == key(id="b") == first, "the id is only a name"
    assert key(prompt="q") != first
    photo.write_bytes(b"other")
    assert key() != first


SKIPPED = [".DS_Store", "Thumbs.db", "IMG_1.AAE", ".hidden.png", "notes.txt", "IMG_1.MOV", "receipt-k7f3.json", "a/"]
USED = ["b.png", "b.MP4", "c.wav"]


@pytest.mark.parametrize("name", [*SKIPPED, *USED])
def test_the_key_follows_what_a_folder_stands_for(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "refs"
    folder.mkdir()
    (folder / "IMG_1.HEIC").write_bytes(b"one")

    def key() -> str:
        (row,) = rows_of([{"id": "a", "prompt": "p", "references": [str(folder)]}])
        assert isinstance(row, Row)
        return row.key

    first = key()
    (folder / name).mkdir() if name.endswith("/") else (folder / name).write_bytes(b"more")
    assert (key() == first) == (name in SKIPPED)
    second = key()
    (folder / "IMG_1.HEIC").write_bytes(b"other")
    assert key() != second


def test_the_key_follows_a_file_whose_name_is_not_utf_8(tmp_path: Path) -> None:
    photo = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png"))
    try:
        photo.write_bytes(b"one")
    except OSError:
        pytest.skip("this file system has UTF-8 names only")

    def key() -> str:
        (row,) = rows_of([{"id": "a", "prompt": "p", "references": [f"{tmp_path}/caf\\xe9.png"]}])
        assert isinstance(row, Row)
        return row.key

    first = key()
    photo.write_bytes(b"other")
    assert key() != first


def test_rows_of_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    good, bad = rows_of([{"id": "a", "prompt": "p", "references": ["x.png"]}, {"id": "b", "prompt": 5}])
    assert isinstance(good, Row) and good.job.references == (str(tmp_path / "x.png"),)
    assert str(bad) == "row 2: prompt: should be text, not 5"


def test_a_table_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("submit.batches.reading.MOST_LIST_BYTES", 1000)
    (tmp_path / "jobs.csv").write_text("prompt,ref1\n" + "p,x.png\n" * 125)
    with pytest.raises(UsageError, match=r"jobs\.csv: more than 1,000 bytes; split it"):
        list(read_rows(tmp_path / "jobs.csv"))
