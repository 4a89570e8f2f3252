"""List of the prepared references: the tags that a prompt may use, before it is paid for."""

import re
from pathlib import Path

from prep.inputs.manifests import read_manifest
from prep.render.text import findings_text, prepared_text
from tests.types import Media, Say


def test_a_line_for_each_reference(media: Media, say: Say) -> None:
    clip = f"walk={media('short_1s.mp4')}"
    assert say("prep", str(media("at_limit_300.png")), clip, "--out", "ready")[0] == 0
    prepared = read_manifest("ready")
    names = [entry.output.path for entry in prepared.entries]
    lines = prepared_text(prepared).splitlines()[-2:]
    assert re.fullmatch(rf"@Image1  {names[0]}: PNG 300×300, .*", lines[0])
    assert re.fullmatch(rf"@Video1 \(@walk\)  {names[1]}: MP4 H\.264 1280×720, .* s, .*", lines[1])
    for lists in (("--dry-run",), ("--sandbox", "--yes", "--no-wait")):
        code, text, _ = say("submit", "ready", "--prompt", "@Image1 walks like @Video1", *lists)
        assert code == 0
        assert text.index(lines[0]) < text.index(lines[1]) < text.index("! ") < text.index("Price: ")
        assert [line for line in text.splitlines() if line[:2] == "! "] == findings_text(prepared.findings).splitlines()
    assert all(Path("ready", str(name)).is_file() for name in names)
