"""Stands in for ``java -jar hla-typer.jar``: keeps the typer's contract, and misbehaves as the reads tell it to.

The first word of a sample's R1 file decides: BAD (an error.json), CRASH (exit 70 at once), FAULT (an
error.json of an internal fault, and exit 70 at the end), HANG (sleeps), SILENT (writes
nothing), HEAP (exit 70 at the heap's end), KILLED (by SIGKILL), JVM (crashes and leaves its file), GARBAGE (a typing.json that is not one), NOVEL (an unexplained sequence); anything else is typed.
Each run adds its sample names to ``runs.txt`` beside the sheet's folder.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any


def say(**event: object) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".tmp")
    part.write_text(text)
    part.replace(path)


def typing(sample: str, hla_class: str) -> dict[str, Any]:
    def allele(name: str) -> dict[str, Any]:
        return {
            "name": name,
            "ambiguities": [name, name + ":99"],
            "g_group": name + "G",
            "p_group": "",
            "ciwd": "",
            "documentation": "complete",
            "pairs": 10.5,
            "share": 0.5,
        }

    def locus(name: str, state: str, alleles: list[str], flags: list[str]) -> dict[str, Any]:
        return {
            "locus": name,
            "state": state,
            "flags": [{"code": code, "message": code, "evidence": {"a key": 1}} for code in flags],
            "alleles": [allele(item) for item in alleles],
            "candidates": [
                {"rank": rank, "alleles": alleles, "log_likelihood": -rank, "mismatches": 0, "unknown_bp": 0}
                for rank in range(1, 13)
            ],
            "coverage": [
                {
                    "amplicon": "Exon 2",
                    "allele": item,
                    "pairs": 1,
                    "known_bp": 2,
                    "unknown_bp": 0,
                    "mean_depth": 3.5,
                    "minimum_depth": 1,
                }
                for item in alleles
            ],
            "gl_string": "+".join(f"{item}/{item}:99" for item in (alleles * 2 if len(alleles) == 1 else alleles)),
        }

    return {
        "schema_version": 1,
        "sample": sample,
        "hla_class": hla_class,
        "versions": {"typer": "0.1.0", "typer_commit": "abc", "jar_sha256": "11", "reference_release": "9.9.0"},
        "reads": {
            "pairs": 12,
            "filters": [{"name": "no_primer", "pairs": 2, "meaning": "no primer"}],
            "used_pairs": 10,
        },
        "loci": [
            locus("A", "heterozygous", ["A*91:01", "A*92:01"], ["low_depth", "imbalance"]),
            locus("B", "homozygous", ["B*91:01"], []),
            locus("C", "no_call", [], ["dropout"]),
        ],
    }


def type_sample(sample: str, read_1: str, out: Path, hla_class: str) -> bool:
    word = Path(read_1).read_text().split()[0]
    folder = out / sample
    folder.mkdir(parents=True, exist_ok=True)
    if word == "CRASH":
        complain("java.lang.IllegalStateException: broken")
        os._exit(70)
    if word == "HEAP":
        complain(
            "\n".join(
                ["java.lang.OutOfMemoryError: Java heap space", *("\tat gems.typer.Somewhere" for _ in range(40))]
            )
        )
        os._exit(70)
    if word == "KILLED":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "JVM":
        frame = "#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n#  SIGSEGV (0xb) at pc=0x1, pid=1\n#\n"
        Path(f"hs_err_pid{os.getpid()}.log").write_text(frame)
        os.abort()
    if word == "HANG":
        time.sleep(300)
    if word == "SILENT":
        return True
    if word == "BAD":
        message = f"{read_1}, line 8: expected a quality line, found the end of the file"
        write(folder / "error.json", json.dumps({"sample": sample, "file": read_1, "line": 8, "message": message}))
        say(event="failed", sample=sample, message=message)
        return False
    if word == "FAULT":
        message = f"sample {sample}: expected a typing, found an internal fault of the typer; type it again"
        write(folder / "error.json", json.dumps({"sample": sample, "message": message, "internal_fault": True}))
        say(event="failed", sample=sample, message=message)
        return False
    text = "{" if word == "GARBAGE" else json.dumps(typing(sample, hla_class))
    write(folder / "unexplained.fasta", ">A|Exon 2|1 pairs=9 share=0.3\nACGTACGT\n" if word == "NOVEL" else "")
    write(folder / "typing.json", text)
    say(event="typed", sample=sample, pairs=12, seconds=0.1)
    return True


def main(arguments: list[str]) -> int:
    assert arguments[0].startswith("-Xmx"), arguments
    jar = arguments.index("-jar")
    assert all(option.startswith("-X") for option in arguments[:jar]), arguments
    assert arguments[jar + 2] == "type", arguments
    options = dict(zip(arguments[jar + 3 :: 2], arguments[jar + 4 :: 2], strict=True))
    library, sheet, out = Path(options["--library"]), Path(options["--samples"]), Path(options["--out"])
    if not (library / "library.json").exists():
        complain("library.json: expected a library, found none")
        return 3
    header, *rows = (line.split("\t") for line in sheet.read_text().splitlines())
    assert header == ["sample", "r1", "r2"], header
    with (Path(os.environ.get("FAKE_JAVA_RUNS", out)) / "runs.txt").open("a") as runs:
        runs.write(" ".join(row[0] for row in rows) + "\n")
    sys.stdout.write("a line that is not JSON\n")
    say(event="library", release="9.9.0", seconds=0.1)
    typed = 0
    for sample, read_1, _ in rows:
        say(event="started", sample=sample)
        typed += type_sample(sample, read_1, out, options["--hla-class"])
    say(event="finished", typed=typed, failed=len(rows) - typed)
    if any(Path(read_1).read_text().startswith("FAULT") for _, read_1, _ in rows):
        complain("java.lang.IllegalStateException: a fault")
        return 70
    return 0 if typed == len(rows) else 3


if __name__ == "__main__":
    if sys.argv[1:] == ["-version"]:
        complain('openjdk version "17.0.9" 2023-10-17')
        sys.exit(0)
    sys.exit(main(sys.argv[1:]))
