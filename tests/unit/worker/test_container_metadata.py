"""What AWS Batch tells a container, as the worker reads it."""

from __future__ import annotations

import pytest

from worker.metadata import ContainerMetadata

JOB = "0e1f2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


@pytest.mark.parametrize(
    ("job_id", "instance_id", "launch_index"),
    [(f"{JOB}:7", f"b-{JOB}-7", 7), (f"{JOB}:9999", f"b-{JOB}-9999", 9999), (JOB, f"b-{JOB}", 0)],
)
def test_a_child_is_named_as_the_api_names_it(job_id: str, instance_id: str, launch_index: int) -> None:
    metadata = ContainerMetadata(job_id)
    assert (metadata.instance_id(), metadata.launch_index()) == (instance_id, launch_index)
    assert metadata.spot_notice() is metadata.rebalance_notice() is None
