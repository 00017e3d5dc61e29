package org.gems.typer.shotgun;

/** Which k-mers may be known, in a bitmap that stays in a processor's cache; never a wrong no. */
final class KmerFilter {
  private static final int BITS = 24;
  private static final long MIX = 0xD6E8FEB86659FD93L;

  private final long[] words = new long[1 << (BITS - 6)];

  void add(long key) {
    int bit = bit(key);
    words[bit >>> 6] |= 1L << bit;
  }

  boolean mayHave(long key) {
    int bit = bit(key);
    return (words[bit >>> 6] & (1L << bit)) != 0;
  }

  private static int bit(long key) {
    return (int) ((key * MIX) >>> (64 - BITS));
  }
}
