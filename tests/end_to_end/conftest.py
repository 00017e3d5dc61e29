"""One local cloud for all tests of the way of a job, and a tiny run whose truth is known."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cloud_site import INSTANCES, Site, site_of
from playwright.sync_api import Browser
from real_browser import Person, chromium, person
from tiny_run import SAMPLES, TinyRun, make_tiny_run

from gems_artefacts.cache import cache_folder
from gems_artefacts.checks import BUILT_JAR
from gems_artefacts.publish import collect_artefacts
from gems_core.engines import BATCH, EC2, ENGINES
from gems_deploy.lambda_package.build import built_zip
from gems_local.stack import CloudPlan, LocalCloud

# The engines that a module sees in the whole suite, where it is not EC2 alone; `make e2e` shows everything to both.
ENGINES_OF = {
    "test_way_of_a_job": ENGINES,
    "test_no_secret_is_told": ENGINES,
    "test_least_privilege": ENGINES,
    "test_batch_troubles": (BATCH,),
}
# Fixtures of clouds, and how long each lives.
CLOUDS = {"site": "session", "guarded": "module"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test its engines: those of GEMS_E2E_ENGINE, such as ``ec2 batch``, where that is set."""
    engines = os.environ.get("GEMS_E2E_ENGINE", "").split() or ENGINES_OF.get(metafunc.module.__name__, (EC2,))
    for name, scope in CLOUDS.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, engines, indirect=True, scope=scope)


@pytest.fixture(scope="session")
def typer_jar() -> Path:
    """The real typer; building it is Maven's matter, done before."""
    if shutil.which("java") is None:
        pytest.skip("needs a Java runtime")
    if not BUILT_JAR.exists():
        pytest.fail(f"{BUILT_JAR} is not built; run `mvn -q -f hla-typer/pom.xml package`")
    return BUILT_JAR


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> TinyRun:
    return make_tiny_run(tmp_path_factory.mktemp("tiny"), SAMPLES)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def site(
    request: pytest.FixtureRequest,
    typer_jar: Path,
    tiny_run: TinyRun,
    cache: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """A local cloud with five machines and an engine; with GEMS_E2E_LAMBDA its API is the deployed zip."""
    package = built_zip("dev", cache_folder() / "lambda") if os.environ.get("GEMS_E2E_LAMBDA") else None
    artefacts = collect_artefacts(typer_jar, tiny_run.library, tiny_run.panel, cache / "artefacts")
    folder = tmp_path_factory.mktemp("cloud")
    plan = CloudPlan(folder, artefacts, INSTANCES, lambda_zip=package, basespace=tiny_run.reads, engine=request.param)
    with LocalCloud(plan) as cloud:
        yield site_of(cloud)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Person]:
    """Somebody who has not signed in; in the end the browser has complained of nothing."""
    with person(browser, site.cloud.api_url) as somebody:
        yield somebody
        assert somebody.complaints == []
