"""A job from POST to its end, over HTTP, against a moto server."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from api_site import CONTROL, DATA, IMAGE, USER_TOKEN, WORKER_TOKEN, SimulatedWorker, Site, run_together

from gems_api.services.lifecycle.refusals import FIRST_PAUSE_SECONDS
from gems_api.services.reaping.reaper import reap
from gems_api.services.storage.folder_reader import UNREADABLE_MARKER
from gems_api.services.store_ports import TooLarge
from gems_core.layout import done_key, merge_lease_key
from gems_core.session_key import SessionKey

# A round over HTTP and the local S3 takes some six seconds on two cores; a hundred are asked for by the environment.
# The unit tests play a hundred rounds each time, on a store that keeps the same promises.
LEASE_ROUNDS = int(os.environ.get("GEMS_LEASE_ROUNDS", "3"))
Crew = Callable[[str], list[SimulatedWorker]]


def test_five_instances_for_nine_shares_finish_all_nine_and_none_twice(site: Site, crew: Crew) -> None:
    session_key = site.start("run-9", 9, samples_per_worker=1, workers=5, email="lab@example.org")
    workers = crew(session_key)
    assert len(workers) == 5
    run_together(workers)
    assert sorted(share for worker in workers for share in worker.finished) == list(range(1, 10))
    assert sorted(worker.instruction for worker in workers) == ["leave"] * 4 + ["merge"]
    final = next(worker for worker in workers if worker.instruction == "merge")
    assert final.merge()["mail"] == {"state": "sent", "reason": ""}
    job = site.jobs(session_key=session_key)[0]
    assert job["overall_status"] == "COMPLETE"
    assert {worker["status"] for worker in job["workers"]} == {"COMPLETE"}
    assert sorted(worker["instance_index"] for worker in job["workers"]) == [0, 1, 2, 3, 4]
    assert sorted(final.stop()["terminated"]) == sorted(worker.instance_id for worker in workers)
    assert final.stop()["terminated"] == []
    assert site.instance_ids(session_key) == []
    assert site.jobs(session_key=session_key)[0] == job, "the job is told from S3 alone"
    assert site.mails_about(session_key) == 1
    link = site.user("GET", f"/job/{session_key}/report.csv", allow_redirects=False)
    assert link.status_code == 302
    assert requests.get(link.headers["Location"], timeout=60).text == "sample,locus\n"


def test_a_marker_of_any_length_fails_its_sample_and_hinders_nobody(site: Site) -> None:
    session_key = site.start("run-long", 2, samples_per_worker=1)
    key = done_key(SessionKey.parse(session_key), "K001")
    site.client("s3").put_object(Bucket=CONTROL, Key=key, Body=b'"' + b"A" * (20 << 20) + b'"')
    with pytest.raises(TooLarge, match="expected at most 65536 bytes, found 20971522"):
        site.context.cloud.store.read(CONTROL, key)
    (job,) = site.jobs(session_key=session_key)
    assert [(item["sample"], item["reason"]) for item in job["failures"]] == [("K001", UNREADABLE_MARKER)]
    assert session_key not in reap(site.context).failed
    assert len(site.user("POST", f"/job/{session_key}/cancel").json()["terminated"]) == 2


def test_one_launch_asks_for_what_is_specified_and_holds_no_secret(site: Site) -> None:
    session_key = site.start("run-launch", 7)
    (call,) = site.moto.launches
    user_data = base64.b64decode(call.pop("UserData")).decode()
    tags = _tags(call, "TagSpecification.1.")
    assert _tags(call, "TagSpecification.2.") == tags
    assert len(call.pop("ClientToken")) == 64
    assert {name: value for name, value in call.items() if not name.startswith("TagSpecification.")} == {
        "Action": "RunInstances",
        "Version": call["Version"],
        "MinCount": "1",
        "MaxCount": "3",
        "LaunchTemplate.LaunchTemplateName": "gems-worker",
        "LaunchTemplate.Version": "$Default",
        "InstanceType": "c5.xlarge",
        "SubnetId": site.settings.subnets[0],
    }
    assert (call["TagSpecification.1.ResourceType"], call["TagSpecification.2.ResourceType"]) == ("instance", "volume")
    assert tags == {
        "gems:session_key": session_key,
        "gems:bucket": DATA,
        "gems:prefix": "run-launch",
        "gems:hla_class": "2",
        "gems:workers": "3",
        "gems:attempt": "1",
        "gems:status": "LAUNCHED",
        "gems:control_bucket": site.settings.control_bucket,
        "Name": f"gems {session_key}",
    }
    assert session_key in user_data
    assert site.settings.worker_credential in user_data
    assert USER_TOKEN not in user_data
    assert WORKER_TOKEN not in user_data


def _tags(call: dict[str, str], specification: str) -> dict[str, str]:
    keys = {name: value for name, value in call.items() if name.startswith(specification) and name.endswith(".Key")}
    return {value: call[name.removesuffix("Key") + "Value"] for name, value in keys.items()}


def test_fewer_instances_than_asked_for_still_finish_the_job(site: Site, crew: Crew) -> None:
    site.moto.capacity = 2
    session_key = site.start("run-scarce", 4, samples_per_worker=1)
    workers = crew(session_key)
    assert len(workers) == 2
    run_together(workers)
    assert sorted(share for worker in workers for share in worker.finished) == [1, 2, 3, 4]


def test_no_capacity_fails_no_job_and_is_told_until_the_reaper_gets_instances(site: Site, crew: Crew) -> None:
    site.moto.capacity = 0
    site.upload("run-none", 1)
    answer = site.user("POST", "/job", json={"bucket": DATA, "prefix": "run-none", "hla_class": "1"})
    assert (answer.status_code, answer.json()["workers_launched"]) == (202, 0)
    assert "InsufficientInstanceCapacity" in answer.json()["reason"]
    (job,) = site.jobs(prefix="run-none")
    assert (job["overall_status"], job["reason"]) == ("LAUNCHING", answer.json()["reason"])
    assert job["next_launch_at"] is not None
    site.moto.capacity = 1
    site.clock.offset = timedelta(seconds=FIRST_PAUSE_SECONDS + 1)
    reap(site.context)
    (worker,) = crew(job["session_key"])
    worker.work()
    assert worker.instruction == "merge"
    assert site.jobs(prefix="run-none")[0]["reason"] == ""


def test_every_refusal_of_preflight_comes_at_once(site: Site) -> None:
    site.upload("run-bad", 2)
    s3 = site.client("s3")
    good = s3.get_object(Bucket=DATA, Key="run-bad/K001_S1_L001_R1_001.fastq.gz")["Body"].read()
    files = {
        "K003_S3_L001_R1_001.fastq.gz": good,
        "K004_S4_L001_R1_001.fastq.gz": good,
        "K004_S4_L001_R2_001.fastq.gz": b"",
        "K005_S5_L001_R1_001.fastq.gz": good[:-6],
        "K005_S5_L001_R2_001.fastq.gz": b"plain text, and more of it",
        "K002_S2_L002_R1_001.fastq.gz": good,
        "K002_S9_L001_R1_001.fastq.gz": good,
        "reads.fastq.gz": good,
    }
    for name, body in files.items():
        s3.put_object(Bucket=DATA, Key=f"run-bad/{name}", Body=body)
    body = {"bucket": DATA, "prefix": "run-bad", "hla_class": "9", "email": "nobody"}
    answer = site.user("POST", "/job", json=body)
    assert answer.status_code == 422
    assert {problem["code"] for problem in answer.json()["problems"]} == {
        "unknown_hla_class", "invalid_field", "unpaired_file", "empty_file", "truncated_file", "not_gzip",
        "duplicate_file", "misnamed_file",
    }  # fmt: skip
    absent = site.user("POST", "/job", json={**body, "bucket": "no-such-bucket-anywhere", "hla_class": "1"})
    assert {problem["code"] for problem in absent.json()["problems"]} == {"invalid_field", "bucket_unreadable"}
    assert site.moto.launches == []


def test_twenty_that_finish_at_once_get_exactly_one_lease_time_after_time(site: Site, crew: Crew) -> None:
    session_key = site.start("run-20", 20, samples_per_worker=1)
    held = [(worker, worker.say("claim", "BOOTSTRAPPING")["share"]) for worker in crew(session_key)]
    for worker, share in held:
        worker.write_markers(share)
    barrier = threading.Barrier(len(held))

    def finish(pair: tuple[SimulatedWorker, Any]) -> str:
        worker, share = pair
        barrier.wait()
        answer = worker.say("finished", "UPLOADING", share=share["index"], attempt=share["attempt"])
        return str(answer["instruction"])

    s3, lease = site.client("s3"), merge_lease_key(SessionKey.parse(session_key))
    with ThreadPoolExecutor(len(held)) as pool:
        for _ in range(LEASE_ROUNDS):
            assert sorted(pool.map(finish, held)) == ["leave"] * 19 + ["merge"]
            # With the lease gone, all twenty may ask again.
            s3.delete_object(Bucket=site.settings.control_bucket, Key=lease)
    # Without its lease the job would have the reaper launch somebody to merge it.
    assert site.user("POST", f"/job/{session_key}/cancel").status_code == 200


def test_the_reaper_frees_a_dead_workers_share_and_launches_another(site: Site, crew: Crew) -> None:
    session_key = site.start("run-dead", 2, samples_per_worker=1, workers=1)
    (first,) = crew(session_key)
    assert first.say("claim", "BOOTSTRAPPING")["instruction"] == "work"
    site.client("ec2").terminate_instances(InstanceIds=[first.instance_id])
    reap(site.context)
    reap(site.context)
    job = site.jobs(session_key=session_key)[0]
    assert job["workers"][0]["status"] == "LOST"
    assert "terminated" in job["workers"][0]["failure"]["reason"]
    assert [call["MaxCount"] for call in site.launches_of(session_key)] == ["1", "1"]
    (second,) = crew(session_key)
    second.work()
    assert sorted(second.finished) == [1, 2]
    assert second.instruction == "merge"


def test_a_retry_runs_what_failed_under_the_same_key_and_completes_the_job(site: Site, crew: Crew) -> None:
    session_key = site.start("run-retry", 3, samples_per_worker=1, workers=1, email="lab@example.org")
    (first,) = crew(session_key)
    share = first.say("claim", "BOOTSTRAPPING")["share"]
    place = {"share": share["index"], "attempt": share["attempt"]}
    first.write_markers(share, "failed")
    first.say("finished", "UPLOADING", **place)
    first.work()
    first.merge()
    first.stop()
    assert site.jobs(session_key=session_key)[0]["overall_status"] == "COMPLETE_WITH_FAILURES"
    answer = site.user("POST", f"/job/{session_key}/retry", headers={"Idempotency-Key": "retry-once"})
    assert (answer.status_code, answer.json()["run"], answer.json()["samples"]) == (202, 2, 1)
    again = site.user("POST", f"/job/{session_key}/retry", headers={"Idempotency-Key": "retry-once"})
    assert (again.status_code, again.json()["run"]) == (202, 2)
    assert site.user("POST", f"/job/{session_key}/retry").status_code == 409
    assert [call["MaxCount"] for call in site.launches_of(session_key)] == ["1", "1"]
    (second,) = crew(session_key)
    assert first.say("claim", "BOOTSTRAPPING")["instruction"] == "stop"
    second.work()
    assert second.finished == [share["index"]]
    second.merge()
    second.stop()
    (job,) = site.jobs(session_key=session_key)
    assert (job["overall_status"], job["samples_done"], job["run"]) == ("COMPLETE", 3, 2)
    assert site.instance_ids(session_key) == []
    assert site.mails_about(session_key) == 2


def test_orphans_are_terminated(site: Site) -> None:
    session_key = site.start("run-orphan", 1)
    assert site.user("POST", f"/job/{session_key}/cancel").status_code == 200
    ec2 = site.client("ec2")
    ours = {"gems:session_key": session_key, "gems:control_bucket": site.settings.control_bucket}
    tags = [{"Key": key, "Value": value} for key, value in ours.items()]
    launched = ec2.run_instances(
        MinCount=1,
        MaxCount=1,
        ImageId=IMAGE,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    orphan = launched["Instances"][0]["InstanceId"]
    site.clock.offset = timedelta(seconds=site.settings.end_grace_seconds + 5)
    assert orphan in reap(site.context).orphans
    assert site.instance_ids(session_key) == []


def test_credentials_are_not_interchangeable(site: Site) -> None:
    assert site.worker("POST", "/job", json={}).status_code == 401
    assert site.user("POST", "/stop_instances", json={}).status_code == 401
    assert site.user("POST", "/job", json={}).status_code == 422
    assert site.worker("POST", "/stop_instances", json={}).status_code == 422
