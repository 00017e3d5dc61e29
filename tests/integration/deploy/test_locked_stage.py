"""A stage whose review's log is locked: the bucket is made ready once, and `gems doctor` looks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from deployment import Deployment
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.s3.models import FakeBucket, S3Backend, s3_backends

from gems_cli.deploy import CHECKS
from gems_core.errors import DeploymentFailed, InvalidInput
from gems_deploy import settings
from gems_deploy.facts import Facts
from gems_deploy.findings import Finding, Level, examine
from gems_deploy.run import Run
from gems_deploy.steps import STEPS

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS")


# A stage whose function changes too often is one that moto cannot remove; only this step is walked.
STEP = next(step for step in STEPS if step.name == "review log")


def a_run(deployed: Deployment) -> Run:
    run = deployed.run()
    run.outputs = deployed.outputs()
    return run


def finding(deployed: Deployment) -> Finding:
    (found,) = examine(Facts(deployed.site()), [check for check in CHECKS if check.name == "review log"])
    return found


@pytest.fixture
def bucket(deployed: Deployment) -> Iterator[FakeBucket]:
    """The control bucket, which is as before afterwards."""
    bucket = s3_backends[ACCOUNT]["aws"].buckets[deployed.outputs()["ControlBucket"]]
    yield bucket
    bucket.object_lock_enabled = False


@pytest.fixture
def _wished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = json.loads(settings.ZAPPA_SETTINGS.read_text())
    document["dev"].setdefault("aws_environment_variables", {})["GEMS_REVIEW_LOCK"] = "governance:3653"
    path = tmp_path / "zappa_settings.json"
    path.write_text(json.dumps(document))
    monkeypatch.setattr(settings, "ZAPPA_SETTINGS", path)


def test_a_stage_without_the_setting_is_left_alone(deployed: Deployment, bucket: FakeBucket) -> None:
    assert "3/9 review log: nothing to do" in deployed.deploy(dry_run=True)
    assert not bucket.object_lock_enabled
    assert finding(deployed).level is Level.OK


@pytest.mark.usefixtures("_wished")
def test_the_bucket_is_made_ready_once(
    deployed: Deployment, bucket: FakeBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_s3_does(backend: S3Backend, bucket_name: str, lock_enabled: bool, *_rule: object) -> None:
        """Moto refuses buckets that hold objects, as S3 did until November 2023."""
        backend.get_bucket(bucket_name).object_lock_enabled = lock_enabled

    monkeypatch.setattr(S3Backend, "put_object_lock_configuration", as_s3_does)
    found = finding(deployed)
    assert found.level is Level.FAIL
    assert "nobody can review" in found.found
    line = "turn on S3 Object Lock, for GEMS_REVIEW_LOCK=governance:3653; nobody can turn it off again"
    assert f"3/9 review log: {line}" in deployed.deploy(dry_run=True)
    assert not bucket.object_lock_enabled
    STEP.act(a_run(deployed))
    assert bucket.object_lock_enabled
    assert "3/9 review log: nothing to do" in deployed.deploy(dry_run=True)
    assert finding(deployed).found == "entries are locked for 3653 days (governance)"


@pytest.mark.usefixtures("_wished", "bucket")
def test_whoever_may_not_is_told_who_may(deployed: Deployment) -> None:
    with pytest.raises(DeploymentFailed, match="Deploy as an administrator"):
        STEP.act(a_run(deployed))


@pytest.mark.usefixtures("_wished")
def test_what_is_no_lock_is_refused_before_anything_is_changed(deployed: Deployment) -> None:
    text = settings.ZAPPA_SETTINGS.read_text().replace("governance:3653", "for ever")
    settings.ZAPPA_SETTINGS.write_text(text)
    with pytest.raises(
        InvalidInput, match="GEMS_REVIEW_LOCK: expected governance or compliance, a colon and 1 to 36500"
    ):
        deployed.deploy(dry_run=True)
