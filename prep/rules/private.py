"""Findings about metadata that is private: where somebody was, who they are, which device they used."""

from collections.abc import Sequence

from prep.model.finding import Finding
from prep.rules.amounts import listed
from prep.rules.findings import Findings, advice

HINT = "; `strip_metadata` removes "
WORDS = {
    "gps": "your GPS position",
    "serial number": "the device's serial number",
    "owner": "the owner's name",
    "hidden video": "a hidden video, perhaps with sound",
    "depth map": "a depth map",
    "identifier": "an identifier that links it to its video",
    "appended data": "data behind the picture",
}


def check_private(rule: str, private_metadata: tuple[str, ...]) -> Findings:
    """One finding for all of *private_metadata*; none where there is nothing."""
    if not private_metadata:
        return ()
    content = in_words(private_metadata)
    removed = "it" if len(private_metadata) == 1 else "them"
    message = f"contains {content}{HINT}{removed}"
    return advice(rule, ", ".join(private_metadata), "none", message)


def in_words(private_metadata: Sequence[str]) -> str:
    """The contents of private metadata: "your GPS position and the owner's name"."""
    return listed([WORDS.get(name, name) for name in private_metadata])


def without_hint(finding: Finding) -> Finding:
    """*finding* without the option that would remove the metadata, where it is removed anyway."""
    return finding.model_copy(update={"message": finding.message.partition(HINT)[0]})
