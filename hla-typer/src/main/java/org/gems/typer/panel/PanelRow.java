package org.gems.typer.panel;

/**
 * One amplicon of a panel.
 *
 * @param locus the gene's name without {@code HLA-}
 * @param amplicon the amplicon's name, unique within its locus
 * @param start first base of the amplicon, counted on {@code countedOn}
 * @param end one past the last base
 * @param forwardPrimer the amplicon's first bases, in IUPAC letters
 * @param reversePrimer the reverse complement of its last bases
 * @param countedOn the allele whose bases the offsets count, if the library has it; empty for the
 *     library's reference allele
 */
public record PanelRow(
    String locus,
    String amplicon,
    Anchor start,
    Anchor end,
    String forwardPrimer,
    String reversePrimer,
    String countedOn) {

  /**
   * A place in a feature.
   *
   * @param feature such as {@code exon2}
   * @param offset 0-based from the feature's first base, or, where negative, from its end
   */
  public record Anchor(String feature, int offset) {}

  /** The same amplicon, its offsets counted on another allele. */
  PanelRow countedOn(String allele) {
    return new PanelRow(locus, amplicon, start, end, forwardPrimer, reversePrimer, allele);
  }

  /** How people name the amplicon. */
  public String label() {
    return locus + " " + amplicon;
  }
}
