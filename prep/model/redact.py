"""Names in messages."""

import re

# What follows "?" may be a signature that lets its bearer read the file, what stands before "@" a password.
QUERY = re.compile(r"([a-z][a-z0-9+.-]*://[^\s?#]*)\?[^\s#]*", re.IGNORECASE)
CREDENTIALS = re.compile(r"([a-z][a-z0-9+.-]*://)[^\s/?#]*@", re.IGNORECASE)


def shown(name: object) -> str:
    """*name* without what moves a cursor or fakes a line: a downloaded file may be called anything.

    URLs are shown without their queries and credentials, as `https://host/clip.mp4?…`.
    """
    printable = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in str(name))
    return without_secrets(printable)


def without_secrets(text: str) -> str:
    """*text*, every URL in it without query and credentials."""
    if "://" not in text:
        return text
    return CREDENTIALS.sub(r"\1…@", QUERY.sub(r"\1?…", text))
