"""The HTTP face of the storage: tokens and signed uploads on rest.fal.ai, uploads and downloads on *.fal.media."""

import hashlib
import hmac
import re
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from submit.sandbox.faults.http import At
from submit.sandbox.http.auth import require_key
from submit.sandbox.http.body import read_json
from submit.sandbox.storage import CDN_URL, Part, Pending, Storage, StoredObject, parse_lifecycle

MAX_PARTS = 10_000
MAX_JSON_BYTES = 1_000_000


def rest_routes(storage: Storage, token: str, jwks: Mapping[str, Any]) -> Sequence[Route]:
    """rest.fal.ai: the token for the CDN, the older upload through a signed URL (fal_client's fallback), and the keys
    that webhooks are signed with.
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
    """*.fal.media: uploads need the token from rest.fal.ai, a signed URL or an upload id; downloads are public.

    *at* lets the faults of a place strike its handler.
    """

    def require_token(request: Request) -> None:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token}".encode()):
            raise HTTPException(401, "Invalid or missing CDN token")

    def announced(request: Request) -> Pending:
        return _reserve(
            storage,
            request.headers.get("x-fal-file-name", "upload.bin"),
            request.headers.get("content-type", "application/octet-stream"),
            request.headers.get("x-fal-object-lifecycle"),
        )

    async def upload(request: Request) -> Response:
        require_token(request)
        return _stored(await _fill(storage, announced(request), request))

    async def upload_signed(request: Request) -> Response:
        return _stored(await _fill(storage, _pending(storage, request), request))

    async def start_multipart(request: Request) -> Response:
        require_token(request)
        pending = announced(request)
        return JSONResponse({"access_url": pending.url, "uploadId": pending.upload_id})

    async def upload_part(request: Request) -> Response:
        require_token(request)
        pending, number = _pending(storage, request), int(request.path_params["number"])
        if not 1 <= number <= MAX_PARTS:
            raise HTTPException(400, f"Part numbers go from 1 to {MAX_PARTS}")
        others = sum(part.size_bytes for known, part in pending.parts.items() if known != number)
        part = await _receive(storage, request, storage.max_upload_bytes - others)
        replaced = pending.parts.get(number)
        pending.parts[number] = part
        if replaced is not None:
            replaced.path.unlink(missing_ok=True)
        return Response(headers={"ETag": part.etag})

    async def complete_multipart(request: Request) -> Response:
        require_token(request)
        pending = _pending(storage, request)
        body = await read_json(request, MAX_JSON_BYTES)
        try:
            listed = {int(item["partNumber"]): str(item["etag"]) for item in body["parts"]}
        except (KeyError, TypeError, ValueError) as error:
            raise HTTPException(400, "parts is a list of partNumber and etag") from error
        if {number: part.etag for number, part in pending.parts.items()} != listed:
            raise HTTPException(400, "The listed parts are not the uploaded ones")
        whole = storage.scratch()
        with whole.open("xb") as file:
            for _, part in sorted(pending.parts.items()):
                with part.path.open("rb") as piece:
                    shutil.copyfileobj(piece, file)
                part.path.unlink()
        return _stored(storage.commit(pending, whole))

    async def download(request: Request) -> Response:
        found = storage.find(request.path_params["name"])
        if found is None:
            raise HTTPException(storage.gone_status(request.path_params["name"]), "File not found")
        stored, path = found
        return FileResponse(path, media_type=stored.content_type, stat_result=path.stat())

    multipart = "/files/sandbox/{name}/multipart/{upload_id}"
    return [
        Route("/files/upload", at("upload", upload), methods=["POST"]),
        Route("/files/upload/multipart", start_multipart, methods=["POST"]),
        Route("/files/signed/{upload_id}", at("upload", upload_signed), methods=["PUT"]),
        Route(f"{multipart}/complete", at("upload", complete_multipart), methods=["POST"]),
        Route(f"{multipart}/{{number:int}}", upload_part, methods=["PUT"]),
        Route("/files/sandbox/{name}", at("download", download)),
    ]


def _reserve(storage: Storage, file_name: str, content_type: str, preference: str | None) -> Pending:
    if not re.fullmatch(r"[\x20-\x7e]+", content_type):  # it goes back out as a header
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
    """Stream the body to a scratch file, never more than *max_bytes*; nothing is left behind when it fails."""
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
