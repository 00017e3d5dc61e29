package org.gems.typer.shotgun;

import java.util.List;

/** How many reads lie over each exon column of a gene, weighted by what an allele has of them. */
final class ExonDepth {
  private final Gene gene;
  private final double[] depth;

  /**
   * Adds up reads.
   *
   * @param weights of each fragment
   */
  ExonDepth(Gene gene, List<Fragment> fragments, double[] weights) {
    this.gene = gene;
    this.depth = new double[gene.start(gene.features().size())];
    for (int p = 0; p < weights.length; p++) {
      List<Alignment> reads = fragments.get(p).reads();
      for (int r = 0; r < reads.size(); r++) {
        add(reads.get(r), r == 0 ? null : reads.get(0), weights[p]);
      }
    }
  }

  /** A column that both reads of a pair show counts once. */
  private void add(Alignment read, Alignment counted, double weight) {
    for (int i = 0; i < read.size(); i++) {
      int at = counted == null ? 0 : counted.firstFrom(read.column(i));
      boolean twice =
          counted != null && at < counted.size() && counted.column(at) == read.column(i);
      depth[read.column(i)] += twice ? 0 : weight;
    }
  }

  /** Reads over a feature's column. */
  double at(int feature, int column) {
    return depth[gene.start(feature) + column];
  }

  /** Mean over the columns in which a row has a base. */
  double mean(int feature, byte[] row) {
    double sum = 0;
    int bases = 0;
    for (int c = 0; c < row.length; c++) {
      if (row[c] != '.') {
        sum += depth[gene.start(feature) + c];
        bases++;
      }
    }
    return bases == 0 ? 0 : sum / bases;
  }

  /** Least over the columns in which a row has a base. */
  double minimum(int feature, byte[] row) {
    double least = Double.MAX_VALUE;
    for (int c = 0; c < row.length; c++) {
      least = row[c] == '.' ? least : Math.min(least, depth[gene.start(feature) + c]);
    }
    return least == Double.MAX_VALUE ? 0 : least;
  }
}
