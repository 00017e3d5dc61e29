"""Jobs as a laboratory has them on an ordinary day, in memory and always the same: what the pictures of the pages show."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass, replace

from api_world import CONTROL, DATA, Worker, World
from results import put_results

from gems_api.services.lifecycle.cancel import cancel
from gems_api.services.lifecycle.start_job import Started, start_job
from gems_api.services.lifecycle.stop_instances import stop_instances
from gems_api.services.review.adding import add_event
from gems_api.services.review.asked import Asked
from gems_api.services.review.reading import reviewed_sample
from gems_core import layout
from gems_core.people import Role
from gems_core.prices import InstancePrice
from gems_core.protocol.answer import Answer
from gems_core.protocol.done_marker import DoneMarker, SampleOutcome
from gems_core.protocol.failure import Failure
from gems_core.review.events import Kind, Reason
from gems_core.session_key import SessionKey

STEPS = (("DOWNLOADING", 6), ("TYPING", 38), ("CROSS_MATCHING", 17), ("UPLOADING", 4))
URL = "http://127.0.0.1"
REVIEWED = "M10403"


@dataclass(frozen=True)
class Scene:
    """The world, and the jobs in it by what they show."""

    world: World
    jobs: dict[str, SessionKey]


def scene() -> Scene:
    """Build it; time stands still in the end."""
    settings = replace(
        World().settings, api_url=URL, data_buckets=(DATA, "archive.2025"), instance_types=("c7i.xlarge",)
    )
    world = World(settings=settings)
    world.set_prices({"c5.xlarge": InstancePrice(0.194, 0.081), "c7i.xlarge": InstancePrice(0.204, 0.085)})
    jobs = {
        "complete": _complete(world),
        "failures": _with_failures(world),
        "cancelled": _cancelled(world),
        "running": _running(world),
        "waiting": _waiting(world),
    }
    _folders(world)
    put_results(world, jobs["complete"])
    _review(world, jobs["complete"])
    return Scene(world, jobs)


def _review(world: World, key: SessionKey) -> None:
    """One has overridden a call; another one is about to look."""
    ralf, rita = world.person("ralf", Role.REVIEWER), world.person("rita", Role.REVIEWER)
    results = reviewed_sample(world.context, key, REVIEWED).results
    asked = Asked(Kind.COMMENT, REVIEWED, 0, words="DRB1 looks unbalanced. Please look at the reads.")
    add_event(world.context, rita.caller, key, asked)
    override = {
        "locus": "DRB1",
        "call": "DRB1*03:01+DRB1*13:02",
        "reason": Reason.AMBIGUITY,
        "words": "Sanger of exon 3 agrees.",
    }
    add_event(world.context, ralf.caller, key, Asked(Kind.OVERRIDE, REVIEWED, 1, results, **override))


def _complete(world: World) -> SessionKey:
    key = _start(world, "2026-11-20-PT140", 24, workers=6, samples_per_worker=2, email="lab@example.org")
    _work(world, key)
    return key


def _with_failures(world: World) -> SessionKey:
    world.clock.pass_seconds(5400)
    key = _start(world, "2026-11-20-PT141", 8, workers=3, samples_per_worker=1, hla_class="1")
    _work(world, key, broken="M10405")
    return key


def _cancelled(world: World) -> SessionKey:
    world.clock.pass_seconds(3000)
    key = _start(world, "2026-11-21-PT142", 6, workers=2)
    world.clock.pass_seconds(160)
    cancel(world.context, key)
    return key


def _running(world: World) -> SessionKey:
    world.clock.pass_seconds(4000)
    key = _start(world, "2026-11-23-PT150", 16, workers=4, samples_per_worker=1, hla_class="all")
    crew, answers = _claimed(world, key)
    for _ in range(2):
        answers = _round(world, crew, answers)
    lost = answers[2].share
    assert lost is not None
    crew[2].say("status", "DOWNLOADING", lost)
    failure = Failure("TYPING", "the typer ended with exit code 70", ("java.lang.OutOfMemoryError: Java heap space",))
    world.clock.pass_seconds(9)
    crew[2].say("failed", "TYPING", lost, failure)
    for steps in range(1, 4):
        for place in (0, 1, 3)[: 4 - steps]:
            share = answers[place].share
            assert share is not None
            crew[place].say("status", STEPS[steps - 1][0], share)
        world.clock.pass_seconds(STEPS[steps - 1][1])
    return key


def _waiting(world: World) -> SessionKey:
    world.fleet.refusal = "InsufficientInstanceCapacity"
    key = _start(world, "2026-11-23-PT151", 12, hla_class="all")
    world.fleet.refusal = ""
    world.clock.pass_seconds(45)
    return key


def _folders(world: World) -> None:
    for number in range(152, 160):
        _reads(world, f"2026-11-24-PT{number}", 1)
    _reads(world, "2026-11-24-PT152", 12)
    _reads(world, "2026-11-24-PT153-new", 3)
    folder = "2026-11-24-PT153-new"
    world.store.put(DATA, f"{folder}/M10499_S40_L001_R1_001.fastq.gz", b"")
    world.store.put(DATA, f"{folder}/Copy of M10401.fastq.gz", b"x" * 900)
    whole = world.store.buckets[DATA][f"{folder}/M10401_S1_L001_R1_001.fastq.gz"].body
    world.store.put(DATA, f"{folder}/M10498_S41_L001_R1_001.fastq.gz", whole)


def _start(world: World, prefix: str, samples: int, **more: object) -> SessionKey:
    _reads(world, prefix, samples)
    body = {"bucket": DATA, "prefix": prefix, "hla_class": "2", **more}
    outcome = start_job(world.context, body)
    assert isinstance(outcome, Started)
    return outcome.session_key


def _reads(world: World, prefix: str, samples: int) -> None:
    for number in range(1, samples + 1):
        for read in (1, 2):
            key = f"{prefix}/M{10400 + number}_S{number}_L001_R{read}_001.fastq.gz"
            world.store.put(DATA, key, _file(number % 3))


def _file(kind: int) -> bytes:
    rng = random.Random(kind)
    bases = "".join(rng.choices("ACGT", k=150))
    reads = (f"@M:{rng.random()}\n{bases}\n+\n{rng.randbytes(75).hex()}\n" for _ in range(2000 + 300 * kind))
    return gzip.compress("".join(reads).encode(), compresslevel=1, mtime=0)


def _claimed(world: World, key: SessionKey) -> tuple[list[Worker], list[Answer]]:
    """The workers have started, one a little after the other, and have their first shares."""
    world.clock.pass_seconds(82)
    crew, answers = world.crew(key), []
    for worker in crew:
        answers.append(worker.claim())
        world.clock.pass_seconds(5)
    return crew, answers


def _round(world: World, crew: list[Worker], answers: list[Answer], broken: str = "") -> list[Answer]:
    """All workers do their shares side by side."""
    for status, seconds in STEPS:
        for worker, answer in zip(crew, answers, strict=True):
            if answer.share is not None:
                worker.say("status", status, answer.share)
                world.clock.pass_seconds(2)
        world.clock.pass_seconds(seconds)
    return [_finished(world, worker, answer, broken) for worker, answer in zip(crew, answers, strict=True)]


def _finished(world: World, worker: Worker, answer: Answer, broken: str) -> Answer:
    share = answer.share
    if share is None:
        return answer
    worker.write_markers(share)
    if any(sample.name == broken for sample in share.share.samples):
        reason = "no more than 12 of 3,000 pairs of reads lie on any amplicon of the panel: was the sample amplified with this kit?"
        marker = DoneMarker(
            broken, SampleOutcome.FAILED, reason, share.share.index, share.attempt, worker.instance_id, world.clock()
        )
        world.store.put(CONTROL, layout.done_key(worker.session_key, broken), json.dumps(marker.as_json()).encode())
    return worker.say("finished", "UPLOADING", share)


def _work(world: World, key: SessionKey, broken: str = "") -> None:
    crew, answers = _claimed(world, key)
    while any(answer.share for answer in answers):
        answers = _round(world, crew, answers, broken)
    (final,) = [worker for worker, answer in zip(crew, answers, strict=True) if answer.instruction == "merge"]
    final.say("status", "MERGING")
    world.clock.pass_seconds(21)
    world.write_report(key)
    final.say("status", "REPORT_WRITTEN")
    world.clock.pass_seconds(3)
    stop_instances(world.context, key, final.instance_id)
    final.say("status", "COMPLETE")
