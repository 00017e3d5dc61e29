"""Mixtures: everybody's pairs, in no order, at the shares that they were read in."""

from __future__ import annotations

import random
from pathlib import Path

from test_run import read_fastq

from gems_simulator.mixtures import mix
from gems_simulator.run import write_pairs


def written(folder: Path, base: str, count: int) -> tuple[Path, Path]:
    folder.mkdir()
    paths = (folder / "R1.fastq.gz", folder / "R2.fastq.gz")
    pairs = (((base * (number + 1), "F" * (number + 1)), (base * 3, "FFF")) for number in range(count))
    write_pairs(paths, pairs, 1)
    return paths


def mixed(tmp_path: Path, name: str, seed: int) -> tuple[Path, Path]:
    parts = [tmp_path / f"{name}-{base}" for base in "ACG"]
    files = [written(folder, folder.name[-1], count) for folder, count in zip(parts, (60, 30, 10), strict=True)]
    paths = (tmp_path / f"{name}_R1.fastq.gz", tmp_path / f"{name}_R2.fastq.gz")
    mix(files, paths, 4, random.Random(seed))
    return paths


def test_a_mixture_has_all_pairs_of_all_people(tmp_path: Path) -> None:
    first, second = (read_fastq(path) for path in mixed(tmp_path, "one", 1))
    assert [sum(bases.startswith(base) for _, bases, _ in first) for base in "ACG"] == [60, 30, 10]
    assert all(one[0] == other[0] for (_, one, _), (_, other, _) in zip(first, second, strict=True))
    assert all(len(bases) == len(qualities) for _, bases, qualities in first)


def test_a_mixtures_reads_are_in_no_order_and_named_anew(tmp_path: Path) -> None:
    first, second = (read_fastq(path) for path in mixed(tmp_path, "one", 1))
    order = "".join(bases[0] for _, bases, _ in first)
    assert order != "".join(sorted(order))
    names = [name.split()[0] for name, _, _ in first]
    assert len(set(names)) == len(names)
    assert names == [name.split()[0] for name, _, _ in second]
    assert all(name.endswith("1:N:0:4") for name, _, _ in first)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    one, same, other = (
        [path.read_bytes() for path in mixed(tmp_path, name, seed)] for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one == same
    assert one != other
