"""Samples' files: listed as both generations of the API do, and their bytes by presigned link and range."""

from __future__ import annotations

import time

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from gems_local.basespace.account import Account, HeldFile, md5
from gems_local.basespace.faults import Kind
from gems_local.basespace.wire import (
    SLOW_SECONDS,
    Json,
    Refused,
    answered,
    envelope,
    fault_of_request,
    paged,
    user_of_request,
)


def add_reads(site: Flask, account: Account) -> None:
    """The calls about files."""
    _add_lists(site, account)
    _add_contents(site, account)


def _add_lists(site: Flask, account: Account) -> None:
    def files_of(sample_id: str) -> list[HeldFile]:
        user_of_request(account)
        if sample_id not in account.samples:
            raise Refused(404, "BASESPACE.SAMPLES.NOT_FOUND")
        return account.samples[sample_id][1]

    def listed(file: HeldFile) -> Json:
        return {"Id": file.file_id, "Name": file.name, "Path": file.name, "Size": file.size_bytes}

    @site.get("/v1pre3/samples/<sample_id>/files")
    def files(sample_id: str) -> ResponseReturnValue:
        return paged([listed(file) for file in files_of(sample_id)])

    @site.get("/v2/datasets")
    def datasets() -> ResponseReturnValue:
        sample_id = request.args["inputbiosamples"]
        files_of(sample_id)
        return answered({"Items": [{"Id": f"ds-{sample_id}"}], "Paging": {"TotalCount": 1}})

    @site.get("/v2/datasets/ds-<sample_id>/files")
    def dataset_files(sample_id: str) -> ResponseReturnValue:
        found, offset = files_of(sample_id), int(request.args["offset"])
        shown = [listed(file) for file in found[offset : offset + int(request.args["limit"])]]
        return answered({"Items": shown, "Paging": {"TotalCount": len(found)}})


def _add_contents(site: Flask, account: Account) -> None:
    @site.get("/<any(v1pre3, v2):api>/files/<file_id>/content")
    def content(api: str, file_id: str) -> ResponseReturnValue:
        del api
        user_of_request(account)
        file = account.file(file_id)
        if file is None:
            raise Refused(404, "BASESPACE.FILES.NOT_FOUND")
        url = f"{request.host_url}store/{file_id}?signature=stand-in"
        return envelope({"HrefContent": url, "SupportsRange": True, "ETag": f'"{md5(file.read())}"'})

    @site.get("/store/<file_id>")
    def store(file_id: str) -> ResponseReturnValue:
        file = account.file(file_id)
        if file is None or request.args.get("signature") != "stand-in":
            raise Refused(403, "AccessDenied")
        return _ranged(file.read())


def _ranged(data: bytes) -> Response:
    """The bytes that were asked for, cut short, slow or damaged where a fault says so."""
    start = int(request.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
    part, total, fault = data[start:], len(data), fault_of_request()
    headers = {"Content-Length": str(len(part)), "ETag": f'"{md5(data)}"'}
    if "Range" in request.headers:
        headers["Content-Range"] = f"bytes {start}-{total - 1}/{total}"
    if fault is not None and fault.kind is Kind.TRUNCATED:
        part = part[: max(1, len(part) // 2)]
    if fault is not None and fault.kind is Kind.DAMAGED:
        part = bytes([part[0] ^ 1]) + part[1:]
    if fault is not None and fault.kind is Kind.SLOW:
        time.sleep(SLOW_SECONDS)
    status = 206 if "Range" in request.headers else 200
    return Response(iter([part]), status, headers=headers, content_type="application/octet-stream")
