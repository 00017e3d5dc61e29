package org.gems.typer.genotype;

import java.util.List;

/**
 * A read on the columns of a gene, in rising order. All columns between its first and its last are
 * there, with a base or a gap, but for introns that a message lacks.
 */
public interface LaidRead {
  /** What is shown where the read has no base and its neighbours stand on either side. */
  byte GAP = '.';

  /**
   * Bases without a column of their own.
   *
   * @param after the column that they follow
   * @param bases letters
   */
  record Inserted(int after, byte[] bases) {}

  /** Number of columns. */
  int size();

  /** A column of the gene. */
  int column(int i);

  /** A letter, or {@link #GAP}. */
  byte symbol(int i);

  /** Phred; of a gap that of the base behind it. */
  byte quality(int i);

  /** Bases that stand between two columns, in their order. */
  List<Inserted> inserted();
}
