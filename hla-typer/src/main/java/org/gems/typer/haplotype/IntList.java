package org.gems.typer.haplotype;

import java.util.Arrays;

/** A growing list of ints. */
public final class IntList {
  private int[] values = new int[64];
  private int size;

  /** Appends a value. */
  public void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size * 2);
    }
    values[size++] = value;
  }

  /** Number of values. */
  public int size() {
    return size;
  }

  /** The value at an index. */
  public int get(int index) {
    return values[index];
  }

  /** A copy of the values. */
  public int[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
