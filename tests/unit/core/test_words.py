"""Alleles, classes, tags, layout and the manifest."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gems_core import hla, layout, tags
from gems_core.errors import InvalidInput
from gems_core.fastq_names import Lane, Sample, StoredFile
from gems_core.manifest import WORKER_GENERATION, Artefact, Manifest
from gems_core.session_key import SessionKey
from gems_core.shares import split_into_shares

KEY = SessionKey.parse("b-p_q-class-all-261123-01:02:0123456789")


def test_an_allele_name_keeps_its_fields_and_suffix() -> None:
    name = hla.AlleleName.parse("HLA-DRB4*01:03:01:02N")
    assert (name.gene, name.locus, str(name)) == ("DRB4", "DRB345", "DRB4*01:03:01:02N")
    assert name.to_fields(2) == "DRB4*01:03N"


@pytest.mark.parametrize("text", ["A*", "A01:01", "A*01:01:01:01:01", "A*01:01X", "A*01:01 "[:-1] + ";", ""])
def test_what_is_no_allele_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        hla.AlleleName.parse(text)


@pytest.mark.parametrize(
    ("given", "parsed"), [("1", "1"), (2, "2"), ("all", "all"), ("classAll", "all"), ("ALL ", "all")]
)
def test_the_spellings_of_a_class(given: object, parsed: str) -> None:
    assert hla.parse_hla_class(given) == parsed


def test_an_unknown_class_is_refused_with_the_repair() -> None:
    with pytest.raises(InvalidInput, match="Send hla_class as 1"):
        hla.parse_hla_class("3")


def test_class_all_is_both_classes_in_the_order_of_the_report() -> None:
    assert hla.loci_of_class("all") == ("A", "B", "C", "DRB1", "DRB345", "DQA1", "DQB1", "DPA1", "DPB1")


def test_a_job_lies_in_the_folder_of_its_day() -> None:
    assert layout.manifest_key(KEY) == f"jobs/2026-11-23/{KEY}/job.json"
    assert layout.report_key("p/q/", KEY, "csv") == f"p/q/gems/{KEY}/report.csv"
    assert layout.report_key("", KEY, "csv") == f"gems/{KEY}/report.csv"


def test_no_tag_is_longer_than_ec2_allows() -> None:
    launch = tags.LaunchTags("k" * 300, "b", "p" * 900, "all", 3, 1).as_dict()
    assert max(map(len, launch.values())) <= 256
    assert tags.belongs_to(launch, "k" * 300)
    assert not tags.belongs_to(launch, "k")


def test_samples_that_do_not_fit_a_tag_are_found_in_the_manifest() -> None:
    assert tags.samples_value(["a", "b"], "jobs/x/job.json") == "a b"
    assert tags.samples_value(["a" * 100] * 3, "jobs/x/job.json") == "s3:jobs/x/job.json"


def test_a_manifest_that_says_nothing_of_workers_is_of_the_first_ones() -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    document = json.loads(Manifest(KEY, "b", "p/q", "all", moment, "", 1, (), {}, 3600).to_bytes())
    del document["worker_generation"]
    assert Manifest.from_bytes(json.dumps(document).encode()).worker_generation == 1


def test_a_manifest_that_is_older_than_entity_tags_loads_without_them() -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    other_lane = Lane(StoredFile("s_L2_R1", 3, '"c"'), StoredFile("s_L2_R2", 4, '"d"'))
    sample = Sample("s", StoredFile("s_R1", 1, '"a"'), StoredFile("s_R2", 2, '"b"'), more_lanes=(other_lane,))
    document = json.loads(
        Manifest(KEY, "b", "p", "all", moment, "", 1, tuple(split_into_shares([sample], 1)), {}, 3600).to_bytes()
    )
    for file in document["shares"][0]["samples"][0]["files"]:
        del file["etag"]
    (read,) = Manifest.from_bytes(json.dumps(document).encode()).samples
    assert read.files == tuple(replace(file, etag="") for file in sample.files)


def test_a_manifest_reads_back_as_it_was_written() -> None:
    samples = [Sample(f"s{n}", StoredFile(f"p/s{n}_R1", n, f'"{n}"'), StoredFile(f"p/s{n}_R2", n)) for n in range(5)]
    shares = tuple(split_into_shares(samples, 2))
    artefacts = {"worker": Artefact("0.1.0", "artefacts/worker/0.1.0/worker.tar.gz", "0" * 64)}
    moment = datetime(2026, 11, 23, 1, 2, tzinfo=UTC)
    manifest = Manifest(KEY, "b", "p/q", "all", moment, "lab@example.org", 2, shares, artefacts, 3600)
    assert Manifest.from_bytes(manifest.to_bytes()) == manifest
    assert manifest.share(2) == shares[1]
    assert manifest.worker_generation == WORKER_GENERATION
    assert len(manifest.samples) == 5
