"""What the accuracy benchmark sweeps: conditions, each with the faults of an ordinary run but for one thing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gems_cli.simulator.settings import RunSettings

# An ordinary run: the simulator's usual faults at a depth at which nothing should go wrong.
ORDINARY = RunSettings(pairs_per_amplicon=100)
# A condition's people are as many as make about so many pairs per amplicon together, within bounds.
PAIRS_PER_CONDITION = 800
FEWEST, MOST = 2, 8


@dataclass(frozen=True)
class Condition:
    """A row of the table.

    Attributes:
        axis: what is swept.
        value: where on it.
        settings: of the simulator.
    """

    axis: str
    value: str
    settings: RunSettings

    @property
    def name(self) -> str:
        """As a part of a sample's name."""
        return f"{self.axis}-{self.value}".replace(" ", "-").replace(":", "-").replace("%", "").replace("/", "-")

    def people(self, scale: float) -> int:
        """How many people are made."""
        wanted = PAIRS_PER_CONDITION / self.settings.pairs_per_amplicon
        return max(1, round(scale * min(MOST, max(FEWEST, wanted))))


def conditions() -> tuple[Condition, ...]:
    """All rows of the table, in its order."""
    return (*_depths(), *_balances(), *_chimeras(), *_artefacts(), *_reads(), *_together())


def _depths() -> list[Condition]:
    return [
        Condition("depth", str(depth), replace(ORDINARY, pairs_per_amplicon=depth))
        for depth in (10, 20, 50, 100, 300, 1000)
    ]


def _balances() -> list[Condition]:
    return [
        Condition(
            "balance",
            f"{round(100 * share)}:{round(100 - 100 * share)}",
            replace(ORDINARY, allele_share=share, allele_share_spread=0.02),
        )
        for share in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
    ]


def _chimeras() -> list[Condition]:
    return [
        Condition("chimeras", f"{round(100 * share)}%", replace(ORDINARY, chimera_share=share))
        for share in (0.0, 0.05, 0.1, 0.15)
    ]


def _artefacts() -> list[Condition]:
    return [
        Condition("PCR error", "early 10%", replace(ORDINARY, early_error_share=0.1)),
        Condition("PCR error", "1 in 1000", replace(ORDINARY, pcr_error_rate=1e-3)),
        Condition("cross-talk", "1%", replace(ORDINARY, cross_talk_share=0.01)),
        Condition("cross-talk", "3%", replace(ORDINARY, cross_talk_share=0.03)),
        Condition("pseudogene", "20%", replace(ORDINARY, pseudogene_share=0.2)),
        Condition("dropout", "every gene", replace(ORDINARY, dropout_share=1.0)),
        Condition("missing amplicon", "every gene", replace(ORDINARY, missing_share=1.0)),
        Condition("slippage", "5%", replace(ORDINARY, slippage_rate=0.05)),
        Condition("new allele", "every gene", replace(ORDINARY, novel_share=1.0)),
    ]


def _reads() -> list[Condition]:
    return [
        Condition("reads", "2x150", replace(ORDINARY, read_length=150)),
        Condition("reads", "2x200", replace(ORDINARY, read_length=200)),
        Condition("reads", "2x300 adapters", replace(ORDINARY, read_length=300, adapters=True)),
        Condition("reads", "30% cut short", replace(ORDINARY, truncated_share=0.3)),
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
    return [Condition("all together", "depth 50", bad)]
