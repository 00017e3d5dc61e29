package org.gems.typer.calls;

/**
 * Strong bases over each column of a gene, a pair counting once: how many show each base, and how
 * much of that falls to each of the two called alleles.
 */
final class Pileup {
  static final int BASES = 4;

  private final int[][] counts;
  private final double[][] firstWeights;

  /** An empty pileup of a gene. */
  Pileup(int columns) {
    counts = new int[columns][];
    firstWeights = new double[columns][];
  }

  /**
   * Counts a base.
   *
   * @param fromFirst how likely its pair comes from the first allele and not the second
   */
  void add(int column, int base, double fromFirst) {
    if (counts[column] == null) {
      counts[column] = new int[BASES];
      firstWeights[column] = new double[BASES];
    }
    counts[column][base]++;
    firstWeights[column][base] += fromFirst;
  }

  /** Pairs that show a base. */
  int count(int column, int base) {
    return counts[column] == null ? 0 : counts[column][base];
  }

  /** Pairs that show any base. */
  int depth(int column) {
    int sum = 0;
    for (int base = 0; base < BASES; base++) {
      sum += count(column, base);
    }
    return sum;
  }

  /** What of the pairs that show a base is an allele's, 0 for the first one. */
  double ofAllele(int column, int base, int side) {
    if (counts[column] == null) {
      return 0;
    }
    double first = firstWeights[column][base];
    return side == 0 ? first : counts[column][base] - first;
  }

  /** What of all pairs over a column is an allele's. */
  double depthOfAllele(int column, int side) {
    double sum = 0;
    for (int base = 0; base < BASES; base++) {
      sum += ofAllele(column, base, side);
    }
    return sum;
  }
}
