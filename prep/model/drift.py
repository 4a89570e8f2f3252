"""Drift: the differences between what an endpoint publishes about itself and a spec."""

from typing import Any

from prep.model.value import Value


class Difference(Value):
    """*limit* is its name in the spec ("video.max_fps"), *key* where the document has it ("video_urls.x-fal.max_fps").

    *here* is the value in the spec, with what is accepted beyond it in *accepted*; *there* that of the document. None:
    nothing is said there. An argument that only one of them knows is "sent" here, or "required" there.
    """

    limit: str
    key: str
    here: Any = None
    accepted: Any = None
    there: Any = None


class Statement(Value):
    """Something that a document says and a spec has no place for; *value* as it stands there."""

    key: str
    value: Any


class Drift(Value):
    """The comparison of a document with a spec. *document* is the endpoint that it names, None: it names none.

    *agreed*, *in_words* and *not_stated* name limits of the spec; those *in_words* are the agreed ones that the
    document states in descriptions alone. *beyond* is what the spec has no place for, *reshaped* what the endpoint says
    it would change rather than refuse, *prose* the descriptions themselves.
    """

    endpoint: str
    document: str | None
    differences: tuple[Difference, ...]
    agreed: tuple[str, ...]
    in_words: tuple[str, ...] = ()
    not_stated: tuple[str, ...]
    beyond: tuple[Statement, ...] = ()
    reshaped: tuple[Statement, ...] = ()
    prose: tuple[Statement, ...] = ()
