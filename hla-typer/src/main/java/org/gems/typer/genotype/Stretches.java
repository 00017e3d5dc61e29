package org.gems.typer.genotype;

import java.util.List;

/** All pairs of a gene, in introns and untranslated ends too, stretch by stretch. */
public interface Stretches {
  /**
   * Whether the release states an allele wherever pairs lie, its outer ends apart: how far these
   * are stated differs from allele to allele.
   */
  boolean isWhole(int allele);

  /** Whether the release states an allele wherever pairs lie, its outer ends too. */
  boolean isStated(int allele);

  /** Columns under pairs in which the release states other bases of two alleles. */
  int differences(int one, int two);

  /** The stretches, which tell some looks apart; their option sets are by index into the looks. */
  List<Segment> segments(List<Look> looks);
}
