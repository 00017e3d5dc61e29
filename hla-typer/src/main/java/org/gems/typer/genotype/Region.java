package org.gems.typer.genotype;

import java.util.List;

/**
 * A place of a gene that results tell of: an amplicon, by its own pairs, or an exon, by the pairs
 * of all exons.
 */
public interface Region {
  /** Its name in results. */
  String name();

  /** Indices of the targets whose pairs are counted over it. */
  List<Integer> targets();

  /**
   * A called allele's bases in it.
   *
   * @param options of the allele by target
   */
  Places places(int allele, int[] options);
}
