package org.gems.typer.reads;

import org.gems.typer.Bases;

/**
 * A primer as two bits a base, compared with a read's start in a handful of instructions. Of a
 * primer longer than 32 bases the last 32 count, which are the ones that must bind. IUPAC letters
 * stand for several bases: a place of such a primer is right where the read has one of them.
 */
public final class PackedPrimer {
  private static final int MAXIMUM_BP = 32;
  private static final long LOW_BITS = 0x5555555555555555L;

  private final long bits;
  private final long mask;
  private final int compared;
  private final int skipped;

  /** Per base A C G T the places, by their low bits, at which the primer allows it. */
  private final long[] allowed = new long[4];

  private final boolean isPlain;

  /** Packs a primer of IUPAC letters. */
  public PackedPrimer(String primer) {
    compared = Math.min(MAXIMUM_BP, primer.length());
    skipped = primer.length() - compared;
    mask = compared == MAXIMUM_BP ? -1L : (1L << (2 * compared)) - 1;
    long packed = 0;
    boolean plain = true;
    for (int i = 0; i < compared; i++) {
      int set = Bases.set(primer.charAt(skipped + i));
      plain &= Integer.bitCount(set) == 1;
      packed |= (long) Integer.numberOfTrailingZeros(set) << (2 * i);
      for (int base = 0; base < 4; base++) {
        allowed[base] |= (long) (set >> base & 1) << (2 * i);
      }
    }
    bits = packed;
    isPlain = plain;
  }

  /** Length of the whole primer in bases. */
  public int length() {
    return skipped + compared;
  }

  /**
   * Mismatches with a read.
   *
   * @param packedRead two bits a base from the read's base {@link #skipped} on, lowest bits first
   */
  public int mismatches(long packedRead) {
    if (!isPlain) {
      return compared - Long.bitCount(matches(packedRead));
    }
    long difference = (packedRead ^ bits) & mask;
    return Long.bitCount((difference | (difference >>> 1)) & LOW_BITS);
  }

  private long matches(long packedRead) {
    long low = packedRead & LOW_BITS;
    long high = (packedRead >>> 1) & LOW_BITS;
    return (allowed[0] & ~low & ~high)
        | (allowed[1] & low & ~high)
        | (allowed[2] & ~low & high)
        | (allowed[3] & low & high);
  }

  /** Bases at the primer's start that are not compared. */
  public int skipped() {
    return skipped;
  }

  /**
   * Packs up to 32 bases of a read; an unknown base counts as A, a base beyond the end too.
   *
   * @param bases each in the upper two bits of a byte
   * @param length number of valid bases
   * @param from first base, which may lie before the read's start
   */
  public static long pack(byte[] bases, int length, int from) {
    long packed = 0;
    for (int i = 0; i < MAXIMUM_BP; i++) {
      int at = from + i;
      long code = at >= 0 && at < length ? (bases[at] & 0xff) >>> 6 : 0;
      packed |= code << (2 * i);
    }
    return packed;
  }
}
