"""The page of a sample: its calls, and all by which a person can judge them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Response
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from gems_api.services.review.exports import MADE_HERE
from gems_api.services.review.retyped import approved_beside, later_jobs
from gems_api.services.shown.result_pages import sample_page
from gems_api.web.contexts import context
from gems_api.web.looks import noted
from gems_api.web.ui.frame import JOBS, for_users, shown
from gems_api.web.ui.review_panel import review_panel
from gems_api.web.ui.run import tone
from gems_core.session_key import SessionKey
from gems_report.codon_view import CodonView, codon_view
from gems_report.expression import not_expressed_of
from gems_report.pages import SamplePage
from gems_report.pages.typing_parts import Found, Locus
from gems_report.pictures.balance import balance_picture
from gems_report.pictures.depth import depth_pictures
from gems_report.pictures.phase import phase_picture
from gems_report.reported import UNEXPLAINED_WORDS, allele_cells
from gems_report.rules import rules
from gems_report.verdict import NEW_ALLELE

_ZYGOSITY = {
    "heterozygous": ("E", "two alleles"),
    "homozygous": ("O", "one allele, twice"),
    "dropout_suspected": ("O?", "one allele; another may not have been copied"),
    "single_copy": ("1", "one copy of the gene"),
    "copies_uncertain": ("?", "one allele; how many copies is open"),
    "no_drb345": ("-", "none of DRB3, DRB4 and DRB5"),
    "no_call": ("-", "no call"),
    "not_in_library": ("-", "not looked at: the library lacks the gene"),
    "not_in_panel": ("-", "not looked at: the panel has no amplicon of the gene"),
}
_TWO = 2
# A page stays short enough to be read, and for Lambda; typing.json and report.json have all.
MOST_FOUND = 100
MOST_GENOTYPES = 200
MOST_POSITIONS = 30


@dataclass(frozen=True)
class LocusView:
    """A locus as the page shows it.

    Attributes:
        cells: what stands under allele 1 and allele 2.
        not_expressed: alleles that fit beside the called ones and are not expressed as usual.
        genotypes: all that the reads cannot exclude, the called one first, as many as the page shows; ``more`` are not.
        others: how many more there are than the called one, in words; '' for none.
        depths: the name of each place, and its picture.
    """

    locus: Locus
    letter: str
    state: str
    cells: tuple[str, str]
    not_expressed: tuple[str, ...]
    genotypes: tuple[str, ...]
    more: int
    others: str
    depths: tuple[tuple[str, Markup], ...]
    phase: Markup
    balance: Markup

    @classmethod
    def of(cls, locus: Locus) -> LocusView:
        """Of the document's locus."""
        letter, state = _ZYGOSITY.get(locus.state, ("?", locus.state))
        genotypes = tuple(locus.gl_string.split("|")) if locus.gl_string else ()
        names = [allele.name for allele in locus.alleles]
        shares = [allele.share for allele in locus.alleles]
        return cls(
            locus,
            letter,
            state,
            allele_cells(locus.state, names),
            not_expressed_of(names, (name for allele in locus.alleles for name in allele.ambiguities), locus.gl_string),
            genotypes[:MOST_GENOTYPES],
            max(0, len(genotypes) - MOST_GENOTYPES),
            _others(locus, genotypes),
            tuple((one.place, _markup(one.svg)) for one in depth_pictures(locus.coverage, names)),
            _markup(phase_picture(locus.phase_blocks, locus.links)),
            _markup(balance_picture(*shares) if len(shares) == _TWO else ""),
        )


@dataclass(frozen=True)
class FoundView:
    """A sequence that no called allele explains, as the page shows it.

    Attributes:
        document: what the page shows of the entry.
        codons: its changes among the codons around them.
    """

    document: Found
    label: str
    tone: str
    codons: tuple[CodonView, ...]


@for_users
@noted("page of the sample")
def sample(session_key: str, sample: str) -> ResponseReturnValue:
    """The page."""
    key = SessionKey.parse(session_key)
    return drawn_sample(key, sample_page(context(), key, sample))


def drawn_sample(
    session_key: SessionKey,
    page: SamplePage,
    *,
    status: int = 200,
    complaint: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    """The page of a sample.

    Args:
        session_key: the job.
        page: the sample's results.
        status: of the answer.
        complaint: why what somebody has sent of the review was not taken.
        typed: what was sent, so that nobody types it again.
    """
    found = _found(page)
    return shown(
        "ui/sample.html",
        status,
        here=JOBS,
        session_key=str(session_key),
        sample=page,
        loci=[LocusView.of(locus) for locus in page.loci],
        low=rules().least_amplicon_pairs,
        tone=tone,
        new_views=found[:MOST_FOUND],
        new_more=max(0, len(found) - MOST_FOUND),
        most_positions=MOST_POSITIONS,
        beside=approved_beside(context(), session_key, page),
        retypes=later_jobs(context(), session_key),
        review=review_panel(session_key, page, complaint, typed or {}),
        reviewed_formats=MADE_HERE,
    )


def _found(page: SamplePage) -> list[FoundView]:
    """New alleles first; where panel or library do not fit, nothing is called new."""
    exons = tuple(dict.fromkeys(exon for locus in page.loci for exon in locus.exons))
    found = []
    for entry in map(Found.of, page.unexplained):
        label = UNEXPLAINED_WORDS.get(entry.verdict, "unknown")
        gene = [exon for exon in exons if exon.allele.startswith(f"{entry.gene}*")]
        views = (codon_view(difference, gene) for difference in entry.differences)
        is_new = entry.verdict == NEW_ALLELE and page.fits
        codons = tuple(view for view in views if view is not None)
        found.append(FoundView(entry, label if page.fits else "unknown", "warn" if is_new else "quiet", codons))
    return sorted(found, key=lambda one: one.tone != "warn")


def _others(locus: Locus, genotypes: Sequence[str]) -> str:
    if len(genotypes) > 1:
        return f"{len(genotypes)} genotypes" + (" or more" if locus.genotypes_cut else "")
    more = sum(len(allele.ambiguities) - 1 for allele in locus.alleles)
    return f"{more} more name{'' if more == 1 else 's'}" if more > 0 else ""


def _markup(picture: str) -> Markup:
    return Markup(picture)  # noqa: S704 - gems_report.pictures escapes every text that goes in
