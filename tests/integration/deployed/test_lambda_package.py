"""What is in the Lambda's zip, and that nothing else is needed to run it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import boto3
import pytest

from gems_artefacts.bundle import SOURCE_ROOT
from gems_deploy.lambda_package.__main__ import LARGEST_ZIP_BYTES
from gems_deploy.lambda_package.contents import BOTOCORE_SERVICES

# The C library of Lambda's Python 3.11 (Amazon Linux 2): what asks for a newer one cannot be loaded there.
RUNTIMES_GLIBC = (2, 26)


@pytest.fixture(scope="module")
def names(lambda_zip: Path) -> list[str]:
    with zipfile.ZipFile(lambda_zip) as archive:
        return archive.namelist()


def run(unpacked: Path, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a Python that sees the standard library and the zip, and nothing else."""
    python = Path(sys.base_prefix) / "bin" / "python{}.{}".format(*sys.version_info)
    return subprocess.run(
        [str(python), "-S", "-c", code],
        cwd=unpacked,
        env={"PYTHONPATH": str(unpacked), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_zip_is_small(lambda_zip: Path) -> None:
    assert lambda_zip.stat().st_size <= LARGEST_ZIP_BYTES


def test_the_zip_holds_what_runs_and_nothing_else(names: list[str]) -> None:
    assert {
        "gems_api/lambda_handler.py",
        "gems_core/__init__.py",
        "userdata/bootstrap.sh",
        "userdata/provision.sh",
        "credstash.py",
    } <= {*names}
    roots = {name.split("/")[0] for name in names}
    never = {
        "worker", "gems_cli", "gems_local", "gems_deploy", "gems_formats", "gems_reference", "gems_artefacts", "gems_simulator", "tests", "zappa", "moto", "pytest", "pip", "setuptools", "mypy_boto3_ec2", "boto3-stubs",
        "numpy", "pydantic", "zappa_settings.json", "package_info.json",
    }  # fmt: skip
    assert not roots & never
    assert not [name for name in names if re.search(r"(^|/)(tests?|examples)/|\.dist-info/|\.pyi$", name)]
    services = {name.split("/")[2] for name in names if re.match(r"botocore/data/[^/]+/.", name)}
    assert services == BOTOCORE_SERVICES


def test_every_service_that_the_api_calls_is_in_the_zip() -> None:
    # `gems prices` asks for prices, on the machine of whoever types it.
    paths = (path for path in (SOURCE_ROOT / "gems_api").rglob("*.py") if path.name != "pricing.py")
    sources = "\n".join(path.read_text() for path in paths)
    called = {*re.findall(r"[._](?:client|resource)\(\s*\"([a-z0-9-]+)\"", sources)}
    assert {"batch", "ec2", "s3"} <= called
    assert called <= BOTOCORE_SERVICES


def test_every_module_comes_with_its_byte_code(names: list[str]) -> None:
    compiled = {re.sub(r"__pycache__/(.+)\.cpython-311\.pyc$", r"\1.py", name) for name in names}
    ours = {name for name in names if name.endswith(".py") and name.startswith(("gems_", "flask/", "botocore/"))}
    assert ours
    assert ours <= compiled


def test_the_zip_can_be_loaded_by_the_runtimes_c_library(unpacked: Path) -> None:
    libraries = list(unpacked.rglob("*.so"))
    assert libraries
    for library in libraries:
        asked = re.findall(rb"GLIBC_(\d+)\.(\d+)", library.read_bytes())
        newest = max((int(major), int(minor)) for major, minor in asked)
        assert newest <= RUNTIMES_GLIBC, f"{library.name} asks for glibc {newest}"


def calls() -> dict[str, list[str]]:
    """What the API asks of the clients of large services, as its sources say."""
    sources = (SOURCE_ROOT / "gems_api" / "aws").rglob("*.py")
    asks = re.compile(r"_(?:client|submitter|ecs\(\))\.([a-z0-9_]+)")
    names = {name for path in sources for name in asks.findall(path.read_text())}
    known = {service: boto3.client(service, region_name="eu-west-1") for service in ("batch", "ec2", "ecs", "s3")}
    found = {service: sorted(name for name in names if hasattr(client, name)) for service, client in known.items()}
    assert {"run_instances", "create_fleet"} <= set(found["ec2"])
    assert {"get_object", "put_object"} <= set(found["s3"])
    assert {"submit_job", "terminate_job", "describe_jobs"} <= set(found["batch"])
    assert "describe_container_instances" in found["ecs"]
    return found


def test_the_zip_alone_can_do_all_that_the_api_does(unpacked: Path) -> None:
    code = """
import json, sys
import boto3, credstash
import gems_api.aws.clients, gems_api.aws.credentials, gems_api.app, gems_api.compose
session = boto3.Session(region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="y")
for service in %r:
    client = session.client(service)
    client.meta.service_model.operation_names
for service, names in json.loads(%r).items():
    client = session.client(service)
    for name in names:
        assert callable(getattr(client, name)), name
assert session.client("ses", region_name="eu-west-1").meta.endpoint_url == "https://email.eu-west-1.amazonaws.com"
assert session.client("ec2", region_name="cn-north-1").meta.endpoint_url == "https://ec2.cn-north-1.amazonaws.com.cn"
session.resource("dynamodb").Table("t")
session.client("ec2").get_paginator("describe_instances")
session.client("batch").get_paginator("list_jobs")
session.client("batch").get_paginator("describe_compute_environments")
session.client("s3").generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
print(json.dumps(sorted({getattr(module, "__file__", None) or "" for module in sys.modules.values()})))
"""
    done = run(unpacked, code % (sorted(BOTOCORE_SERVICES), json.dumps(calls())), HOME="/nonexistent")
    assert done.returncode == 0, done.stderr
    origins = json.loads(done.stdout)
    elsewhere = [origin for origin in origins if "site-packages" in origin or "gems_cli" in origin]
    assert not elsewhere


def test_lambda_calls_our_handler_and_not_zappas(unpacked: Path) -> None:
    assert "lambda_handler" in (unpacked / "handler.py").read_text()
    assert "raw_command" not in (unpacked / "handler.py").read_text()
    done = run(unpacked, "import handler; handler.lambda_handler({'raw_command': 'print(1)'}, None)")
    assert "missing_setting" in done.stderr or "GEMS_CONTROL_BUCKET" in done.stderr
