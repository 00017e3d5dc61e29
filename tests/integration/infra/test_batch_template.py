"""What infra/batch.yaml makes, seen in the stand-in and in the template's own text."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from stack_site import BATCH_TEMPLATE, NOT_IN_MOTO, Stack
from template_file import load_template, properties

from gems_artefacts.bundle import SOURCE_ROOT


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return load_template(BATCH_TEMPLATE)


ENVIRONMENTS = {
    "SpotMachines": ("SPOT", "SPOT_CAPACITY_OPTIMIZED"),
    "OnDemandMachines": ("EC2", "BEST_FIT_PROGRESSIVE"),
}


def test_the_stand_in_makes_all_of_it(template: dict[str, Any], batch_stack: Stack) -> None:
    kinds = {item["Type"] for item in template["Resources"].values()}
    assert not kinds & NOT_IN_MOTO
    assert set(template["Resources"]) <= set(batch_stack.ids)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_machines_come_and_go_by_themselves_within_a_limit(template: dict[str, Any], name: str) -> None:
    made = properties(template, name)
    resources = made["ComputeResources"]
    assert (resources["Type"], resources["AllocationStrategy"]) == ENVIRONMENTS[name]
    assert (resources["MinvCpus"], resources["MaxvCpus"]) == (0, {"Ref": "MostVcpus"})
    assert "DesiredvCpus" not in resources  # Batch's own; a value here would be set again at each deployment
    assert made["ReplaceComputeEnvironment"] is False
    assert "ServiceRole" not in made  # with Batch's own role an environment is updated in place


def test_both_kinds_of_machines_differ_in_how_they_are_bought_alone(template: dict[str, Any]) -> None:
    bought = {"Type", "AllocationStrategy", "Tags"}
    spot, on_demand = (properties(template, name)["ComputeResources"] for name in ENVIRONMENTS)
    assert {k: v for k, v in spot.items() if k not in bought} == {k: v for k, v in on_demand.items() if k not in bought}


def test_spot_comes_first_where_it_is_asked_for(template: dict[str, Any]) -> None:
    condition, with_spot, without = properties(template, "JobQueue")["ComputeEnvironmentOrder"]["If"]
    assert condition == template["Resources"]["SpotMachines"]["Condition"] == "UseSpot"
    assert [one["ComputeEnvironment"]["Ref"] for one in with_spot] == ["SpotMachines", "OnDemandMachines"]
    assert [one["ComputeEnvironment"]["Ref"] for one in without] == ["OnDemandMachines"]


def test_nothing_comes_in_to_a_machine_and_https_alone_goes_out(template: dict[str, Any]) -> None:
    made = properties(template, "MachineSecurityGroup")
    assert "SecurityGroupIngress" not in made
    assert [(rule["FromPort"], rule["ToPort"]) for rule in made["SecurityGroupEgress"]] == [(443, 443)]


def test_a_machines_disk_is_sealed_and_its_metadata_is_not_for_containers(template: dict[str, Any]) -> None:
    data = properties(template, "MachineLaunchTemplate")["LaunchTemplateData"]
    assert data["MetadataOptions"] == {
        "HttpEndpoint": "enabled",
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 1,
    }
    (disk,) = data["BlockDeviceMappings"]
    assert disk["Ebs"]["Encrypted"] is True
    assert "KeyName" not in data


def test_a_machines_user_data_is_mime_whose_script_a_shell_takes(template: dict[str, Any], tmp_path: Path) -> None:
    text = properties(template, "MachineLaunchTemplate")["LaunchTemplateData"]["UserData"]["Fn::Base64"]
    headers, _, rest = text.partition("\n\n")
    assert 'boundary="==GEMS=="' in headers
    part = rest.split("--==GEMS==")[1]
    script = part.split("\n\n", 1)[1]
    assert script.startswith("#!/bin/sh\n")
    path = tmp_path / "script.sh"
    path.write_text(script)
    subprocess.run(["sh", "-n", path], check=True)
    refused = [line for line in script.splitlines() if line.startswith("iptables")]
    assert all("--destination 169.254.169.254" in line and line.endswith("--jump REJECT") for line in refused)
    assert {line.split()[2] for line in refused} == {"OUTPUT", "FORWARD"}


def test_a_container_runs_the_bootstrap_as_the_images_own_user(template: dict[str, Any]) -> None:
    made = properties(template, "WorkerDefinition")
    container = made["ContainerProperties"]
    assert container["Command"] == ["bash", "/usr/local/share/gems/bootstrap.sh"]
    assert f"USER {container['User']}" in (SOURCE_ROOT / "Dockerfile").read_text()
    assert container["Privileged"] is False
    assert container["JobRoleArn"] == {"Ref": "WorkerRoleArn"}
    assert made["PropagateTags"] is True


def test_only_a_machine_that_aws_took_back_is_tried_again_by_batch(template: dict[str, Any]) -> None:
    assert properties(template, "WorkerDefinition")["RetryStrategy"] == {
        "Attempts": 3,
        "EvaluateOnExit": [{"OnStatusReason": "Host EC2*", "Action": "RETRY"}, {"OnReason": "*", "Action": "EXIT"}],
    }


def test_who_asks_has_a_fair_share(template: dict[str, Any]) -> None:
    assert properties(template, "JobQueue")["SchedulingPolicyArn"] == {"GetAtt": "FairShares.Arn"}
    shares = properties(template, "FairShares")["FairsharePolicy"]
    assert "ShareDistribution" not in shares  # nobody weighs more


def test_what_containers_print_is_kept_as_long_as_workers_logs(template: dict[str, Any]) -> None:
    assert properties(template, "ContainerLogs")["RetentionInDays"] == {"Ref": "LogDays"}


def test_nothing_of_it_outlives_the_stack(template: dict[str, Any]) -> None:
    assert "Retain" not in {item.get("DeletionPolicy") for item in template["Resources"].values()}


def test_what_is_tagged_as_ours_are_jobs_and_no_machines(template: dict[str, Any]) -> None:
    """A machine of Batch that had the tag would be taken for an instance that GeMS launched, and ended as an orphan."""
    for name in ENVIRONMENTS:
        assert "gems:control_bucket" not in properties(template, name)["ComputeResources"]["Tags"]
