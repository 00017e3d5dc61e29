from __future__ import annotations

import pytest

from gems_report.quality.sequencer import ReadOrigin, origin_of, sequencing_of

MISEQ = "M01716:11:000000000-AGEMS:1:1101:15589:1333 1:N:0:1"


@pytest.mark.parametrize(
    ("name", "origin", "model"),
    [
        (MISEQ, ReadOrigin("M01716", 11, "000000000-AGEMS", 1), "MiSeq"),
        ("@" + MISEQ, ReadOrigin("M01716", 11, "000000000-AGEMS", 1), "MiSeq"),
        ("A00217:76:HFLT3DSXX:2:2610:9028:28964/1", ReadOrigin("A00217", 76, "HFLT3DSXX", 2), "NovaSeq 6000"),
        ("MN00123:4:000H2:1:1:1:1", ReadOrigin("MN00123", 4, "000H2", 1), "MiniSeq"),
        ("NB501234:4:HXX:4:1:1:1:ACGT+ACGT 1:N:0:1", ReadOrigin("NB501234", 4, "HXX", 4), "NextSeq 500/550"),
        ("LH00345:4:22ABC:8:1:1:1", ReadOrigin("LH00345", 4, "22ABC", 8), "NovaSeq X"),
        ("ZZ9:4:F:1:1:1:1", ReadOrigin("ZZ9", 4, "F", 1), "unknown"),
    ],
)
def test_illuminas_read_names_tell_instrument_run_flow_cell_and_lane(name: str, origin: ReadOrigin, model: str) -> None:
    assert origin_of(name) == origin
    assert origin.model == model


@pytest.mark.parametrize(
    "name",
    [
        "",
        "SRR900001.1.1 1 length=250",
        "HWI-EAS209:5:58:5894:21141#0/1",
        "read1",
        "M01:x:F:1:1:1:1",
        ":" * 6,
        "a" * 9999,
    ],
)
def test_other_names_tell_nothing(name: str) -> None:
    assert origin_of(name) is None


def test_a_run_is_told_in_a_sentence_and_samples_that_do_not_tell_are_counted() -> None:
    found = sequencing_of([[MISEQ], ["M01716:11:000000000-AGEMS:2"], ["SRR1.1"]])
    assert [(run.run, run.lanes, run.samples) for run in found.runs] == [(11, (1, 2), 2)]
    assert found.words == (
        "Sequenced on MiSeq M01716, run 11, flow cell 000000000-AGEMS. "
        "The read names of 1 samples do not tell their sequencer."
    )


def test_reads_of_several_flow_cells_are_told() -> None:
    found = sequencing_of([[MISEQ, MISEQ.replace("AGEMS", "BGEMS")], [MISEQ]])
    assert [run.samples for run in found.runs] == [2, 1]
    assert found.words == "The reads are of 2 sequencing runs on 2 flow cells."
