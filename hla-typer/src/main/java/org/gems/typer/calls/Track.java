package org.gems.typer.calls;

import java.util.List;

/**
 * An allele's bases between the primers of an amplicon, as a page draws them.
 *
 * @param runs where they lie, in order; none where the allele's alignment does not hold them
 * @param depth expected pairs over each base, rounded; a pair counts once where its reads overlap
 */
public record Track(List<Run> runs, List<Integer> depth) {
  /** Of an amplicon of which nothing is drawn. */
  public static final Track NONE = new Track(List.of(), List.of());

  /**
   * Bases that follow each other in one feature.
   *
   * @param feature such as {@code exon2}
   * @param position 1-based place of the first one in the allele's own feature
   * @param bases how many
   */
  public record Run(String feature, int position, int bases) {}
}
