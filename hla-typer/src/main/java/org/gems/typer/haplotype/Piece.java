package org.gems.typer.haplotype;

import java.util.Arrays;
import org.gems.typer.Bases;
import org.gems.typer.haplotype.LocatedAmplicon.Cut;
import org.gems.typer.haplotype.LocatedAmplicon.Span;

/**
 * What a row states within a span.
 *
 * <p>Where an allele has an insertion or deletion between a primer and the border that the panel
 * counts from, two ends are possible: the primer binds where the reference has it, so that the
 * columns count, or the amplicon is cut at as many of the allele's own bases.
 */
final class Piece {
  private static final int NONE = -1;

  private final byte[] symbols;
  private final int ownStart;
  private final int ownEnd;
  private final boolean doubtful;
  private final boolean complete;
  private final int hash;

  /**
   * A piece of alignment symbols, one a column.
   *
   * @param ownStart column of its first base after the primer by its own count, or -1
   * @param ownEnd one past the column of its last base before the primer by its own count, or -1
   * @param doubtful whether the release leaves the feature open somewhere, here or outside the span
   */
  private Piece(byte[] symbols, int ownStart, int ownEnd, boolean doubtful) {
    this.symbols = symbols;
    this.ownStart = ownStart;
    this.ownEnd = ownEnd;
    this.doubtful = doubtful;
    this.complete = !hasUnknown(symbols);
    this.hash = 31 * (31 * Arrays.hashCode(symbols) + ownStart) + ownEnd;
  }

  /** Cuts a span out of a row. */
  static Piece of(byte[] row, Span span, Cut start, Cut end) {
    byte[] symbols = Arrays.copyOfRange(row, span.from(), span.to());
    return new Piece(
        symbols, within(start.column(row), span), within(end.column(row), span), hasUnknown(row));
  }

  private static boolean hasUnknown(byte[] row) {
    for (byte symbol : row) {
      if (symbol == '*') {
        return true;
      }
    }
    return false;
  }

  private static int within(int column, Span span) {
    return column >= span.from() && column <= span.to() ? column - span.from() : NONE;
  }

  /** Number of columns. */
  int columns() {
    return symbols.length;
  }

  /** Column of its first base after the primer by its own count, or -1. */
  int ownStart() {
    return ownStart;
  }

  /** One past the column of its last base before the primer by its own count, or -1. */
  int ownEnd() {
    return ownEnd;
  }

  /** Whether the release leaves the feature open somewhere, here or outside the span. */
  boolean doubtful() {
    return doubtful;
  }

  /** Whether every column is stated. */
  boolean isComplete() {
    return complete;
  }

  /** Whether another piece is as this one wherever this one is stated. */
  boolean agreesWith(Piece whole) {
    for (int i = 0; i < symbols.length; i++) {
      if (symbols[i] != '*' && symbols[i] != whole.symbols[i]) {
        return false;
      }
    }
    return true;
  }

  /** This piece with its open columns, and so its ends, as another has them. */
  Piece filledFrom(Piece other) {
    if (complete) {
      return this;
    }
    byte[] merged = symbols.clone();
    for (int i = 0; i < merged.length; i++) {
      if (merged[i] == '*') {
        merged[i] = other.symbols[i];
      }
    }
    return new Piece(merged, other.ownStart, other.ownEnd, doubtful);
  }

  /** Stated bases from one column to another. */
  int knownBp(int from, int to) {
    int known = 0;
    for (int i = from; i < to; i++) {
      known += symbols[i] == '*' || symbols[i] == '.' ? 0 : 1;
    }
    return known;
  }

  /**
   * Writes the codes of the bases from one column to another, without gaps.
   *
   * @return the index after the last one written
   */
  int writeCodes(int from, int to, byte[] into, int at) {
    int next = at;
    for (int i = from; i < to; i++) {
      if (symbols[i] != '.') {
        into[next++] = Bases.code(symbols[i]);
      }
    }
    return next;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Piece piece
        && hash == piece.hash
        && ownStart == piece.ownStart
        && ownEnd == piece.ownEnd
        && doubtful == piece.doubtful
        && Arrays.equals(symbols, piece.symbols);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
