package org.gems.typer.shotgun;

import java.util.Arrays;
import org.gems.typer.reads.ReadBatch;

/** A read's bases and qualities in one direction; the same object is loaded again and again. */
final class Strand {
  private static final byte[] UPPER = new byte[256];
  private static final byte[] COMPLEMENT = new byte[256];

  static {
    Arrays.fill(UPPER, (byte) 'N');
    Arrays.fill(COMPLEMENT, (byte) 'N');
    for (char base : "ACGT".toCharArray()) {
      char other = "TGCA".charAt("ACGT".indexOf(base));
      UPPER[base] = UPPER[base + 32] = (byte) base;
      COMPLEMENT[base] = COMPLEMENT[base + 32] = (byte) other;
    }
  }

  private byte[] bases = new byte[256];
  private byte[] qualities = new byte[256];
  private int length;

  /** Takes a read over, as it is or from its other strand. */
  void load(ReadBatch batch, int start, int count, boolean reverse) {
    length = count;
    if (length > bases.length) {
      bases = new byte[length];
      qualities = new byte[length];
    }
    byte[] table = reverse ? COMPLEMENT : UPPER;
    byte[] read = batch.bases();
    byte[] ofRead = batch.qualities();
    int step = reverse ? -1 : 1;
    int from = reverse ? start + length - 1 : start;
    for (int i = 0; i < length; i++) {
      bases[i] = table[read[from] & 0xff];
      qualities[i] = (byte) (ofRead[from] - '!');
      from += step;
    }
  }

  int length() {
    return length;
  }

  byte base(int i) {
    return bases[i];
  }

  int quality(int i) {
    return qualities[i];
  }
}
