"""A finished job whose results lie in S3 as the merge writes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from api_world import World

from gems_core.layout import report_key, run_page_key, sample_page_key
from gems_core.session_key import SessionKey
from gems_report.formats import csv_report, json_report
from gems_report.model import RunFacts, failed_sample, make_report, typed_sample
from gems_report.pages import RunPage, SamplePage

CONTRACT = Path(__file__).parents[2] / "contract" / "typing.sample.json"
STATE = {"state": "done", "reason": "", "program": "cross_match", "version": "1.1"}
Json = dict[str, Any]


def typing_of(sample: str, change: Callable[[Json], None] = lambda _: None) -> Json:
    """The contract's own typing.json, as a sample's."""
    document: Json = {**json.loads(CONTRACT.read_text()), "sample": sample}
    change(document)
    return document


def with_results(
    world: World,
    changes: Mapping[int, Callable[[Json], None]] | None = None,
    *,
    samples: int = 2,
    failed: str = "",
    mailed_to: str = "",
    damaged: bool = False,
    prefix: str = "",
    retype_of: str = "",
) -> SessionKey:
    """A job that has ended, with the documents of its pages.

    Args:
        world: the deployment.
        changes: what is otherwise in the typing of a sample, by its place.
        samples: how many.
        failed: why the last sample failed; '' where it did not.
        mailed_to: an address; '' for no mail.
        damaged: whether the run's summary cannot be read.
        prefix: the folder; '' for the usual one.
        retype_of: the job whose reads are typed again.
    """
    asked = {"prefix": prefix, "email": mailed_to, "retype_of": retype_of}
    more = {name: value for name, value in asked.items() if value}
    key = world.start(samples, workers=1, hla_class="all", **more)
    (worker,) = world.crew(key)
    worker.work()
    manifest = world.job(key).manifest
    names = sorted(one.name for one in manifest.samples)
    typings = {name: typing_of(name, (changes or {}).get(i, lambda _: None)) for i, name in enumerate(names)}
    results = [typed_sample(name, typings[name], STATE) for name in names]
    if failed:
        results[-1] = failed_sample(names[-1], failed)
    report = make_report(RunFacts.of(manifest), results)
    put = world.cloud.store.put
    put(manifest.bucket, run_page_key(manifest.prefix, key), b"none" if damaged else RunPage.of(report).to_bytes())
    for result in results:
        page = SamplePage.of(report, result, typings[result.sample] if result.loci else None)
        put(manifest.bucket, sample_page_key(manifest.prefix, key, result.sample), page.to_bytes())
    worker.merge()
    for extension, module in (("csv", csv_report), ("json", json_report)):
        put(manifest.bucket, report_key(manifest.prefix, key, extension), module.render(report))
    return key


def address(key: SessionKey, part: str = "") -> str:
    """Of a job's page, or one below it."""
    return f"/jobs/{quote(str(key), safe=':')}{part}"
