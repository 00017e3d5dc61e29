package org.gems.typer.genotype;

import java.util.List;
import java.util.Optional;
import org.gems.typer.library.LocusTable;

/** What a sample's reads say of one gene, however they were placed. */
public interface GeneEvidence {
  /** The gene. */
  LocusTable table();

  /** Which of its alleles to name first, and how much of each is open. */
  AlleleOrder order();

  /** Places with enough pairs to be weighed, in the order of the gene. */
  List<Target> targets();

  /** What results tell of, in the order of the gene. */
  List<Region> regions();

  /** What tells alleles apart outside of exons; empty where targets hold all that is read. */
  default Optional<Stretches> stretches() {
    return Optional.empty();
  }

  /** Pairs of the gene over all targets. */
  int pairs();

  /** Whether reads lie over a column of an allele that something else may have there. */
  boolean isRead(int allele, int column);
}
