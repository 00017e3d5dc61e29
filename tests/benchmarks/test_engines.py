"""Jobs in memory, on each engine: what ``bench_api`` measures is the whole life of a job."""

from __future__ import annotations

import pytest
from api_batch import MemoryBatch
from api_simulation import JobSimulation, Request, Site

from gems_api.services.intake import preflight
from gems_api.services.lifecycle import start_job
from gems_api.services.shown import views
from gems_api.services.storage import read_cache
from gems_core.engines import Engine
from gems_local.strict.settings import BATCH_REQUESTS


@pytest.fixture(autouse=True)
def the_app_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulation puts its own clocks and pools into the app's modules: let them be as before afterwards."""
    for module, name in (
        (read_cache, "ThreadPoolExecutor"),
        (preflight, "ThreadPoolExecutor"),
        (start_job, "time"),
        (views, "time"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name))


@pytest.mark.parametrize("engine", Engine)
def test_a_job_ends_and_leaves_nobody(engine: Engine) -> None:
    site = Site(4, 12, engine=engine)
    session_key, _ = site.start()
    simulation = JobSimulation(site, session_key, 60.0)
    simulation.run(3600)
    job = site.lambdas.ask(Request("GET /job", "GET", f"/job?session_key={session_key}")).json()[0]
    assert (job["overall_status"], job["samples_done"], simulation.tally.lost) == ("COMPLETE", 12, 0)
    assert (site.fleet.living(), len(site.mailer.sent)) == ([], 1)


def test_a_launch_of_aws_batch_is_one_submission() -> None:
    site = Site(4, 12, engine=Engine.BATCH)
    site.start()
    assert isinstance(site.fleet, MemoryBatch)
    assert (len(site.fleet.living()), site.calls.asked["batch", "SubmitJob"]) == (4, 1)


def test_what_aws_batch_throttles_is_asked_again_later() -> None:
    site = Site(1, 1, engine=Engine.BATCH)
    assert isinstance(site.fleet, MemoryBatch)
    for _ in range(int(BATCH_REQUESTS.size) + 1):
        site.calls.begin()  # all at the same moment, as from as many Lambdas
        site.fleet.fleet.instance("b-00000000-0000-0000-0000-000000000001")
    assert site.calls.throttled == {("batch", "DescribeJobs"): 1}
    assert site.calls.asked["batch", "DescribeJobs"] == BATCH_REQUESTS.size + 2
