package org.gems.typer.calls;

import java.util.Map;
import org.gems.typer.calls.LocusCall.State;

/** What is said of a locus that is not called, with a panel or without. */
public final class NoCalls {
  /** The code of {@link #geneNotTyped}. */
  public static final String GENE_NOT_TYPED = "gene_not_typed";

  private NoCalls() {}

  /** The library lacks the gene. */
  public static LocusCall notInLibrary(String locus) {
    Flag flag = new Flag("not_in_library", "The library has no such gene", Map.of());
    return LocusCall.without(locus, State.NOT_IN_LIBRARY, flag);
  }

  /** The panel lacks the gene. */
  public static LocusCall notInPanel(String locus) {
    Flag flag = new Flag("not_in_panel", "The panel has no amplicon of this gene", Map.of());
    return LocusCall.without(locus, State.NOT_IN_PANEL, flag);
  }

  /** There are no pairs, or fewer than a call needs. */
  public static LocusCall tooFewPairs(String locus, int pairs, int least) {
    Flag flag =
        pairs == 0
            ? new Flag("no_reads", "No pair is of this gene", Flag.evidenceOf("pairs", 0))
            : new Flag(
                "too_few_reads",
                "%d pairs are of this gene, too few to call it".formatted(pairs),
                Flag.evidenceOf("pairs", pairs, "threshold", least));
    return LocusCall.without(locus, State.NO_CALL, flag);
  }

  /** One of DRB3, DRB4 and DRB5 that is there, beside which another one may be called. */
  public static Flag geneNotTyped(String gene, int pairs) {
    return new Flag(
        GENE_NOT_TYPED,
        "%s is there with %d pairs, but no amplicon has enough of them to tell its allele"
            .formatted(gene, pairs),
        Flag.evidenceOf("gene", gene, "pairs", pairs));
  }
}
