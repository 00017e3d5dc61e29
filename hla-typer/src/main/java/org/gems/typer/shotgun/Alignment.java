package org.gems.typer.shotgun;

import java.util.Arrays;

/**
 * A read on the columns of a gene, in their order: in each the base it shows, or a gap, and what it
 * costs a sequence to have another symbol there.
 */
final class Alignment {
  private int[] columns = new int[160];
  private byte[] symbols = new byte[160];
  private float[] penalties = new float[160];
  private int size;

  void add(int column, byte symbol, float penalty) {
    if (size == columns.length) {
      columns = Arrays.copyOf(columns, size * 2);
      symbols = Arrays.copyOf(symbols, size * 2);
      penalties = Arrays.copyOf(penalties, size * 2);
    }
    columns[size] = column;
    symbols[size] = symbol;
    penalties[size] = penalty;
    size++;
  }

  /** A copy that takes no more room than it needs. */
  Alignment trimmed() {
    Alignment copy = new Alignment();
    copy.columns = Arrays.copyOf(columns, size);
    copy.symbols = Arrays.copyOf(symbols, size);
    copy.penalties = Arrays.copyOf(penalties, size);
    copy.size = size;
    return copy;
  }

  int size() {
    return size;
  }

  int column(int i) {
    return columns[i];
  }

  byte symbol(int i) {
    return symbols[i];
  }

  float penalty(int i) {
    return penalties[i];
  }

  /** Index of the first symbol at or after a column. */
  int firstFrom(int column) {
    int at = Arrays.binarySearch(columns, 0, size, column);
    return at >= 0 ? at : -at - 1;
  }
}
