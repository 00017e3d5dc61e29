package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;

/**
 * What a page draws of a call beside its coverage.
 *
 * @param exons the called alleles' exons, as far as the reads show them
 * @param links exons that the same pairs of reads show
 * @param phaseBlocks exons in which the called alleles differ, those together whose phase the reads
 *     show; an exon stands in two blocks where its own middle is not linked
 */
public record Drawing(List<ExonBases> exons, List<ExonLink> links, List<List<String>> phaseBlocks) {
  /** Of a locus without a call. */
  public static final Drawing NONE = new Drawing(List.of(), List.of(), List.of());

  /**
   * An allele's exon.
   *
   * @param bases as the release states them; {@code ?} where it states nothing, where no read of
   *     the sample lies, or only reads whose primer lies there
   */
  public record ExonBases(String allele, String feature, String bases) {}

  /**
   * Two exons that pairs of reads show together.
   *
   * @param gene whose exons they are
   * @param amplicons that reach both
   * @param pairs that show bases of both
   * @param phasingPairs those of them that show, in both, bases in which the called alleles differ
   */
  public record ExonLink(
      String gene, String from, String to, List<String> amplicons, int pairs, int phasingPairs) {}

  /** This gene's beside those of another, on the other chromosome. */
  public Drawing beside(Drawing other) {
    return new Drawing(
        both(exons, other.exons), both(links, other.links), both(phaseBlocks, other.phaseBlocks));
  }

  private static <T> List<T> both(List<T> one, List<T> two) {
    List<T> all = new ArrayList<>(one);
    all.addAll(two);
    return List.copyOf(all);
  }
}
