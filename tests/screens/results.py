"""Results of a run as a laboratory has them: names are real, sequences, depths and people are made up, always the same ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from api_world import World

from gems_core.layout import report_key, run_page_key, sample_page_key
from gems_core.plate import Placement
from gems_core.session_key import SessionKey
from gems_report.formats import csv_report
from gems_report.model import RunFacts, make_report, typed_sample
from gems_report.pages import RunPage, SamplePage

Json = dict[str, Any]
STATE = {"state": "done", "reason": "", "program": "cross_match", "version": "1.1"}
PLACES = ("Exon 1", "Exon 2", "Bridge 23", "Exon 3", "Exon 4")
EXON_BP = {"exon1": 73, "exon2": 270, "exon3": 276, "exon4": 276}
ALLELES = {
    "DRB1": "01:01:01 03:01:01:01 04:01:01:01 07:01:01:01 11:01:01:01 13:01:01:01 15:01:01:01",
    "DQA1": "01:01:01:01 01:02:01:01 02:01:01:01 03:01:01 05:01:01:01 05:05:01:01",
    "DQB1": "02:01:01 03:01:01:01 03:02:01:01 05:01:01:01 06:02:01:01 06:03:01:01",
    "DPA1": "01:03:01:01 02:01:01:01 02:02:02:01",
    "DPB1": "01:01:01:01 02:01:02:01 03:01:01:01 04:01:01:01 04:02:01:01 05:01:01:01",
}


def put_results(world: World, key: SessionKey) -> None:
    """Write the documents of a finished job's pages."""
    manifest = world.job(key).manifest
    names = sorted(one.name for one in manifest.samples)
    typings = {name: _typing(name, i) for i, name in enumerate(names)}
    facts = RunFacts.of(manifest)
    plate = {name: Placement(f"{'ABCDEFGH'[i % 8]}{i // 8 + 1}") for i, name in enumerate(names)}
    facts = RunFacts(**{**vars(facts), "plate": plate})
    results = [typed_sample(name, typings[name], STATE) for name in names]
    report = make_report(facts, results)
    put = world.store.put
    put(manifest.bucket, run_page_key(manifest.prefix, key), RunPage.of(report).to_bytes())
    put(manifest.bucket, report_key(manifest.prefix, key, "csv"), csv_report.render(report))
    for result in results:
        page = SamplePage.of(report, result, typings[result.sample])
        put(manifest.bucket, sample_page_key(manifest.prefix, key, result.sample), page.to_bytes())


def _typing(sample: str, number: int) -> Json:
    rng = random.Random(sample)
    loci = [_locus(gene, rng) for gene in ("DRB1", "DQA1", "DQB1", "DPA1", "DPB1")]
    loci.insert(1, _drb345(rng))
    if number % 6 == 1:
        loci[2]["flags"] = [
            _flag("low_depth", "Exon 4 has 14 pairs, fewer than 20", amplicon="Exon 4", depth=14, threshold=20)
        ]
    if number % 8 == 2:
        message = "61 pairs of Exon 3 match the called allele except for exon3 95T>G"
        loci[3]["flags"] = [_flag("possible_new_allele", message, amplicon="Exon 3", pairs=61, share=0.36)]
    if number % 5 == 3:
        loci[4]["flags"] = [
            _flag("partly_unknown_allele", "The release does not state 96 exon bases", unknown_exon_bp=96)
        ]
    pairs = sum(sum(row["pairs"] for row in locus["coverage"]) for locus in loci)
    lost = round(pairs * 0.006)
    return {
        "schema_version": 1,
        "sample": sample,
        "hla_class": "2",
        "versions": {"typer": "0.1.0", "typer_commit": "6c1f0e2", "reference_release": "3.58.0", "primer_mask_version": "open-1", "ruleset": "1"},
        "reads": {
            "pairs": round(pairs) + lost,
            "used_pairs": round(pairs),
            "filters": [{"name": "off_target", "pairs": lost, "meaning": "a gene that is not typed explains the pair best"}],
            "sequencer_runs": ["M01716:140:000000000-K7D2L:1"],
        },
        "flags": [],
        "loci": loci,
    }  # fmt: skip


def _flag(code: str, message: str, **evidence: object) -> Json:
    return {"code": code, "message": message, "evidence": evidence}


def _drb345(rng: random.Random) -> Json:
    drb3, drb4 = "DRB3*02:02:01:01", "DRB4*01:03:01:01"
    names = rng.choice(([drb3, drb4], [drb3], ["DRB3*01:01:02:01", drb3]))
    locus = _called("DRB345", names, rng)
    if len(names) == 1:
        locus.update(state="single_copy", gl_string=names[0])
    return locus


def _locus(gene: str, rng: random.Random) -> Json:
    names = rng.choices(ALLELES[gene].split(), k=2)
    return _called(gene, [f"{gene}*{name}" for name in sorted(set(names))], rng)


def _called(gene: str, names: Sequence[str], rng: random.Random) -> Json:
    depths = {place: [rng.randint(24, 140) for _ in names] for place in PLACES}
    others = [
        f"{name.split('*')[0]}*{rng.randint(1, 15):02}:{rng.randint(20, 300)}" for name in names for _ in range(4)
    ]
    rows = [
        {"allele": name, "called": True, "pairs": [depths[place][i] for place in PLACES]}
        for i, name in enumerate(names)
    ]
    for i, other in enumerate(others):
        pairs: list[int | None] = list(rows[i % len(names)]["pairs"])
        pairs[rng.randrange(len(PLACES))] = 0
        pairs[0] = None if rng.random() < 0.5 else pairs[0]
        rows.append({"allele": other, "called": False, "pairs": pairs})
    share = 1 / len(names)
    return {
        "locus": gene,
        "state": "heterozygous" if len(names) > 1 else "homozygous",
        "flags": [],
        "alleles": [_allele(name, share, rng) for name in names],
        "candidates": [{"rank": 1, "alleles": list(names), "log_likelihood": -310.4, "mismatches": 4, "unknown_bp": 0}]
        + [{"rank": i, "alleles": [names[0], other], "log_likelihood": -310.4 - 41.7 * i, "mismatches": 40 * i, "unknown_bp": 0} for i, other in enumerate(others[:4], 2)],
        "candidate_pairs": {"places": list(PLACES), "rows": rows},
        "coverage": [_coverage(place, name, depths[place][i], rng) for place in PLACES for i, name in enumerate(names)],
        "gl_string": "+".join(names if len(names) > 1 else list(names) * 2),
        "links": [{"gene": gene, "from": "exon2", "to": "exon3", "amplicons": ["Bridge 23"], "pairs": 52, "phasing_pairs": 47}],
        "phase_blocks": [["exon1"], ["exon2", "exon3"], ["exon4"]],
    }  # fmt: skip


def _allele(name: str, share: float, rng: random.Random) -> Json:
    return {"name": name, "ambiguities": [name], "documentation": "complete", "pairs": rng.randint(300, 500), "share": round(share, 3)}  # fmt: skip


def _coverage(place: str, name: str, depth: int, rng: random.Random) -> Json:
    feature = "exon2" if place == "Bridge 23" else f"exon{place[-1]}"
    bases, track, now = EXON_BP[feature] + 60, [], float(depth)
    for _ in range(bases):
        now += rng.uniform(-0.6, 0.6) + 0.02 * (depth - now)
        track.append(max(0, round(now)))
    runs = [("intron1", 30), (feature, EXON_BP[feature]), ("intron2", 30)]
    return {
        "amplicon": place,
        "allele": name,
        "pairs": depth,
        "known_bp": bases,
        "unknown_bp": 0,
        "mean_depth": sum(track) / bases,
        "minimum_depth": min(track),
        "runs": [{"feature": part, "position": 1, "bases": length} for part, length in runs],
        "depth": track,
    }
