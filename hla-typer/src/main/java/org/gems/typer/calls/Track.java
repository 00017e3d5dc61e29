package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import org.gems.typer.genotype.Places;
import org.gems.typer.library.LocusTable;

/**
 * An allele's bases in an amplicon or exon, as a page draws them.
 *
 * @param runs where they lie, in order; none where the allele's alignment does not hold them
 * @param depth expected pairs over each base, rounded; a pair counts once where its reads overlap
 */
public record Track(List<Run> runs, List<Integer> depth) {
  /**
   * Bases that follow each other in one feature.
   *
   * @param feature such as {@code exon2}
   * @param position 1-based place of the first one in the allele's own feature
   * @param bases how many
   */
  public record Run(String feature, int position, int bases) {}

  /** A track of an allele's places. */
  static Track of(LocusTable table, Places places, double[] depth) {
    List<Run> runs =
        places.stretches().stream()
            .map(
                s ->
                    new Run(
                        table.features().get(s.feature()).name(),
                        places.places().get(s.from()).position(),
                        s.to() - s.from()))
            .toList();
    List<Integer> rounded = new ArrayList<>(depth.length);
    for (double pairs : depth) {
      rounded.add((int) Math.round(pairs));
    }
    return new Track(runs, List.copyOf(rounded));
  }
}
