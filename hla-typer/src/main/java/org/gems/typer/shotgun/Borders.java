package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.List;

/**
 * Which row a row goes on with beyond its feature's end: that of the first allele that has it and
 * states the neighbour's near end, else the reference's. A gene's own neighbours are its features
 * in their order; a message's are its exons.
 */
final class Borders {
  static final int END = -1;

  private final int[] chain;
  private final int[] placeOf;
  private final int[][] after;
  private final int[][] before;

  /**
   * Borders between some features.
   *
   * @param chain the features that follow each other
   */
  Borders(List<FeatureTable> features, int[] chain, int alleles) {
    this.chain = chain.clone();
    placeOf = new int[features.size()];
    Arrays.fill(placeOf, END);
    for (int i = 0; i < chain.length; i++) {
      placeOf[chain[i]] = i;
    }
    after = new int[features.size()][];
    before = new int[features.size()][];
    for (int f : chain) {
      after[f] = neighbours(features, f, 1, alleles);
      before[f] = neighbours(features, f, -1, alleles);
    }
  }

  private int[] neighbours(List<FeatureTable> features, int feature, int direction, int alleles) {
    FeatureTable own = features.get(feature);
    int[] rows = new int[own.rows()];
    int other = feature(feature, direction);
    if (other == END || features.get(other).columns() == 0) {
      Arrays.fill(rows, END);
      return rows;
    }
    FeatureTable next = features.get(other);
    int near = direction > 0 ? 0 : next.columns() - 1;
    Arrays.fill(rows, next.referenceIndex());
    for (int a = alleles - 1; a >= 0; a--) {
      int row = next.rowOf(a);
      if (next.row(row)[near] != '*') {
        rows[own.rowOf(a)] = row;
      }
    }
    return rows;
  }

  /** The features in their order. */
  int[] chain() {
    return chain;
  }

  /** The feature that follows (1) or precedes (-1) one, or {@link #END}. */
  int feature(int feature, int direction) {
    int place = placeOf[feature] + direction;
    return placeOf[feature] == END || place < 0 || place == chain.length ? END : chain[place];
  }

  /** The row that follows (1) or precedes (-1) a row, or {@link #END}. */
  int row(int feature, int row, int direction) {
    int[][] rows = direction > 0 ? after : before;
    return rows[feature] == null ? END : rows[feature][row];
  }
}
