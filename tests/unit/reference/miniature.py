"""Small synthetic releases: alignment text as a release's site writes it, folders and zips of it."""

from __future__ import annotations

import hashlib
import io
import random
import zipfile
from collections.abc import Mapping
from pathlib import Path

HEADER = "# file: {name}\n# date: 2018-07-11\n# version: IPD-IMGT/HLA {release}\n# author: nobody\n"
FOOTER = "\nPlease see http://hla.alleles.org/terms.html for terms of use.\n"


def random_bases(length: int, seed: int) -> str:
    """Bases that repeat for a seed."""
    return "".join(random.Random(seed).choices("ACGT", k=length))


def alignment_text(rows: Mapping[str, str], name: str = "A_gen.txt", release: str = "9.1.0", block: int = 40) -> str:
    """An alignment file.

    Args:
        rows: for each allele its row with ``|`` borders, bases spelled; the first is the reference.
        name: of the file.
        release: that it states.
        block: columns a block.
    """
    first, reference = next(iter(rows.items()))
    text = HEADER.format(name=name, release=release)
    for start in range(0, max(map(len, rows.values())), block):
        text += (
            f"                   \n {'gDNA' if 'gen' in name else 'cDNA'}              {start}\n                   |\n"
        )
        for allele, row in rows.items():
            if start < len(row):
                piece = row[start : start + block]
                if allele != first:
                    piece = _dashed(piece, reference[start : start + block])
                text += f" {allele:<18}{' '.join(piece[at : at + 10] for at in range(0, len(piece), 10))}\n"
        text += "\n"
    return text + FOOTER


def _dashed(piece: str, reference: str) -> str:
    padded = reference.ljust(len(piece), ".")
    return "".join("-" if base == kept and base in "ACGT" else base for base, kept in zip(piece, padded, strict=False))


def zip_bytes(files: Mapping[str, str]) -> bytes:
    """A zip of an alignments folder, with what macOS leaves in one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("alignments/", "")
        archive.writestr("alignments/Icon\r", "")
        for name, text in files.items():
            archive.writestr(f"alignments/{name}", text)
            archive.writestr(f"__MACOSX/alignments/._{name}", b"\x00\x05\x16\x07")
    return buffer.getvalue()


def md5_line(name: str, content: bytes) -> str:
    """A line of md5checksum.txt."""
    return f"MD5 ({name}) = {hashlib.md5(content).hexdigest()}\n"


def write_release(folder: Path, files: Mapping[str, str], groups: Mapping[str, str] | None = None) -> Path:
    """A release's folder, zipped, with checksums; group tables are not listed in them.

    Args:
        folder: made.
        files: alignment text by name.
        groups: text of hla_nom_g.txt and hla_nom_p.txt by name.
    """
    folder.mkdir(parents=True)
    content = zip_bytes(files)
    (folder / "Alignments_Rel_910.zip").write_bytes(content)
    (folder / "md5checksum.txt").write_text(md5_line("Alignments_Rel_910.zip", content))
    for name, text in (groups or {}).items():
        (folder / name).write_text(text)
    return folder


def small_locus() -> tuple[dict[str, str], dict[str, str]]:
    """Coding and genomic rows of a locus with two exons and five alleles.

    The second has a deletion, the third is known in part, the fourth is coding-only, the fifth is a null allele that lacks a
    genomic row too.
    """
    utr5, exon1, intron1, exon2, utr3 = (random_bases(length, seed) for seed, length in enumerate((30, 24, 40, 36, 25)))
    changed = exon2[:10] + ("A" if exon2[10] != "A" else "C") + exon2[11:]
    coding = {
        "A*01:01:01:01": f"{exon1}|{exon2}",
        "A*01:02": f"{exon1[:6]}...{exon1[9:]}|{exon2}",
        "A*02:01": f"{exon1}|{changed}",
        "A*02:02": f"{'*' * 24}|{changed}",
        "A*02:03N": f"{exon1}|{changed[:20]}.{changed[21:]}",
    }
    genomic = {
        "A*01:01:01:01": f"{utr5}|{exon1}|{intron1}|{exon2}|{utr3}",
        "A*01:02": f"{'*' * 12}{utr5[12:]}|{exon1[:6]}...{exon1[9:]}|{intron1}|{exon2}|{utr3}",
        "A*02:01": f"{utr5}|{exon1}|{intron1[:5]}..{intron1[7:]}|{changed}|{'*' * 25}",
    }
    return coding, genomic


def small_release() -> dict[str, str]:
    """Files of a release with that one locus."""
    coding, genomic = small_locus()
    return {"A_nuc.txt": alignment_text(coding, "A_nuc.txt"), "A_gen.txt": alignment_text(genomic, "A_gen.txt")}
