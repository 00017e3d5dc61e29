package org.gems.typer.haplotype;

import java.nio.charset.StandardCharsets;
import org.gems.typer.haplotype.LocatedAmplicon.Cut;
import org.gems.typer.haplotype.LocatedAmplicon.Span;

/**
 * What a row states within a span.
 *
 * <p>Where an allele has an insertion or deletion between a primer and the border that the panel
 * counts from, two ends are possible: the primer binds where the reference has it, so that the
 * columns count, or the amplicon is cut at as many of the allele's own bases.
 *
 * @param text its symbols, one a column
 * @param ownStart column of its first base after the primer by its own count, or -1
 * @param ownEnd one past the column of its last base before the primer by its own count, or -1
 * @param doubtful whether the release leaves the feature open somewhere, here or outside the span
 */
record Piece(String text, int ownStart, int ownEnd, boolean doubtful) {
  private static final int NONE = -1;

  /** Cuts a span out of a row. */
  static Piece of(byte[] row, Span span, Cut start, Cut end) {
    String text = new String(row, span.from(), span.columns(), StandardCharsets.ISO_8859_1);
    boolean doubtful = new String(row, StandardCharsets.ISO_8859_1).indexOf('*') >= 0;
    return new Piece(
        text, within(start.column(row), span), within(end.column(row), span), doubtful);
  }

  private static int within(int column, Span span) {
    return column >= span.from() && column <= span.to() ? column - span.from() : NONE;
  }

  /** Whether every column is stated. */
  boolean isComplete() {
    return text.indexOf('*') < 0;
  }

  /** Whether another piece is as this one wherever this one is stated. */
  boolean agreesWith(Piece whole) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != '*' && text.charAt(i) != whole.text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** This piece with its open columns, and so its ends, as another has them. */
  Piece filledFrom(Piece other) {
    if (isComplete()) {
      return this;
    }
    StringBuilder merged = new StringBuilder(text);
    for (int i = 0; i < merged.length(); i++) {
      if (merged.charAt(i) == '*') {
        merged.setCharAt(i, other.text.charAt(i));
      }
    }
    return new Piece(merged.toString(), other.ownStart, other.ownEnd, doubtful);
  }

  /** Stated bases from one column to another. */
  int knownBp(int from, int to) {
    int known = 0;
    for (int i = from; i < to; i++) {
      known += text.charAt(i) == '*' || text.charAt(i) == '.' ? 0 : 1;
    }
    return known;
  }

  /** The bases from one column to another, without gaps. */
  String bases(int from, int to) {
    return from < to ? text.substring(from, to).replace(".", "") : "";
  }
}
