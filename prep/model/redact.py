"""Text in messages: without secrets, and printable."""

import re

# What follows "?" may be a signature that lets its bearer read the file, what stands before "@" a password.
# Patterns begin where a word does and take all that they look at: time grows with the text, not with its square.
BEGINNING = r"(?<![a-z0-9+.-])[a-z0-9+.-]*://"
QUERY = re.compile(rf"({BEGINNING}[^\s?#]*)(\?[^\s#]*)?", re.IGNORECASE)
CREDENTIALS = re.compile(rf"({BEGINNING})[^\s/?#]*@", re.IGNORECASE)
# The same in what others write of a URL: without its beginning, encoded, with other slashes. The values are long.
SIGNATURE = re.compile(
    r"((?:x-(?:amz|goog)-(?:signature|credential|security-token)"
    r"|(?:(?<![a-z0-9])|(?<=%26)|(?<=%3f))(?:sig|signature|awsaccesskeyid|googleaccessid|token|access_token))"
    r"(?:=|%3d))(?:(?!%26)[^\s&\"'<>()\\]){16,}",
    re.IGNORECASE,
)
# Python keeps the bytes of a file name that are not UTF-8 as these (PEP 383); other surrogates stand in no text either.
LONE_BYTE = re.compile("[\udc80-\udcff]")
SURROGATE = re.compile("[\ud800-\udfff]")
HALF_CHARACTER = re.compile("[\ud800-\udc7f\udd00-\udfff]")
ESCAPE = re.compile(r"\\x([89a-f][0-9a-f])")


def shown(name: object) -> str:
    """*name* without what moves a cursor or fakes a line: a downloaded file may be called anything.

    URLs are shown without their queries and credentials, as `https://host/clip.mp4?…`.
    """
    return without_secrets("".join(map(_printable, escape_bytes(str(name)))))


def printable(text: str) -> str:
    """*text*, which may have several lines, without what moves a cursor: the last guard before a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char == "\n" else _printable(char) for char in escape_bytes(text))


def _printable(char: str) -> str:
    return char if char.isprintable() else ascii(char)[1:-1]


def escape_bytes(name: str) -> str:
    """*name* as text: bytes that are not UTF-8 become escapes, as in `caf\\xe9.jpg`."""
    if not SURROGATE.search(name):
        return name
    text = LONE_BYTE.sub(lambda char: f"\\x{ord(char[0]) - 0xDC00:02x}", name)
    return SURROGATE.sub(lambda char: ascii(char[0])[1:-1], text)


def restore_bytes(text: str) -> str:
    """The file name that `escape_bytes` made *text* of; *text* itself where it holds no escapes."""
    if not ESCAPE.search(text):
        return text
    name = ESCAPE.sub(lambda escape: chr(0xDC00 + int(escape[1], 16)), text)
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def without_secrets(text: str) -> str:
    """*text*, every URL in it without query and credentials, and without signatures of URLs."""
    if "://" in text:
        text = QUERY.sub(lambda url: f"{url[1]}?…" if url[2] else url[0], text)
        text = CREDENTIALS.sub(r"\1…@", text)
    return SIGNATURE.sub(r"\1…", text)
