"""``python -m prose``: hold every page to its ceiling. ``--lower`` lowers ceilings, ``--table`` and ``--show PAGE`` print."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from prose.pages import Ceiling, ceilings, pages, read, write_ceilings
from prose.sentences import long_lines, page_sentences
from prose.words import stumbles


def main() -> int:
    """Exit code 1 where a page reads worse than its ceiling allows."""
    options = _options()
    root = Path.cwd()
    if options.show:
        _show(options.show, (root / options.show).read_text(encoding="utf-8"))
        return 0
    readings = {path.as_posix(): read((root / path).read_text(encoding="utf-8")) for path in pages(root)}
    allowed = ceilings()
    if options.lower:
        write_ceilings({name: allowed[name].lowered_to(readings[name]) for name in allowed if name in readings})
        return 0
    if options.table:
        for name, reading in readings.items():
            print(f"{name}\t{reading.sentences}\t{reading.long_share}\t{reading.long_lines}\t{reading.words}")
        return 0
    faults = [
        f"{name}: {fault}" for name, reading in readings.items() for fault in allowed.get(name, Ceiling()).over(reading)
    ]
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        print("PYTHONPATH=tools .venv/bin/python -m prose --show PAGE shows where.", file=sys.stderr)
    return bool(faults)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="prose", description="How the project's pages read.")
    parser.add_argument("--lower", action="store_true", help="lower the ceilings to what the pages have now")
    parser.add_argument(
        "--table", action="store_true", help="print page, sentences, share of long ones, long lines, phrases"
    )
    parser.add_argument("--show", metavar="PAGE", help="print a page's long sentences, long lines and phrases")
    return parser.parse_args()


def _show(name: str, page: str) -> None:
    for sentence in page_sentences(page):
        if sentence.is_long:
            print(f"{name}:{sentence.line}: {sentence.words} words: {sentence.text}")
        for found in stumbles(sentence.text):
            print(f"{name}:{sentence.line}: '{found.phrase}'; say: {found.instead}")
    for line in long_lines(page):
        print(f"{name}:{line}: more than 120 characters")


if __name__ == "__main__":
    sys.exit(main())
