"""Bringing a job's results home."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gems_cli.exits import ApiRefused
from gems_cli.jobs.client import ApiClient
from gems_cli.run.output import SAMPLES, incoming
from gems_core.layout import REPORT_FORMATS, SAMPLE_PAGE, results_prefix
from gems_core.session_key import SessionKey

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


# Every report has it. The others stand without one that could not be made, and older workers made fewer.
_ALWAYS = "json"


def fetch_results(client: ApiClient, s3: S3Client, job: dict[str, Any], output: Path) -> None:
    """Put a job's reports, when it has any, and its samples' results into the output folder, all or none.

    Raises:
        ApiRefused, CloudUnreachable: a report cannot be had.
    """
    prefix = f"{results_prefix(job['prefix'], SessionKey.parse(job['session_key']))}{SAMPLES}/"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=job["bucket"], Prefix=prefix)
    found = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    keys = [key for key in found if not key.endswith(f"/{SAMPLE_PAGE}")]  # of use to a service's pages only
    with incoming(output) as folder:
        if job["report"]:
            _fetch_reports(client, job["session_key"], folder)

        def fetch(key: str) -> None:
            target = folder / SAMPLES / key.removeprefix(prefix)
            target.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(job["bucket"], key, str(target))

        with ThreadPoolExecutor() as pool:
            list(pool.map(fetch, keys))


def _fetch_reports(client: ApiClient, session_key: str, folder: Path) -> None:
    for extension in REPORT_FORMATS:
        try:
            content = client.report(session_key, extension)
        except ApiRefused as refused:
            if extension == _ALWAYS or refused.status != HTTPStatus.NOT_FOUND:
                raise
            continue
        (folder / f"report.{extension}").write_bytes(content)
