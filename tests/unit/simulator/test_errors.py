"""A sequencer's faults come as often as asked."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gems_simulator.errors import blank, error_rate, make_profiles, places, read_through, scatter


def test_errors_are_as_frequent_as_the_qualities_say() -> None:
    rng = random.Random(1)
    profile = make_profiles(20, 12, 100, rng)[0]
    expected = [error_rate(ord(quality) - 33) for quality in profile.qualities]
    reads = [read_through("A" * 100, profile, rng) for _ in range(20_000)]
    for cycles in (slice(0, 30), slice(30, 70), slice(70, 100)):
        found = sum(len(read[cycles]) - read[cycles].count("A") for read in reads) / len(reads)
        assert found == pytest.approx(sum(expected[cycles]), rel=0.05)


def test_qualities_fall_along_the_read() -> None:
    profiles = make_profiles(37, 22, 250, random.Random(1))
    assert all(len(profile.qualities) == 250 for profile in profiles)
    means = [sum(ord(profile.qualities[cycle]) - 33 for profile in profiles) / len(profiles) for cycle in (0, 249)]
    assert means[0] == pytest.approx(37, abs=1)
    assert means[1] == pytest.approx(22, abs=1)


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.5, 1.0])
def test_places_are_as_many_as_the_rate_says(rate: float) -> None:
    found = places(50_000, rate, random.Random(3))
    assert list(found) == sorted(set(found))
    assert len(found) == pytest.approx(50_000 * rate, rel=0.1)


@given(st.text("ACGT", max_size=60), st.floats(0, 1), st.integers())
def test_a_scattered_copy_has_the_same_length_and_alphabet(sequence: str, rate: float, seed: int) -> None:
    copy = scatter(sequence, rate, random.Random(seed))
    assert len(copy) == len(sequence)
    assert set(copy) <= set("ACGT")


@given(st.text("ACGT", max_size=60), st.floats(0, 1), st.integers())
def test_an_uncalled_base_has_the_lowest_quality(sequence: str, rate: float, seed: int) -> None:
    bases, qualities = blank(sequence, "I" * len(sequence), rate, random.Random(seed))
    assert [base == "N" for base in bases] == [quality == "#" for quality in qualities]
