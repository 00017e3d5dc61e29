"""What the world calls an allele beyond its name: G group, P group, CIWD frequency category."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gems_core.errors import InvalidInput, one_problem

_SUFFIX = re.compile(r"[A-Z]$")
_GROUP_LINE = re.compile(r"(?P<locus>[A-Z0-9]+\*);(?P<alleles>[^;]+);(?P<group>[^;]*)")
CIWD_CATEGORIES = frozenset({"C", "I", "WD", "R"})
_CIWD_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


@dataclass(frozen=True)
class Nomenclature:
    """Groups and categories of a release; a missing table is None.

    Attributes:
        g_groups: allele -> full name of its G group.
        p_groups: allele -> full name of its P group.
        ciwd: any name of the CIWD table (two to four fields, G, P) -> category.
        ciwd_version: the table's version.
    """

    g_groups: Mapping[str, str] | None = None
    p_groups: Mapping[str, str] | None = None
    ciwd: Mapping[str, str] = field(default_factory=dict)
    ciwd_version: str | None = None

    def g_group(self, allele: str) -> str:
        """The allele's G group, or ''."""
        return (self.g_groups or {}).get(allele, "")

    def p_group(self, allele: str) -> str:
        """The allele's P group, or ''."""
        return (self.p_groups or {}).get(allele, "")

    def category(self, allele: str) -> str:
        """The CIWD category of the longest listed name that begins the allele's, or ''.

        At equal length a plain name goes before its G group's (three fields) or P group's (two fields). A group's name
        counts only for the alleles whose own name begins it: a rare member is not common for its company. An allele
        with an expression suffix takes only a category given to that suffix.
        """
        gene, _, rest = allele.partition("*")
        suffix = _SUFFIX.search(rest)
        fields = rest.rstrip("NLSCAQ").split(":")
        for count in range(len(fields), 1, -1):
            name = f"{gene}*{':'.join(fields[:count])}"
            names = [name + suffix[0]] if suffix else [name, name + {3: "G", 2: "P"}.get(count, "")]
            for candidate in names:
                if candidate in self.ciwd:
                    return self.ciwd[candidate]
        return ""


def parse_groups(text: str, name: str) -> dict[str, str]:
    """``A*;01:01:01:01/01:01:01:02N;01:01:01G`` lines as allele -> group; alleles in no group are left out.

    Raises:
        InvalidInput: a line is something else.
    """
    groups = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _GROUP_LINE.fullmatch(line.strip())
        if match is None:
            raise _bad_line(name, number, "'LOCUS*;ALLELES;GROUP'", line)
        if match["group"]:
            group = match["locus"] + match["group"]
            groups.update({match["locus"] + allele: group for allele in match["alleles"].split("/")})
    return groups


def parse_ciwd(text: str, name: str) -> dict[str, str]:
    """The CIWD table (columns ``ALLELE`` and ``TOTAL``) as name -> category C, I, WD or R.

    Raises:
        InvalidInput: a column is missing or a category unknown.
    """
    reader = csv.DictReader(text.splitlines())
    missing = {"ALLELE", "TOTAL"} - set(reader.fieldnames or ())
    if missing:
        raise _bad_line(name, 1, "columns ALLELE and TOTAL", str(reader.fieldnames))
    categories = {}
    for row in reader:
        category = row["TOTAL"].strip()
        if category in CIWD_CATEGORIES:
            categories[row["ALLELE"].strip()] = category
        elif category:
            raise _bad_line(name, reader.line_num, "a category C, I, WD or R", category)
    return categories


def ciwd_version(file_name: str) -> str:
    """The version that a CIWD table's file name states, e.g. ``3.0.0`` of ``ciwd.3.0.0.csv``; else the name itself."""
    match = _CIWD_VERSION.search(file_name)
    return match[0] if match else file_name


def _bad_line(name: str, number: int, expected: str, found: str) -> InvalidInput:
    return one_problem(
        "nomenclature_line", f"{name} line {number}", expected, repr(found[:60]), "Fetch the file again."
    )
