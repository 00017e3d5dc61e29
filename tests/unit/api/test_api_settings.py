"""Settings are read once and whole; the documentation names every one, every route, status and error code."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from api_world import World

from gems_api.app import create_app
from gems_api.settings import VARIABLE, Settings
from gems_api.web.problems import KINDS
from gems_core.engines import Engine
from gems_core.errors import InvalidInput
from gems_core.protocol.answer import Instruction
from gems_core.protocol.status_report import Kind
from gems_core.statuses import JobStatus, WorkerStatus

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
REQUIRED = {item.metadata[VARIABLE]: "x" for item in fields(Settings) if item.default is MISSING}
REQUIRED |= {"GEMS_LAUNCH_TEMPLATE": "x", "GEMS_SUBNETS": "x"}
REQUIRED["GEMS_WORKER_ROLE"] = "arn:aws:iam::123456789012:role/gems/gems-worker"
REQUIRED["GEMS_JOB_ROLE"] = "arn:aws:iam::123456789012:role/gems/gems-job"


def test_all_missing_settings_are_named_at_once() -> None:
    with pytest.raises(InvalidInput) as refusal:
        Settings.from_environment({"GEMS_MAX_WORKERS": "many"})
    named = {problem.where.removeprefix("environment variable ") for problem in refusal.value.problems}
    assert named == {*REQUIRED, "GEMS_MAX_WORKERS"}


def test_each_engine_needs_settings_of_its_own() -> None:
    batch = {name: text for name, text in REQUIRED.items() if name not in ("GEMS_LAUNCH_TEMPLATE", "GEMS_SUBNETS")}
    with pytest.raises(InvalidInput, match=r"GEMS_BATCH_QUEUE.*GEMS_BATCH_JOB_DEFINITION") as refusal:
        Settings.from_environment({**batch, "GEMS_ENGINE": "batch"})
    assert {problem.code for problem in refusal.value.problems} == {"missing_setting"}
    of_batch = {"GEMS_ENGINE": "batch", "GEMS_BATCH_QUEUE": "gems", "GEMS_BATCH_JOB_DEFINITION": "gems:1"}
    assert Settings.from_environment({**batch, **of_batch}).engine is Engine.BATCH
    with pytest.raises(InvalidInput, match=r"GEMS_ENGINE.*ec2 or batch"):
        Settings.from_environment({**REQUIRED, "GEMS_ENGINE": "lambda"})


@pytest.mark.parametrize("budget", ["little", "0", "-1", "1e3"])
def test_a_budget_that_is_none_is_refused(budget: str) -> None:
    with pytest.raises(InvalidInput, match="GEMS_JOB_BUDGET_USD"):
        Settings.from_environment({**REQUIRED, "GEMS_JOB_BUDGET_USD": budget})


@pytest.mark.parametrize(
    "role", ["gems-worker", "arn:aws:iam::1234:role/gems-worker", "arn:aws:iam::123456789012:user/x"]
)
def test_a_worker_role_that_is_no_roles_arn_is_refused(role: str) -> None:
    with pytest.raises(InvalidInput, match="GEMS_WORKER_ROLE"):
        Settings.from_environment({**REQUIRED, "GEMS_WORKER_ROLE": role})


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("GEMS_INSTANCE_TYPES", "c7i.large,,c6i.large", "names with commas between, each once"),
        ("GEMS_SUBNETS", "subnet-a,subnet-a", "names with commas between, each once"),
        ("GEMS_SPOT", "perhaps", "true or false"),
        ("GEMS_INSTANCE_TYPES", ",".join(f"t{number}" for number in range(301)), "at most 300 pairs"),
    ],
)
def test_launch_settings_that_make_no_sense_are_refused(variable: str, text: str, expected: str) -> None:
    with pytest.raises(InvalidInput, match=f"{variable}.*{expected}"):
        Settings.from_environment({**REQUIRED, variable: text})


def test_the_control_bucket_is_no_bucket_of_reads() -> None:
    with pytest.raises(InvalidInput, match="GEMS_DATA_BUCKETS"):
        Settings.from_environment(
            {**REQUIRED, "GEMS_DATA_BUCKETS": f"reads,arn:aws:s3:::{REQUIRED['GEMS_CONTROL_BUCKET']}"}
        )


def test_lists_and_truths_are_read() -> None:
    more = {"GEMS_INSTANCE_TYPES": "c7i.large, c6i.large", "GEMS_SPOT": "True"}
    settings = Settings.from_environment({**REQUIRED, **more})
    assert (settings.instance_types, settings.spot) == (("c7i.large", "c6i.large"), True)
    assert not settings.single_pool
    assert Settings.from_environment(REQUIRED).single_pool


def test_buckets_are_read_by_their_names_and_by_their_arns() -> None:
    more = {"GEMS_DATA_BUCKETS": "arn:aws:s3:::direct.typing, gems-data"}
    assert Settings.from_environment({**REQUIRED, **more}).data_buckets == ("direct.typing", "gems-data")


def test_settings_have_the_defaults_that_are_documented() -> None:
    settings = Settings.from_environment({**REQUIRED, "GEMS_JOB_LIMIT_SECONDS": "60"})
    assert settings.job_limit_seconds == 60
    for item in fields(Settings):
        default = "required" if item.default is MISSING else str(item.default or "").lower() or "none"
        default = "false" if item.default is False else default
        assert re.search(rf"^\| `{item.metadata[VARIABLE]}` \| `?{re.escape(default)}`? \|", PAGE, re.M), item.name


def test_every_route_is_documented() -> None:
    world = World()
    app = create_app(world.settings, world.cloud, world.clock)
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert f"`{method} {rule.rule}`" in PAGE, rule


def test_every_status_instruction_kind_and_error_code_is_documented() -> None:
    words = [*WorkerStatus, *JobStatus, *Instruction, *Kind, *KINDS]
    assert [word for word in words if f"`{word}`" not in PAGE] == []
    assert [kind for kind in KINDS.values() if f"| `{kind.code}` | {kind.status} |" not in PAGE] == []


def test_every_problem_code_in_the_source_is_documented() -> None:
    pattern = re.compile(r'(?:Problem|Finding|one_problem|_problem)\(\s*"([a-z_]+)"')
    sources = [*ROOT.glob("gems_api/**/*.py"), ROOT / "gems_core/fastq_names.py", ROOT / "gems_core/fields.py"]
    codes = {code for source in sources for code in pattern.findall(source.read_text(encoding="utf-8"))}
    assert len(codes) > 15
    assert sorted(code for code in codes if f"`{code}`" not in PAGE) == []


def test_importing_the_factory_has_no_effects() -> None:
    """Neither the environment nor the network is touched, nor boto3 loaded, until somebody composes the app."""
    code = "import sys, gems_api.app, gems_api.services.reaping.reaper; sys.exit('boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={}, check=False).returncode == 0
