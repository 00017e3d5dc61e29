"""Scores, ends and paths are those of the slow twin: repeats, long gaps, Ns, ends that do not match."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_pairwise import best_score, score_of

from worker.pairwise.kernel import Kernel, subjects_of
from worker.pairwise.path import LocalPath, global_path, local_paths
from worker.pairwise.scheme import Scheme, comparable

CROSS_MATCH = Scheme(-2, -2, 4, 3)
EXPLAIN = Scheme(-2, 0, 4, 3)

schemes = st.one_of(
    st.sampled_from([CROSS_MATCH, EXPLAIN]),
    st.builds(
        lambda mismatch, unknown, opened, extended: Scheme(
            mismatch, max(mismatch, unknown), opened, min(opened, extended)
        ),
        st.sampled_from([-1, -2, -9, -200, -1000]),
        st.sampled_from([0, -1, -1000]),
        st.sampled_from([1, 2, 4, 130, 1000]),
        st.sampled_from([1, 2, 3, 1000]),
    ),
)
pieces = st.one_of(
    st.text(alphabet="ACGT", max_size=24),
    st.text(alphabet="ACGTN", max_size=8),
    st.builds(lambda unit, times: unit * times, st.text(alphabet="ACGT", min_size=1, max_size=3), st.integers(1, 9)),
)


@st.composite
def related(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A query and subjects of the same pieces, some of them left out, repeated or replaced."""
    pool = draw(st.lists(pieces, min_size=1, max_size=4))
    subjects = draw(st.lists(st.lists(st.one_of(st.sampled_from(pool), pieces), max_size=5), min_size=1, max_size=4))
    return "".join(pool)[:60] or "A", ["".join(chosen)[:60] or "C" for chosen in subjects]


@settings(max_examples=300, deadline=None)
@given(related(), schemes)
def test_local_scores_are_the_twins_and_paths_have_them(pair: tuple[str, list[str]], scheme: Scheme) -> None:
    query, subjects = pair
    kernel, ready = Kernel(scheme), subjects_of(subjects)
    expected = [best_score(query, subject, scheme, is_local=True) for subject in subjects]
    assert kernel.local_scores(query, ready) == expected
    ends = kernel.local_ends(query, ready)
    assert [end.score for end in ends] == expected
    matched = [(subject, end) for subject, end in zip(subjects, ends, strict=True) if end.score > 0]
    for (subject, end), path in zip(matched, local_paths(query, matched, scheme), strict=True):
        counted = score_of(path.steps, query[path.query_start :], subject[path.subject_start :], scheme)
        assert counted == (end.score, end.query - path.query_start, end.subject - path.subject_start)
        assert {path.steps[0][1], path.steps[-1][1]} == {"M"}


@settings(max_examples=300, deadline=None)
@given(related(), schemes)
def test_a_global_path_has_the_twins_score(pair: tuple[str, list[str]], scheme: Scheme) -> None:
    query, subjects = pair
    for subject in [*subjects, ""]:
        found = score_of(global_path(query, subject, scheme), query, subject, scheme)
        assert found == (best_score(query, subject, scheme, is_local=False), len(query), len(subject))


@settings(max_examples=300, deadline=None)
@given(related(), st.sampled_from([CROSS_MATCH, EXPLAIN]))
def test_global_scores_are_the_twins(pair: tuple[str, list[str]], scheme: Scheme) -> None:
    query, subjects = pair
    expected = [best_score(query, subject, scheme, is_local=False) for subject in subjects]
    assert Kernel(scheme).global_scores(query, subjects_of(subjects)) == expected


PATHS = {
    "nothing differs": ("ACGTACGT", "ACGTACGT", ((8, "M"),)),
    "a repeat's gap in the query stands as far to the right as it can": (
        "GCAAAT",
        "GCAAAAAT",
        ((5, "M"), (2, "D"), (1, "M")),
    ),
    "and so does one in the subject": ("GCACACAT", "GCACAT", ((5, "M"), (2, "I"), (1, "M"))),
    "pairs before gaps": ("AAAACTTTT", "AAAAGTTTT", ((9, "M"),)),
    "nothing in the query": ("", "ACG", ((3, "D"),)),
    "nothing in the subject": ("ACG", "", ((3, "I"),)),
    "nothing at all": ("", "", ()),
}


@pytest.mark.parametrize(("query", "subject", "steps"), PATHS.values(), ids=PATHS)
def test_of_equal_paths_the_rule_picks_one(query: str, subject: str, steps: object) -> None:
    assert global_path(query, subject, EXPLAIN) == steps


def test_a_score_may_exceed_8_bits() -> None:
    bases = "ACGTTGCA" * 50
    (end,) = Kernel(CROSS_MATCH).local_ends(bases, subjects_of([bases + "A"]))
    assert (end.score, end.query, end.subject) == (400, 400, 400)
    assert local_paths(bases, [(bases + "A", end)], CROSS_MATCH) == [LocalPath(0, 0, ((400, "M"),))]


def test_whatever_is_no_base_is_n() -> None:
    assert comparable("ACGTRX*nacgt") == "ACGTNNNNNNNN"
