package org.gems.typer.calls;

import java.util.Optional;
import org.gems.typer.calls.LocusCall.State;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;

/** What is said of a locus that is not called. */
final class NoCalls {
  private NoCalls() {}

  /** The library lacks the gene. */
  static LocusCall notInLibrary(String locus) {
    Flag flag = Flag.of(FlagCode.NOT_IN_LIBRARY, "The library has no such gene");
    return LocusCall.without(locus, State.NOT_IN_LIBRARY, flag);
  }

  /** The panel lacks the gene. */
  static LocusCall notInPanel(String locus) {
    Flag flag = Flag.of(FlagCode.NOT_IN_PANEL, "The panel has no amplicon of this gene");
    return LocusCall.without(locus, State.NOT_IN_PANEL, flag);
  }

  /**
   * There are no pairs, or fewer than a call needs.
   *
   * @param ofSample what explains that for the whole sample, if anything does
   */
  static LocusCall tooFewPairs(String locus, int pairs, int least, Optional<Flag> ofSample) {
    String why = ofSample.map(flag -> "; " + flag.message()).orElse("");
    Flag flag =
        pairs == 0 && ofSample.isEmpty()
            ? Flag.of(FlagCode.NO_READS, "No pair is of this gene", "pairs", 0)
            : Flag.of(
                FlagCode.TOO_FEW_READS,
                "%d pairs could be used for this gene, too few to call it%s".formatted(pairs, why),
                "pairs",
                pairs,
                "threshold",
                least);
    return LocusCall.without(locus, State.NO_CALL, flag);
  }

  /** One of DRB3, DRB4 and DRB5 that is there, beside which another one may be called. */
  static Flag geneNotTyped(String gene, int pairs) {
    return Flag.of(
        FlagCode.GENE_NOT_TYPED,
        "%s is there with %d pairs, but no amplicon has enough of them to tell its allele"
            .formatted(gene, pairs),
        "gene",
        gene,
        "pairs",
        pairs);
  }
}
