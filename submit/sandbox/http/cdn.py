"""Storage handlers: tokens and signed uploads on rest.fal.ai, uploads and downloads on *.fal.media."""

import hashlib
import hmac
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from submit.sandbox.faults.http import At
from submit.sandbox.http.reading import read_json, require_key
from submit.sandbox.storage import CDN_URL, Part, Pending, Storage, StoredObject, parse_lifecycle

MAX_PARTS = 10_000
MAX_JSON_BYTES = 1_000_000


def rest_routes(storage: Storage, token: str, jwks: Mapping[str, Any]) -> Sequence[Route]:
    """Routes of rest.fal.ai: the token for the CDN, the older upload through a signed URL (fal_client's fallback), and
    the keys that webhooks are signed with.
    """

    async def issue_token(request: Request) -> Response:
        require_key(request)
        expires_at = datetime.now(UTC) + timedelta(hours=1)
        answer = {"token": token, "token_type": "Bearer", "base_url": CDN_URL, "expires_at": expires_at.isoformat()}
        return JSONResponse(answer)

    async def initiate(request: Request) -> Response:
        require_key(request)
        body = await read_json(request, MAX_JSON_BYTES)
        preference = request.headers.get("x-fal-object-lifecycle-preference")
        try:
            file_name, content_type = str(body["file_name"]), str(body["content_type"])
        except (KeyError, TypeError) as error:
            raise HTTPException(400, "file_name and content_type are required") from error
        pending = _reserve(storage, file_name, content_type, preference)
        return JSONResponse({"upload_url": f"{CDN_URL}/files/signed/{pending.upload_id}", "file_url": pending.url})

    async def keys(_: Request) -> Response:
        return JSONResponse(jwks)

    return [
        Route("/.well-known/jwks.json", keys),
        Route("/storage/auth/token", issue_token, methods=["POST"]),
        Route("/storage/upload/initiate", initiate, methods=["POST"]),
    ]


def cdn_routes(storage: Storage, token: str, at: At) -> Sequence[Route]:
    """Routes of *.fal.media; *at* lets the faults of a place strike its handler."""
    handlers = _CdnHandlers(storage, token)
    multipart = "/files/sandbox/{name}/multipart/{upload_id}"
    return [
        Route("/files/upload", at("upload", handlers.upload), methods=["POST"]),
        Route("/files/upload/multipart", handlers.start_multipart, methods=["POST"]),
        Route("/files/signed/{upload_id}", at("upload", handlers.upload_signed), methods=["PUT"]),
        Route(f"{multipart}/complete", at("upload", handlers.complete_multipart), methods=["POST"]),
        Route(f"{multipart}/{{number:int}}", handlers.upload_part, methods=["PUT"]),
        Route("/files/sandbox/{name}", at("download", handlers.download)),
    ]


@dataclass(frozen=True)
class _CdnHandlers:
    """Uploads need the token from rest.fal.ai, a signed URL or an upload id; downloads are public."""

    storage: Storage
    token: str

    def _require_token(self, request: Request) -> None:
        expected = f"Bearer {self.token}".encode()
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected):
            raise HTTPException(401, "Invalid or missing CDN token")

    def _announce(self, request: Request) -> Pending:
        return _reserve(
            self.storage,
            request.headers.get("x-fal-file-name", "upload.bin"),
            request.headers.get("content-type", "application/octet-stream"),
            request.headers.get("x-fal-object-lifecycle"),
        )

    async def upload(self, request: Request) -> Response:
        self._require_token(request)
        return _stored(await _fill(self.storage, self._announce(request), request))

    async def upload_signed(self, request: Request) -> Response:
        return _stored(await _fill(self.storage, _pending(self.storage, request), request))

    async def start_multipart(self, request: Request) -> Response:
        self._require_token(request)
        pending = self._announce(request)
        return JSONResponse({"access_url": pending.url, "uploadId": pending.upload_id})

    async def upload_part(self, request: Request) -> Response:
        self._require_token(request)
        pending, number = _pending(self.storage, request), int(request.path_params["number"])
        if not 1 <= number <= MAX_PARTS:
            raise HTTPException(400, f"Part numbers go from 1 to {MAX_PARTS}")
        others = sum(part.size_bytes for known, part in pending.parts.items() if known != number)
        part = await _receive(self.storage, request, self.storage.max_upload_bytes - others)
        replaced = pending.parts.get(number)
        pending.parts[number] = part
        if replaced is not None:
            replaced.path.unlink(missing_ok=True)
        return Response(headers={"ETag": part.etag})

    async def complete_multipart(self, request: Request) -> Response:
        self._require_token(request)
        pending = _pending(self.storage, request)
        body = await read_json(request, MAX_JSON_BYTES)
        try:
            listed = {int(item["partNumber"]): str(item["etag"]) for item in body["parts"]}
        except (KeyError, TypeError, ValueError) as error:
            raise HTTPException(400, "parts is a list of partNumber and etag") from error
        if {number: part.etag for number, part in pending.parts.items()} != listed:
            raise HTTPException(400, "The listed parts are not the uploaded ones")
        whole = self.storage.scratch()
        with whole.open("xb") as file:
            for _, part in sorted(pending.parts.items()):
                with part.path.open("rb") as piece:
                    shutil.copyfileobj(piece, file)
                part.path.unlink()
        return _stored(self.storage.commit(pending, whole))

    async def download(self, request: Request) -> Response:
        name = request.path_params["name"]
        served = self.storage.find(name)
        if served is None:
            raise HTTPException(self.storage.gone_status(name), "File not found")
        stored, path = served
        return FileResponse(path, media_type=stored.content_type, stat_result=path.stat())


def _reserve(storage: Storage, file_name: str, content_type: str, preference: str | None) -> Pending:
    if not re.fullmatch(r"[\x20-\x7e]+", content_type):  # it is sent back as a header
        raise HTTPException(400, "Bad content type")
    try:
        lifecycle = parse_lifecycle(preference)
    except ValueError as error:
        raise HTTPException(400, f"Bad lifecycle: {error}") from error
    return storage.reserve(file_name, content_type, lifecycle)


def _pending(storage: Storage, request: Request) -> Pending:
    pending = storage.pending(request.path_params["upload_id"])
    if pending is None or request.path_params.get("name", pending.name) != pending.name:
        raise HTTPException(404, "No such upload")
    return pending


async def _fill(storage: Storage, pending: Pending, request: Request) -> StoredObject:
    part = await _receive(storage, request, storage.max_upload_bytes)
    return storage.commit(pending, part.path)


async def _receive(storage: Storage, request: Request, max_bytes: int) -> Part:
    """Stream the body to a scratch file of at most *max_bytes*; leave nothing behind when that fails."""
    target, digest, size = storage.scratch(), hashlib.md5(usedforsecurity=False), 0
    too_large = HTTPException(413, f"Uploads end at {storage.max_upload_bytes} bytes in the sandbox")
    if int(request.headers.get("content-length", 0)) > max_bytes:
        raise too_large
    try:
        with target.open("xb") as file:
            async for chunk in request.stream():
                size += len(chunk)
                if size > max_bytes:
                    raise too_large
                digest.update(chunk)
                file.write(chunk)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return Part(path=target, etag=f'"{digest.hexdigest()}"', size_bytes=size)


def _stored(stored: StoredObject) -> Response:
    return JSONResponse({"access_url": stored.url})
