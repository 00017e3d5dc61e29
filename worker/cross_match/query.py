"""The query file: what the typer left unexplained, under names that cross_match can tell apart."""

from __future__ import annotations

from pathlib import Path

_DESCRIPTION = " pairs="


def name_in_results(header: str) -> str:
    """What cross_match calls the sequence of ``unexplained.fasta`` that has this header, which is without its ``>``.

    cross_match ends a name at its first blank, so that ``B|Exon 3|1`` and ``B|Exon 2|2`` would both be ``B|Exon``.
    """
    return header.partition(_DESCRIPTION)[0].replace(" ", "_")


def write_query(unexplained: Path, query: Path) -> None:
    """Write the sequences of ``unexplained.fasta`` (docs/contracts.md, section 3) under those names.

    Raises:
        OSError, ValueError: it cannot be read as text, or the query cannot be written.
    """
    with unexplained.open(encoding="utf-8") as lines, query.open("w", encoding="utf-8") as file:
        file.writelines(">" + _renamed(line[1:]) if line.startswith(">") else line for line in lines)


def _renamed(header: str) -> str:
    _, mark, description = header.partition(_DESCRIPTION)
    return name_in_results(header) + mark + description
