package org.gems.typer;

import java.util.Arrays;

/** Ints that may be a map's key; they must not change. */
public final class IntKey {
  private final int[] values;
  private final int hash;

  /** A key of values. */
  public IntKey(int... values) {
    this.values = values;
    this.hash = Arrays.hashCode(values);
  }

  /** The values themselves. */
  public int[] values() {
    return values;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IntKey key && Arrays.equals(values, key.values);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
