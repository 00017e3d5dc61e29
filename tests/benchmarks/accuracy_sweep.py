"""An ordinary run's rows, typed with its panel: each with the faults of an ordinary run but for one thing."""

from __future__ import annotations

from dataclasses import replace

from accuracy_conditions import Condition

from gems_simulator.settings import RunSettings

# An ordinary run: the simulator's usual faults at a depth at which nothing should go wrong.
ORDINARY = RunSettings(pairs_per_amplicon=100)
# A row's people are as many as make about so many pairs per amplicon together, within bounds.
PAIRS_PER_CONDITION = 800
FEWEST, MOST = 2, 8


def conditions() -> tuple[Condition, ...]:
    """All rows of the table, in its order."""
    return (*_depths(), *_balances(), *_chimeras(), *_artefacts(), *_reads(), *_together())


def _row(axis: str, value: str, settings: RunSettings) -> Condition:
    people = PAIRS_PER_CONDITION / settings.pairs_per_amplicon
    return Condition(axis, value, settings, min(MOST, max(FEWEST, people)))


def _depths() -> list[Condition]:
    return [
        _row("depth", str(depth), replace(ORDINARY, pairs_per_amplicon=depth)) for depth in (10, 20, 50, 100, 300, 1000)
    ]


def _balances() -> list[Condition]:
    return [
        _row(
            "balance",
            f"{round(100 * share)}:{round(100 - 100 * share)}",
            replace(ORDINARY, allele_share=share, allele_share_spread=0.02),
        )
        for share in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
    ]


def _chimeras() -> list[Condition]:
    return [
        _row("chimeras", f"{round(100 * share)}%", replace(ORDINARY, chimera_share=share))
        for share in (0.0, 0.05, 0.1, 0.15)
    ]


def _artefacts() -> list[Condition]:
    return [
        _row("PCR error", "early 10%", replace(ORDINARY, early_error_share=0.1)),
        _row("PCR error", "1 in 1000", replace(ORDINARY, pcr_error_rate=1e-3)),
        _row("cross-talk", "1%", replace(ORDINARY, cross_talk_share=0.01)),
        _row("cross-talk", "3%", replace(ORDINARY, cross_talk_share=0.03)),
        _row("pseudogene", "20%", replace(ORDINARY, pseudogene_share=0.2)),
        _row("dropout", "every gene", replace(ORDINARY, dropout_share=1.0)),
        _row("missing amplicon", "every gene", replace(ORDINARY, missing_share=1.0)),
        _row("slippage", "5%", replace(ORDINARY, slippage_rate=0.05)),
        _row("new allele", "every gene", replace(ORDINARY, novel_share=1.0)),
    ]


def _reads() -> list[Condition]:
    return [
        _row("reads", "2x150", replace(ORDINARY, read_length=150)),
        _row("reads", "2x200", replace(ORDINARY, read_length=200)),
        _row("reads", "2x300 adapters", replace(ORDINARY, read_length=300, adapters=True)),
        _row("reads", "30% cut short", replace(ORDINARY, truncated_share=0.3)),
    ]


def _together() -> list[Condition]:
    bad = replace(
        ORDINARY,
        pairs_per_amplicon=50,
        allele_share=0.7,
        chimera_share=0.1,
        cross_talk_share=0.02,
        pseudogene_share=0.1,
        slippage_rate=0.02,
        pcr_error_rate=5e-4,
        early_error_share=0.05,
        truncated_share=0.1,
        dropout_share=0.05,
        missing_share=0.05,
    )
    return [_row("all together", "depth 50", bad)]
