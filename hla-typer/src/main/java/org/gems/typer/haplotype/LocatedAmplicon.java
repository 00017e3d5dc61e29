package org.gems.typer.haplotype;

import java.util.List;

/**
 * An amplicon in the alignment columns of a locus.
 *
 * @param spans its columns, primers included, in genomic order
 * @param forwardColumns columns that the reference's bases under the forward primer take
 * @param reverseColumns columns that the reference's bases under the reverse primer take
 * @param ownStart where an allele's own bases begin after the primer, counted in its first feature
 * @param ownEnd where an allele's own bases end before the primer, counted in its last feature
 */
public record LocatedAmplicon(
    List<Span> spans, int forwardColumns, int reverseColumns, Cut ownStart, Cut ownEnd) {

  /**
   * Columns of one feature, 0-based half-open.
   *
   * @param feature index into the locus's features
   */
  public record Span(int feature, int from, int to) {
    /** Number of columns. */
    public int columns() {
      return to - from;
    }
  }

  /**
   * A place in an allele's own feature.
   *
   * @param fromEnd whether it is counted back from the feature's end
   * @param bases how many bases away; negative where the place lies in another feature
   */
  public record Cut(boolean fromEnd, int bases) {
    /**
     * The column of a row at which the place lies.
     *
     * @return -1 where the row has fewer bases, or leaves them open
     */
    public int column(byte[] row) {
      int counted = 0;
      for (int i = 0; i <= row.length; i++) {
        int column = fromEnd ? row.length - i : i;
        if (counted == bases) {
          return column;
        }
        if (i == row.length) {
          return -1;
        }
        byte next = fromEnd ? row[column - 1] : row[column];
        if (next == '*') {
          return -1;
        }
        counted += next == '.' ? 0 : 1;
      }
      return -1;
    }
  }
}
