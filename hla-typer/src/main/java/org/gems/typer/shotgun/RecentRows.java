package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.List;

/**
 * The rows that lately fitted reads best, by gene and feature. A sample has few alleles, so that
 * what fitted one read fits most: a row is tried before all rows are scored. It changes how long
 * that takes and never what comes of it. Not for several threads at once.
 */
final class RecentRows {
  /** Two alleles, and a few rows that look like these where a read lies. */
  private static final int KEPT = 8;

  private static final int NONE = -1;

  private final int[][][] rows;

  RecentRows(List<Gene> genes) {
    rows = new int[genes.size()][][];
    for (int g = 0; g < rows.length; g++) {
      rows[g] = new int[genes.get(g).features().size()][KEPT];
      for (int[] ofFeature : rows[g]) {
        Arrays.fill(ofFeature, NONE);
      }
    }
  }

  /** Whether one of the rows costs a read no more than the floor. */
  boolean isAnyAtFloor(
      int gene, int feature, FeatureTable table, Alignment read, int first, int unstated) {
    int[] kept = rows[gene][feature];
    for (int i = 0; i < KEPT && kept[i] != NONE; i++) {
      if (table.isAtFloor(read, first, unstated, kept[i])) {
        toFront(kept, i, kept[i]);
        return true;
      }
    }
    return false;
  }

  /** Notes a row that costs a read no more than the floor. */
  void add(int gene, int feature, int row) {
    toFront(rows[gene][feature], KEPT - 1, row);
  }

  private static void toFront(int[] kept, int at, int row) {
    System.arraycopy(kept, 0, kept, 1, at);
    kept[0] = row;
  }
}
