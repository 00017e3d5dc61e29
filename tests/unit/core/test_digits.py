"""Digits are 0 to 9 wherever an outside text is read; every house is looked through for the ways that take others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gems_core import hla
from gems_core.digits import is_digits
from gems_core.errors import InvalidInput
from gems_core.fastq_names import StoredFile, pair_files
from gems_core.session_key import SessionKey
from worker.cross_match.options import WrongUsage, parse

ROOT = Path(__file__).parents[3]
HOUSES = [
    folder
    for name in ("gems_*", "worker", "userdata", "tools")
    for folder in sorted(ROOT.glob(name))
    if folder.is_dir() and any(folder.rglob("*.py"))
]
# Digits of other scripts: Arabic-Indic, fullwidth, Devanagari. Python's int and \\d take them all.
ODD = ["\u0664\u0662", "\uff14\uff12", "\u096a\u0968"]
_OF_ANY_SCRIPT = {"isdigit", "isdecimal", "isnumeric", "isalnum"}


def odd_ways(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"(?<!\\)\\d", node.value):
            yield f"{path.relative_to(ROOT)}:{node.lineno}: write [0-9] in place of \\d"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _OF_ANY_SCRIPT:
            yield f"{path.relative_to(ROOT)}:{node.lineno}: use gems_core.digits in place of {node.func.attr}"


@pytest.mark.parametrize("house", HOUSES, ids=lambda folder: folder.name)
def test_no_house_takes_digits_of_other_scripts(house: Path) -> None:
    files = [path for path in house.rglob("*.py") if path != ROOT / "gems_core" / "digits.py"]
    assert [way for path in files for way in odd_ways(path)] == []


@pytest.mark.parametrize("text", [*ODD, "", " 1", "1_0", "-1", "1.0", "\u00b2"])
def test_what_is_no_row_of_digits(text: str) -> None:
    assert not is_digits(text)


def test_what_is() -> None:
    assert is_digits("0123456789")


@pytest.mark.parametrize("odd", ODD)
def test_names_with_odd_digits_are_no_names(odd: str) -> None:
    with pytest.raises(InvalidInput):
        SessionKey.parse(f"b-p-class-1-2611{odd}-01:02:0123456789")
    with pytest.raises(InvalidInput):
        hla.AlleleName.parse(f"A*{odd}:01")
    samples, problems = pair_files(StoredFile(f"run/K1_S{odd}_L001_R{read}_001.fastq.gz", 100) for read in (1, 2))
    assert samples == []
    assert len(problems) == 2
    with pytest.raises(WrongUsage):
        parse(["query.fasta", "subject.fasta", "-minscore", odd])
