package org.gems.typer.shotgun;

import java.util.Arrays;

/**
 * A read on the columns of a gene, in their order: in each the base it shows, or a gap, and what it
 * costs a sequence to have another symbol there.
 */
final class Alignment {
  private int[] columns;
  private byte[] symbols;
  private float[] penalties;
  private int size;

  /** An empty alignment with room for so many symbols, which grows where gaps need it. */
  Alignment(int room) {
    columns = new int[room];
    symbols = new byte[room];
    penalties = new float[room];
  }

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
