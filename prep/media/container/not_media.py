"""Names for files that are not media, so that an error can say what a file is instead."""

import re

# The first bytes of a file, its name in a message, and the next move.
FOREIGN = (
    (rb"(\xef\xbb\xbf)?\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", "a web page (HTML)", "page"),
    (rb"(\xef\xbb\xbf)?\s*<\?xml[^>]*>\s*(<!--.*?-->\s*|<!doctype[^>]*>\s*)*<svg\b", "SVG", "draw"),
    (rb"(\xef\xbb\xbf)?\s*<svg\b", "SVG", "draw"),
    (rb"(\xef\xbb\xbf)?\s*<\?xml\b", "XML", "answer"),
    (rb"\s*[{\[]\s*[\"{\[\]}]", "JSON", "answer"),
    (rb"\x1f\x8b", "packed with gzip", "unpack"),
    (rb"PK\x03\x04", "a ZIP archive", "unpack"),
    (rb"Rar!|7z\xbc\xaf|\x28\xb5\x2f\xfd|\xfd7zXZ", "an archive", "unpack"),
    (rb"%PDF-", "a PDF", "draw"),
    (rb"8BPS", "a Photoshop document", "draw"),
    (rb"FUJIFILMCCD-RAW|II(RO|RS|U\0)|.{4}ftypcrx ", "a raw photo", "raw"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "PostScript", "draw"),
)
NEXT = {
    "page": "use the link of the file itself, which may need a login",
    "answer": "it may be the error message of a server; use the link of the file itself",
    "unpack": "unpack it, and name the file in it",
    "draw": "export it as PNG",
    "raw": "export it as JPEG",
}
LOOKED_AT = tuple((re.compile(start, re.IGNORECASE | re.DOTALL), what, move) for start, what, move in FOREIGN)


def foreign(head: bytes) -> str | None:
    """The kind of file that begins with *head* and the next move, to follow "not an image, video or sound but"; None:
    unknown."""
    for start, what, move in LOOKED_AT:
        if start.match(head):
            return f"{what}; {NEXT[move]}"
    return None
