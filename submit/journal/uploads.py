"""Known uploads: which content the platform has, under which URL, and until when."""

from contextlib import AbstractContextManager
from typing import Any

from pydantic import ValidationError

from prep.model.value import Value
from submit.journal.database import Database

# A URL is reused only while this part of its lifetime is left: a job may wait in the queue for long.
FRESH_PART = 0.25


class Upload(Value):
    """An upload; times are in seconds since 1970, *expires_at* None: never."""

    url: str
    bytes: int
    uploaded_at: float
    expires_at: float | None


class Uploads:
    """Uploads of each account by the hash of their content. Safe to use from several threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, sha256: str) -> AbstractContextManager[None]:
        """Hold a content while uploading it, so that others reuse its URL. Raises Busy when somebody holds it."""
        # few names, whose lock files stay, rather than one for each content; two contents that share one only wait
        return self._database.claim(f"upload-{sha256[:2]}", "another process is uploading")

    def find(self, account: str, sha256: str, media_type: str) -> Upload | None:
        """Return the upload of that content unless it is about to expire."""
        with self._database.connect() as connection:
            now_s = self._database.now(connection).timestamp()
            row = connection.execute(
                "SELECT url, bytes, uploaded_at, expires_at FROM uploads "
                "WHERE account = ? AND sha256 = ? AND media_type = ?",
                (account, sha256, media_type),
            ).fetchone()
        upload = None if row is None else _read(row)
        return upload if upload is not None and _fresh(upload, now_s) else None

    def keep(self, account: str, sha256: str, media_type: str, upload: Upload) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO uploads (account, sha256, media_type, url, bytes, uploaded_at, expires_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, sha256, media_type) DO UPDATE SET "
                "url = excluded.url, bytes = excluded.bytes, uploaded_at = excluded.uploaded_at, "
                "expires_at = excluded.expires_at",
                (account, sha256, media_type, upload.url, upload.bytes, upload.uploaded_at, upload.expires_at),
            )

    def now_s(self) -> float:
        """The time of the journal, in seconds since 1970."""
        with self._database.connect() as connection:
            return self._database.now(connection).timestamp()

    def all(self) -> tuple[Upload, ...]:
        """List all uploads, expired or not, the latest first."""
        with self._database.connect() as connection:
            rows = connection.execute(
                "SELECT url, bytes, uploaded_at, expires_at FROM uploads ORDER BY uploaded_at DESC"
            ).fetchall()
        return tuple(upload for row in rows if (upload := _read(row)) is not None)

    def prune(self, *, everything: bool = False) -> int:
        """Forget what has expired, or everything; return how many. The files themselves expire on the platform."""
        with self._database.transaction() as connection:
            if everything:
                return connection.execute("DELETE FROM uploads").rowcount
            now_s = self._database.now(connection).timestamp()
            return connection.execute("DELETE FROM uploads WHERE expires_at <= ?", (now_s,)).rowcount


def _read(row: tuple[Any, ...]) -> Upload | None:
    """The upload in *row*; None for one that was damaged: the content is uploaded again."""
    try:
        return Upload(url=row[0], bytes=row[1], uploaded_at=row[2], expires_at=row[3])
    except ValidationError:
        return None


def _fresh(upload: Upload, now_s: float) -> bool:
    if upload.expires_at is None:
        return True
    left_s = upload.expires_at - now_s
    return left_s > FRESH_PART * (upload.expires_at - upload.uploaded_at)
