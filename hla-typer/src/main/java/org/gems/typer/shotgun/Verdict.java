package org.gems.typer.shotgun;

import java.util.List;

/**
 * What becomes of one pair.
 *
 * @param lost where it is lost, or null where it is of use
 * @param gene the gene that explains it best; with {@code column} and {@code reads} only where it
 *     is of use
 * @param column the first exon column that it covers
 */
record Verdict(ShotgunFilter lost, int gene, int column, List<Alignment> reads) {
  static Verdict lost(ShotgunFilter filter) {
    return new Verdict(filter, -1, -1, List.of());
  }
}
