"""What a worker may do with the credentials of its job: what the job's role and the API's session policy both allow."""

from __future__ import annotations

import json
from string import ascii_letters

import pytest
from aws_requests import decrypt, s3, use_data_key
from hypothesis import given
from hypothesis import strategies as st
from iam_policy import Request, allows
from job_requests import BUCKET, INSTANCE, OTHER_DIGITS, manifest, own, policy, shared
from stack_site import DATA_BUCKETS, Stack

from gems_api.aws.job_role import LONGEST_POLICY, session_policy
from gems_core.layout import log_key
from gems_core.manifest import Manifest

CONTROL = "gems-dev-control-123456789012-eu-central-1"
PREFIXES = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=400)


def may(stack: Stack, job: Manifest, asked: Request) -> bool:
    return allows(stack.policies["job"], asked) and allows([policy(job, stack.outputs["ControlBucket"])], asked)


def test_a_worker_may_do_all_of_its_own_job(stack: Stack) -> None:
    job, control = manifest(), stack.outputs["ControlBucket"]
    wanted = own(job, control) | shared(job, control)
    assert {what for what, asked in wanted.items() if not may(stack, job, asked)} == set()


@pytest.mark.parametrize("what", sorted(own(manifest(), "c")))
def test_another_jobs_records_and_results_are_refused(stack: Stack, what: str) -> None:
    control = stack.outputs["ControlBucket"]
    asked = own(manifest(digits=OTHER_DIGITS), control)[what]
    assert not may(stack, manifest(), asked)
    assert allows(stack.policies["job"], asked), "the refusal is the session policy's"


def test_another_workers_logs_of_the_same_job_are_refused(stack: Stack) -> None:
    control = stack.outputs["ControlBucket"]
    for instance_id in ("i-0123456789abcdef1", "i-0123456789abcdef", "i-0"):
        assert not may(stack, manifest(), s3("PutObject", control, log_key(manifest().session_key, instance_id, "a")))


def test_reads_of_another_folder_are_refused(stack: Stack) -> None:
    assert not may(stack, manifest("run"), s3("GetObject", BUCKET, "other/A_S1_L001_R1_001.fastq.gz"))
    assert not may(stack, manifest("run"), s3("GetObject", BUCKET, "run2/A_S1_L001_R1_001.fastq.gz"))
    assert not may(stack, manifest("run"), s3("GetObject", DATA_BUCKETS[0], "run/A_S1_L001_R1_001.fastq.gz"))


def test_what_the_session_policy_would_let_the_role_still_refuses(stack: Stack) -> None:
    foreign = manifest(bucket="somebody.elses")
    asked = own(foreign, stack.outputs["ControlBucket"])["write a result"]
    assert allows([policy(foreign, stack.outputs["ControlBucket"])], asked)
    assert not may(stack, foreign, asked)


@given(PREFIXES)
def test_any_folder_name_gives_a_policy_for_this_job_alone(prefix: str) -> None:
    job, other = manifest(prefix), manifest(prefix, OTHER_DIGITS)
    written = session_policy(job, INSTANCE, CONTROL)
    assert len(written) <= LONGEST_POLICY
    assert written.isascii()
    let = [json.loads(written)]
    assert all(allows(let, asked) for asked in (own(job, CONTROL) | shared(job, CONTROL)).values())
    assert not any(allows(let, asked) for asked in own(other, CONTROL).values())


@pytest.mark.parametrize("prefix", ["a*b", "a?b", "a$b", "${aws:userid}", "*", "?"])
def test_a_sign_in_a_folder_name_stands_for_itself(prefix: str) -> None:
    let = [policy(manifest(prefix), CONTROL)]
    assert allows(let, s3("GetObject", BUCKET, f"{prefix}/A.fastq.gz"))
    assert not allows(let, s3("GetObject", BUCKET, "axb/A.fastq.gz"))
    assert not allows(let, s3("GetObject", BUCKET, "x/A.fastq.gz"))


@pytest.mark.parametrize("prefix", ["Ärzte-Labor/2026-11", "Übung/x", "x/Größe", "日本/1", "ä*b"])
def test_a_folder_name_with_signs_beyond_ascii_opens_no_unrelated_folder(stack: Stack, prefix: str) -> None:
    assert may(stack, manifest(prefix), s3("GetObject", BUCKET, f"{prefix}/A_S1_L001_R1_001.fastq.gz"))
    for other in ("another-laboratory/2026", "", "Äther", "ä-b"):
        asked = s3("GetObject", BUCKET, f"{other}/P_S1_L001_R1_001.fastq.gz".lstrip("/"))
        assert not may(stack, manifest(prefix), asked)


@given(st.data())
def test_a_folder_whose_name_lacks_a_letter_of_the_jobs_is_not_read(data: st.DataObject) -> None:
    signs = st.characters(exclude_categories=("Cs", "Cc"))
    letter = data.draw(st.sampled_from(ascii_letters))
    prefix = data.draw(st.text(signs, max_size=15)) + letter + data.draw(st.text(signs, max_size=15))
    other = data.draw(st.text(signs.filter(lambda sign: sign != letter), max_size=40))
    let = [policy(manifest(prefix), CONTROL)]
    assert not allows(let, s3("GetObject", BUCKET, f"{other.strip('/')}/P_S1_L001_R1_001.fastq.gz".lstrip("/")))


def test_a_key_that_seals_the_data_is_the_jobs_through_s3_and_no_other_key_is(stack: Stack) -> None:
    job = manifest()
    assert may(stack, job, use_data_key("Decrypt"))
    assert may(stack, job, use_data_key("GenerateDataKey"))
    assert not may(stack, job, use_data_key("ScheduleKeyDeletion"))
    assert not may(stack, job, use_data_key("Decrypt", service="dynamodb"))
    assert not may(stack, job, decrypt(stack, "gems.worker.token"))


def test_the_longest_names_fit_into_a_policy() -> None:
    bucket, control = "b" * 63, "c" * 63
    for prefix in ("*" * 1000, "x" * 1000, '"' * 1000, "ä" * 500, "äx" * 500, "run/" * 250):
        assert len(session_policy(manifest(prefix, bucket=bucket), INSTANCE, control, "aws-us-gov")) <= LONGEST_POLICY
