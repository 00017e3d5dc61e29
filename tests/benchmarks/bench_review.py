"""How long the pages themselves take of a review: 24 samples of a real job, accepted and approved by the keyboard alone.

A person sits at Chromium and presses A for each sample, then two approvers press P. The time of a sample is from the key to the
next sample's page, with its review in it. What is left of five minutes is what a reviewer has to look.

Run: ``python tests/benchmarks/bench_review.py [--samples N] [--lambda]``. It needs the typer's jar and Chromium, as the tests do.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import quote

from playwright.sync_api import Page, expect

sys.path[:0] = [str(Path(__file__).parents[1] / "end_to_end")]

from cloud_site import INSTANCES, JobRecord, Site, job_files  # noqa: E402 - after the path is set
from real_browser import Person as Visitor  # noqa: E402
from real_browser import chromium, person  # noqa: E402
from tiny_run import make_tiny_run  # noqa: E402

from gems_api.aws.s3 import S3Store  # noqa: E402
from gems_api.compose import utc_now  # noqa: E402
from gems_api.services.access.passwords import hashed  # noqa: E402
from gems_api.services.state.person import Person  # noqa: E402
from gems_api.services.storage.people import People  # noqa: E402
from gems_artefacts.cache import cache_folder  # noqa: E402
from gems_artefacts.checks import BUILT_JAR  # noqa: E402
from gems_artefacts.publish import collect_artefacts  # noqa: E402
from gems_core.people import Role  # noqa: E402
from gems_deploy.lambda_package.build import built_zip  # noqa: E402
from gems_local.stack import CloudPlan, LocalCloud  # noqa: E402

PASSWORD = "a long word for a benchmark"
PEOPLE = {"rita": Role.REVIEWER, "anna": Role.APPROVER, "bert": Role.APPROVER}
KEYS = {"rita": "a", "anna": "p", "bert": "p"}  # with Alt held
FIVE_MINUTES = 300.0


@contextmanager
def a_cloud(samples: int, *, by_lambda: bool) -> Iterator[tuple[Site, JobRecord]]:
    """A local cloud with a job of that many samples that has ended, and people."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = make_tiny_run(folder / "run", samples)
        artefacts = collect_artefacts(BUILT_JAR, run.library, run.panel, folder / "artefacts")
        package = built_zip("dev", cache_folder() / "lambda") if by_lambda else None
        with LocalCloud(CloudPlan(folder / "cloud", artefacts, INSTANCES, lambda_zip=package)) as cloud:
            site = Site(cloud)
            people = People(S3Store(site.s3, time.sleep), cloud.control_bucket)
            for person_name, role in PEOPLE.items():
                people.add(Person.new(person_name, role, hashed(PASSWORD), utc_now()))
            site.upload("review", job_files(run.reads, samples))
            yield site, site.follow(site.start("review"))


def press_with_alt(page: Page, key: str) -> None:
    """As a keyboard does. Playwright's own press leaves out the text, by which Chromium finds what a key is for."""
    devtools = page.context.new_cdp_session(page)
    pressed = {"modifiers": 1, "key": key, "code": f"Key{key.upper()}", "windowsVirtualKeyCode": ord(key.upper())}
    devtools.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": key, "unmodifiedText": key, **pressed})
    devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})


def review(reviewer: Visitor, name: str, first: str, samples: int) -> list[float]:
    """Seconds from each key to the next sample's page; the last is to the page that has no sample left."""
    page = reviewer.page
    reviewer.open(first)
    reviewer.sign_in_as(name, PASSWORD)
    expect(page.get_by_text(f"Signed in as {name}")).to_be_visible()
    found = []
    for number in range(1, samples + 1):
        here = page.url
        start = time.perf_counter()
        press_with_alt(page, KEYS[name])
        if number < samples:
            page.wait_for_url(lambda url, here=here: url.partition("#")[0] != here.partition("#")[0])
        expect(page.locator("#review h2 .badge")).to_be_visible()
        found.append(time.perf_counter() - start)
    return found


def main() -> None:
    """Print a line for each person."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=24)
    parser.add_argument("--lambda", dest="by_lambda", action="store_true", help="the API is the zip behind a gateway")
    options = parser.parse_args()
    with a_cloud(options.samples, by_lambda=options.by_lambda) as (site, job), chromium() as browser:
        first = f"/jobs/{quote(job.session_key, safe=':')}/samples/TINY-01#review"
        sys.stdout.write("person\tsamples\tpages_s\tmedian_s\tlongest_s\tleft_to_look_s_per_sample\n")
        for name in PEOPLE:
            with person(browser, site.cloud.api_url) as somebody:
                took = review(somebody, name, first, options.samples)
            left = (FIVE_MINUTES - sum(took)) / options.samples
            row = (name, len(took), f"{sum(took):.1f}", f"{median(took):.2f}", f"{max(took):.2f}", f"{left:.1f}")
            sys.stdout.write("\t".join(map(str, row)) + "\n")


if __name__ == "__main__":
    main()
