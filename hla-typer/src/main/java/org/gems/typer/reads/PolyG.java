package org.gems.typer.reads;

/**
 * Finds the tail of G that two-colour instruments write where a fragment has ended: no light is a
 * sure G to them.
 */
final class PolyG {
  /** Genes of the library have no run of G so long. */
  private static final int LEAST_BP = 10;

  /** One other base in so many is an error within the tail. */
  private static final int BASES_PER_ERROR = 8;

  private PolyG() {}

  /** Bases before the tail; all where there is none. */
  static int lengthBefore(byte[] bases, int length) {
    int others = 0;
    int tail = 0;
    for (int seen = 1; seen <= length; seen++) {
      byte base = bases[length - seen];
      if (base == 'G' || base == 'g') {
        tail = seen;
      } else if (++others * BASES_PER_ERROR > Math.max(seen, BASES_PER_ERROR)) {
        break;
      }
    }
    return tail >= LEAST_BP ? length - tail : length;
  }
}
