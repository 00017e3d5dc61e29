package org.gems.typer.calls;

/**
 * A base that stands in reads and not in the allele most like them, or bases that the reads have
 * more or less.
 *
 * @param feature such as {@code exon3}, or empty where the release does not tell
 * @param position 1-based in the allele's own feature, or from the first base after the forward
 *     primer where the feature is not told; of the base that follows inserted ones
 * @param oldBase what the allele has, or {@link #NOTHING}
 * @param newBase what the reads have, or {@link #NOTHING}
 */
public record Change(String feature, int position, String oldBase, String newBase) {
  /** Stands for no base at all. */
  public static final String NOTHING = ".";

  /** Such as {@code exon3 95T>G}, {@code exon3 40.>G} or {@code exon2 148CGT>.}. */
  public String text() {
    String place = "%d%s>%s".formatted(position, oldBase, newBase);
    return feature.isEmpty() ? place : feature + " " + place;
  }
}
