package org.gems.typer.shotgun;

import java.util.List;

/**
 * Strong bases over each column of a gene, a fragment counting once: how many show each base, and
 * how much of that falls to each of the two called alleles.
 */
final class Pileup {
  private static final int BASES = 4;

  private final int[][] counts;
  private final double[][] firstWeights;

  /**
   * Counts the bases of fragments.
   *
   * @param fromFirst for each fragment how likely it comes from the first allele and not the second
   * @param leastPenalty what a mismatch of the least quality that counts costs
   */
  Pileup(Gene gene, List<Fragment> fragments, double[] fromFirst, float leastPenalty) {
    int columns = gene.start(gene.features().size());
    counts = new int[columns][];
    firstWeights = new double[columns][];
    for (int p = 0; p < fromFirst.length; p++) {
      List<Alignment> reads = fragments.get(p).reads();
      for (int r = 0; r < reads.size(); r++) {
        Alignment mate = reads.size() > 1 ? reads.get(1 - r) : null;
        add(reads.get(r), mate, r > 0, fromFirst[p], leastPenalty);
      }
    }
  }

  /** A column that both reads show counts once, and not where they disagree. */
  private void add(
      Alignment read, Alignment mate, boolean isSecond, double fromFirst, float leastPenalty) {
    for (int i = 0; i < read.size(); i++) {
      int code = KmerIndex.code(read.symbol(i));
      if (code < 0 || read.penalty(i) < leastPenalty) {
        continue;
      }
      int at = mate == null ? 0 : mate.firstFrom(read.column(i));
      boolean isShared = mate != null && at < mate.size() && mate.column(at) == read.column(i);
      boolean isAgreed = isShared && mate.symbol(at) == read.symbol(i);
      boolean isCounted = isAgreed && isSecond && mate.penalty(at) >= leastPenalty;
      if (!isShared || (isAgreed && !isCounted)) {
        count(read.column(i), code, fromFirst);
      }
    }
  }

  private void count(int column, int code, double fromFirst) {
    if (counts[column] == null) {
      counts[column] = new int[BASES];
      firstWeights[column] = new double[BASES];
    }
    counts[column][code]++;
    firstWeights[column][code] += fromFirst;
  }

  /** Fragments that show a base. */
  int count(int column, byte base) {
    return counts[column] == null ? 0 : counts[column][KmerIndex.code(base)];
  }

  /** Fragments that show any base. */
  int depth(int column) {
    int sum = 0;
    for (byte base : BASE_LETTERS) {
      sum += count(column, base);
    }
    return sum;
  }

  /** What of the fragments that show a base is an allele's, 0 for the first one. */
  double ofAllele(int column, byte base, int side) {
    if (counts[column] == null) {
      return 0;
    }
    double first = firstWeights[column][KmerIndex.code(base)];
    return side == 0 ? first : count(column, base) - first;
  }

  /** What of all fragments over a column is an allele's. */
  double depthOfAllele(int column, int side) {
    double sum = 0;
    for (byte base : BASE_LETTERS) {
      sum += ofAllele(column, base, side);
    }
    return sum;
  }

  /** The bases that are counted. */
  static final byte[] BASE_LETTERS = {'A', 'C', 'G', 'T'};
}
