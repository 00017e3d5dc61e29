"""Splitting samples into shares."""

from hypothesis import given
from hypothesis import strategies as st

from gems_core.fastq_names import Sample, StoredFile
from gems_core.shares import share_count, split_into_shares


def sample(index: int, size_bytes: int) -> Sample:
    name = f"sample-{index:04d}"
    return Sample(name, StoredFile(f"{name}_R1", size_bytes), StoredFile(f"{name}_R2", 0))


sizes = st.lists(st.integers(0, 10**9), min_size=1, max_size=60)


@given(sizes, st.integers(1, 70))
def test_every_sample_is_in_exactly_one_share_and_none_is_empty(sizes: list[int], count: int) -> None:
    samples = [sample(index, size) for index, size in enumerate(sizes)]
    shares = split_into_shares(samples, count)
    assert sorted(s.name for share in shares for s in share.samples) == [s.name for s in samples]
    assert all(share.samples for share in shares)
    assert [share.index for share in shares] == list(range(1, min(count, len(sizes)) + 1))


@given(sizes, st.integers(1, 20))
def test_the_largest_share_is_within_four_thirds_of_the_best_possible(sizes: list[int], count: int) -> None:
    shares = split_into_shares([sample(index, size) for index, size in enumerate(sizes)], count)
    descending = sorted(sizes, reverse=True)
    doubled = sum(descending[len(shares) - 1 : len(shares) + 1]) if len(sizes) > len(shares) else 0
    lower_bound = max(descending[0], sum(sizes) / len(shares), doubled)
    assert max(share.size_bytes for share in shares) <= 4 / 3 * lower_bound + 1


@given(sizes, st.integers(1, 20), st.randoms())
def test_the_order_of_the_listing_changes_nothing(sizes: list[int], count: int, random: object) -> None:
    samples = [sample(index, size) for index, size in enumerate(sizes)]
    shuffled = list(samples)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert split_into_shares(samples, count) == split_into_shares(shuffled, count)


def test_three_samples_a_worker_is_the_default() -> None:
    assert [share_count(samples) for samples in (1, 3, 4, 10)] == [1, 1, 2, 4]
