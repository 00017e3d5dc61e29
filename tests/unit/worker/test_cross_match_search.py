"""The search finds what the slow twin finds: the same best score, at ends that the twin knows to be optimal."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_alignment import best_alignments, share_a_word

from gems_core.bases import reverse_complement
from worker.cross_match.bounds import best_possible
from worker.cross_match.describe import match_of
from worker.cross_match.fasta import Sequence
from worker.cross_match.mask import told
from worker.cross_match.options import Options
from worker.cross_match.search import Found, Search
from worker.cross_match.words import WordIndex

bases = st.text(alphabet="ACGT", min_size=1, max_size=24)
pieces = st.one_of(bases, st.text(alphabet="ACGTN", max_size=6))
options_of_small_words = st.builds(
    Options,
    penalty=st.sampled_from([-1, -2, -3, -9]),
    gap_init=st.sampled_from([-2, -4, -6]),
    gap_ext=st.sampled_from([-1, -2]),
    minmatch=st.sampled_from([4, 5, 7]),
    minscore=st.sampled_from([4, 6, 10]),
    bandwidth=st.sampled_from([0, 3, 14]),
)


@st.composite
def related(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A query, and subjects that share some of its pieces, on either strand."""
    pool = draw(st.lists(pieces, min_size=1, max_size=4))
    query = "".join(pool)[:48] or "A"
    subjects = []
    for _ in range(draw(st.integers(1, 3))):
        chosen = draw(st.lists(st.one_of(st.sampled_from(pool), pieces), min_size=1, max_size=4))
        subject = "".join(chosen)[:48] or "C"
        subjects.append(reverse_complement(subject) if draw(st.booleans()) else subject)
    return query, subjects


def strand_of(query: str, complement: bool) -> str:
    return reverse_complement(query) if complement else query


@settings(max_examples=150, deadline=None)
@given(related(), options_of_small_words)
def test_every_pair_that_shares_a_word_has_the_twins_best_score_at_optimal_ends(
    pair: tuple[str, list[str]], options: Options
) -> None:
    query, subjects = pair
    found = Search(subjects, options).every(query)
    for number, subject in enumerate(subjects):
        for complement in (False, True):
            strand = strand_of(query, complement)
            mine = [match.path for match in found if (match.subject, match.complement) == (number, complement)]
            twin = best_alignments(strand, subject, options)
            if twin.score < options.minscore or not share_a_word(strand, subject, options.minmatch):
                assert mine == []
            else:
                best = max(mine, key=lambda path: path.score)
                assert best.score == twin.score
                assert (best.query_start, best.query_end, best.subject_start, best.subject_end) in twin.ends


@settings(max_examples=150, deadline=None)
@given(related(), options_of_small_words)
def test_the_best_alone_is_the_first_of_all_matches(pair: tuple[str, list[str]], options: Options) -> None:
    query, subjects = pair
    search = Search(subjects, options)
    ranked = sorted(search.every(query), key=lambda match: match.merit)
    best = search.best(query)
    assert [(match.score, match.subject, match.complement) for match in best] == [
        (match.score, match.subject, match.complement) for match in ranked[:1]
    ]


@settings(max_examples=150, deadline=None)
@given(related(), options_of_small_words)
def test_no_alignment_beats_the_bound_that_shared_words_give(pair: tuple[str, list[str]], options: Options) -> None:
    query, subjects = pair
    index = WordIndex(subjects, options.minmatch)
    bounds = best_possible(index.counts(query), len(query), index.lengths, options)
    for bound, subject in zip(bounds.tolist(), subjects, strict=True):
        if share_a_word(query, subject, options.minmatch):
            assert bound >= best_alignments(query, subject, options).score


@settings(max_examples=150, deadline=None)
@given(related(), options_of_small_words)
def test_each_match_has_the_score_of_its_alignment_and_the_bases_of_its_positions(
    pair: tuple[str, list[str]], options: Options
) -> None:
    query, subjects = pair
    shown = Options(**{**vars(options), "alignments": True, "discrep_lists": True})
    for found in Search(subjects, shown).every(query):
        match = match_of(found, False, Sequence("q", query), Sequence("s", subjects[found.subject]), shown)
        rows = match.alignment
        assert rows is not None
        aligned = strand_of(query[match.query_start - 1 : match.query_end], match.complement)
        assert rows.query.replace("-", "") == aligned
        assert rows.subject.replace("-", "") == subjects[found.subject][match.subject_start - 1 : match.subject_end]
        assert score_of(rows.query, rows.subject, options) == match.score
        assert match.query_left == len(query) - match.query_end
        for difference in match.discrepancies:
            assert query[difference.query_position - 1] == difference.base
            assert match.query_start <= difference.query_position <= match.query_end
            assert match.subject_start <= difference.subject_position <= match.subject_end


def score_of(query: str, subject: str, options: Options) -> int:
    score, before = 0, ""
    for q, s in zip(query, subject, strict=True):
        gap = "D" if q == "-" else "I" if s == "-" else ""
        if gap:
            score += options.gap_ext if gap == before else options.gap_init
        else:
            score += 1 if q == s and q in "ACGT" else options.penalty
        before = gap
    return score


def test_words_of_any_length_are_found_where_they_are() -> None:
    rng = np.random.default_rng(1)
    subject = "".join(rng.choice(list("ACGT"), 90))
    for word_bp in (4, 15, 16, 31):
        shared = WordIndex(["ACG", subject], word_bp).shared(subject[40:75])
        pairs = set(zip(shared.query.tolist(), shared.subject.tolist(), shared.position.tolist(), strict=True))
        assert {(start, 1, start + 40) for start in range(35 - word_bp + 1)} <= pairs


def found_at(start: int, end: int, score: int) -> Found:
    match = Search(["ACGTACGT"], Options(minmatch=4, minscore=4)).best("ACGTACGT")[0]
    path = type(match.path)(score, start, end, 0, end - start, ((end - start, "M"),))
    return Found(0, False, path, start, end)


def test_the_masklevel_hides_what_better_matches_cover() -> None:
    whole, tail, inside, half = (
        found_at(0, 100, 90),
        found_at(80, 180, 80),
        found_at(10, 50, 40),
        found_at(90, 110, 20),
    )
    every = [inside, half, tail, whole]

    def shown(masklevel: int) -> list[Found]:
        return [match for match, _ in told(every, 200, masklevel)]

    assert shown(0) == [whole]
    assert shown(19) == [whole]
    assert shown(20) == [whole, tail]
    assert shown(100) == [whole, tail]
    assert shown(101) == [whole, inside, tail, half]
    assert [overlapped for _, overlapped in told(every, 200, 101)] == [False, True, True, True]


def test_matches_of_one_score_do_not_hide_each_other() -> None:
    one, other = found_at(0, 50, 50), found_at(0, 50, 50)
    assert [overlapped for _, overlapped in told([one, other], 50, 80)] == [False, False]
