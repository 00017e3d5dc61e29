"""A real moto server, the app behind a real WSGI server, and clients that speak HTTP to both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from api_site import REGION, Moto, SimulatedWorker, Site, TestClock, deployment_settings, serving
from aws_surroundings import aws_surroundings

from gems_api.app import create_app
from gems_api.aws.cloud import aws_cloud
from gems_api.services.context import Context


@pytest.fixture(scope="session")
def deployment() -> Iterator[Site]:
    """One deployment for all tests, which keep out of each other's way by their prefixes."""
    moto = Moto()
    clock = TestClock()
    with aws_surroundings(REGION, moto.endpoint):
        settings = deployment_settings(moto.endpoint)
        cloud = aws_cloud(settings)
        app = create_app(settings, cloud, clock)
    with serving(app) as url:
        yield Site(moto.endpoint, url, settings, Context(settings, cloud, clock), clock, moto)
    moto.stop()


@pytest.fixture(autouse=True)
def _surroundings(deployment: Site) -> Iterator[None]:
    with aws_surroundings(REGION, deployment.endpoint):
        yield


@pytest.fixture
def site(deployment: Site) -> Site:
    """The deployment, with the right time and with capacity."""
    deployment.clock.offset = timedelta()
    deployment.moto.capacity = 1000
    deployment.moto.launches.clear()
    return deployment


@pytest.fixture
def crew(site: Site) -> Callable[[str], list[SimulatedWorker]]:
    """The simulated workers of a job's instances."""

    def workers(session_key: str) -> list[SimulatedWorker]:
        ids = site.instance_ids(session_key)
        return [SimulatedWorker(site, session_key, instance_id, index) for index, instance_id in enumerate(ids)]

    return workers
