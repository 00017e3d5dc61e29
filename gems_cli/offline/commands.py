"""``gems type``: type reads on this machine, without a cloud."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from gems_artefacts.inputs import Tools, find_tools
from gems_cli.exits import EXIT_CODES_HELP
from gems_cli.offline.inputs import Inputs, of_files, of_folder, of_sheet
from gems_cli.offline.session import Machine
from gems_cli.offline.shown import REPORT_JSON, type_shown
from gems_cli.offline.stream import save
from gems_cli.terminal import open_console
from gems_core.errors import UsageProblem
from gems_core.hla import parse_hla_class

_PATH = click.Path(path_type=Path)
_STANDARD_INPUT = Path("-")
MOST_FILES = 2
EXAMPLES = """\b
Examples:
  gems type a_R1.fastq.gz a_R2.fastq.gz -o out
  gems type run_folder -o out --panel none
  samtools fastq a.bam | gems type - --interleaved --sample a --panel none -o out
"""


@click.command("type", epilog=f"{EXAMPLES}\n{EXIT_CODES_HELP}")
@click.argument("reads", nargs=-1, type=_PATH, metavar="[R1 [R2] | FOLDER | -]")
@click.option(
    "-o", "--output", type=_PATH, required=True, help="Folder for the results; new, empty or an earlier run's."
)
@click.option("--sheet", type=_PATH, help="Table of samples (TSV or CSV: sample, r1, r2); paths as from its folder.")
@click.option("--sample", default="", help="Name of the sample. [default: as R1's name tells]")
@click.option("--samples", default="*", show_default=True, help="Of FOLDER only samples whose name matches this glob.")
@click.option("--interleaved", is_flag=True, help="On standard input R1 and R2 of each pair follow each other.")
@click.option("--library", type=_PATH, help="Reference library. [default: $GEMS_LIBRARY, else 3.51.0 in the cache]")
@click.option("--panel", type=_PATH, help="Amplicon panel (TSV), or none. [default: the open panel]")
@click.option("--hla-class", default="all", show_default=True, help="1 (A, B, C), 2 (DR, DQ, DP) or all.")
@click.option("--threads", type=click.IntRange(min=1), help="[default: all processors that this process may use]")
@click.option(
    "--memory-mb", type=click.IntRange(min=256), help="The typer's largest heap. [default: two thirds of the memory]"
)
@click.option("--typer-jar", type=_PATH, help="The typer. [default: the one of this installation]")
@click.option("--json", "as_json", is_flag=True, help="Print report.json in place of the tables.")
def type_reads(
    *,
    reads: tuple[Path, ...],
    output: Path,
    sheet: Path | None,
    sample: str,
    samples: str,
    interleaved: bool,
    library: Path | None,
    panel: Path | None,
    hla_class: str,
    threads: int | None,
    memory_mb: int | None,
    typer_jar: Path | None,
    as_json: bool,
) -> None:
    """Type reads on this machine, without a cloud.

    R1 and R2 are one sample's files; R1 alone holds single reads. FOLDER holds the files of a run. A dash reads FASTQ from
    standard input. The output folder gets the files of a job: report.* and samples/SAMPLE/typing.json.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    asked = _Asked(reads, sheet, sample, samples, interleaved)
    asked.check()
    console = Console(stderr=True) if as_json else open_console()
    tools = find_tools(library, panel, typer_jar, lambda line: console.print(line, highlight=False))
    ended = type_shown(
        lambda scratch: asked.inputs(scratch, tools),
        tools,
        output,
        console,
        hla_class=parse_hla_class(hla_class),
        machine=Machine.whole(threads, memory_mb),
        tables=not as_json,
    )
    if as_json:
        sys.stdout.buffer.write((output / REPORT_JSON).read_bytes())
    ended.demand_all(output)


@dataclass(frozen=True)
class _Asked:
    """Which reads the command line names."""

    reads: tuple[Path, ...]
    sheet: Path | None
    sample: str
    samples: str
    interleaved: bool

    def check(self) -> None:
        """See that it names reads in one way.

        Raises:
            UsageProblem: it names none, or too many.
        """
        if bool(self.reads) == bool(self.sheet):
            found = "both" if self.sheet else "none"
            raise UsageProblem(f"expected R1 [R2], a folder, - or --sheet, found {found}. See `gems type --help`.")
        if len(self.reads) > MOST_FILES:
            raise UsageProblem(f"expected R1 and R2, found {len(self.reads)} files. Name them in a table with --sheet.")
        piped = self.reads == (_STANDARD_INPUT,)
        if self.interleaved and not piped:
            raise UsageProblem(
                "--interleaved: expected reads on standard input (-), found files. Pipe them, or leave it out."
            )
        if piped and not self.sample:
            raise UsageProblem("--sample: expected the sample's name, found none. Standard input does not tell it.")
        if self.sample and (self.sheet or self.reads[0].is_dir()):
            raise UsageProblem(
                "--sample: expected R1 and R2, found many samples. A folder's are chosen with --samples."
            )

    def inputs(self, scratch: Path, tools: Tools) -> Inputs:
        """The samples.

        Raises:
            InvalidInput: the files are not what they should be.
        """
        if self.sheet:
            return of_sheet(self.sheet)
        read_1, *rest = self.reads
        if read_1 == _STANDARD_INPUT:
            return of_files(*save(sys.stdin.buffer, scratch, interleaved=self.interleaved), self.sample)
        if read_1.is_dir() and not rest:
            return of_folder(read_1, self.samples, takes_single=tools.has_no_panel)
        return of_files(read_1, rest[0] if rest else None, self.sample)
