package org.gems.typer.calls;

/**
 * A base that stands in reads and not in the allele most like them.
 *
 * @param feature such as {@code exon3}, or empty where the release does not tell
 * @param position 1-based in the allele's own feature, or from the first base after the forward
 *     primer where the feature is not told
 */
public record Change(String feature, int position, char oldBase, char newBase) {
  /** Such as {@code exon3 95T>G}. */
  public String text() {
    String place = "%d%c>%c".formatted(position, oldBase, newBase);
    return feature.isEmpty() ? place : feature + " " + place;
  }
}
