package org.gems.typer.haplotype;

import java.util.Arrays;

/** Numbers for longs, kept in open addressing without boxes; made to be emptied and used again. */
final class LongIds {
  /** What {@link #getOrPut} answers for a key that had no number. */
  static final int NONE = -1;

  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private long[] keys = new long[64];
  private int[] ids = new int[64];
  private int size;

  LongIds() {
    Arrays.fill(ids, NONE);
  }

  /** Forgets all keys. */
  void clear() {
    Arrays.fill(ids, NONE);
    size = 0;
  }

  /** The number of a key, or {@link #NONE}, where the key is then given the number offered. */
  int getOrPut(long key, int offered) {
    int slot = slot(key);
    int found = ids[slot];
    if (found == NONE) {
      keys[slot] = key;
      ids[slot] = offered;
      if (++size * 2 > ids.length) {
        grow();
      }
    }
    return found;
  }

  private int slot(long key) {
    int slot = (int) ((key * MULTIPLIER) >>> 40) & (ids.length - 1);
    while (ids[slot] != NONE && keys[slot] != key) {
      slot = (slot + 1) & (ids.length - 1);
    }
    return slot;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldIds = ids;
    keys = new long[oldKeys.length * 2];
    ids = new int[oldIds.length * 2];
    Arrays.fill(ids, NONE);
    for (int i = 0; i < oldIds.length; i++) {
      if (oldIds[i] != NONE) {
        int slot = slot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        ids[slot] = oldIds[i];
      }
    }
  }
}
