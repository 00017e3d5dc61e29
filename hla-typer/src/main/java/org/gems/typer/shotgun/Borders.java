package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.List;

/**
 * Which row a row goes on with beyond its feature's end: that of the first allele that has it and
 * states the neighbour's near end, else the reference's.
 */
final class Borders {
  private final int[][] after;
  private final int[][] before;

  Borders(List<FeatureTable> features, int alleles) {
    after = new int[features.size()][];
    before = new int[features.size()][];
    for (int f = 0; f < features.size(); f++) {
      after[f] = neighbours(features, f, 1, alleles);
      before[f] = neighbours(features, f, -1, alleles);
    }
  }

  private static int[] neighbours(
      List<FeatureTable> features, int feature, int direction, int alleles) {
    FeatureTable own = features.get(feature);
    int[] rows = new int[own.rows()];
    int other = feature + direction;
    if (other < 0 || other == features.size() || features.get(other).columns() == 0) {
      Arrays.fill(rows, -1);
      return rows;
    }
    FeatureTable next = features.get(other);
    int near = direction > 0 ? 0 : next.columns() - 1;
    int reference = next.referenceIndex();
    Arrays.fill(rows, reference);
    for (int a = alleles - 1; a >= 0; a--) {
      int row = next.rowOf(a);
      if (next.row(row)[near] != '*') {
        rows[own.rowOf(a)] = row;
      }
    }
    return rows;
  }

  /** The row that follows (1) or precedes (-1) a row, or -1 at the gene's end. */
  int neighbour(int feature, int row, int direction) {
    return (direction > 0 ? after : before)[feature][row];
  }
}
