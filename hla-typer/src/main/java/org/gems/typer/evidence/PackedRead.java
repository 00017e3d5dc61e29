package org.gems.typer.evidence;

import org.gems.typer.Bases;
import org.gems.typer.reads.ReadBatch;

/**
 * A read's bases and qualities, one byte a base: two bits of base above six bits of quality.
 * Quality 0 marks a base that says nothing.
 */
public final class PackedRead {
  private static final int MAXIMUM_QUALITY = 63;

  /** By ASCII letter: a base's two bits, and whether there is a base to know. */
  private static final byte[] BASE_BITS = new byte[256];

  private static final byte[] KNOWN = new byte[256];

  /** By ASCII quality (Phred+33). */
  private static final byte[] QUALITY_BITS = new byte[256];

  static {
    for (int i = 0; i < 256; i++) {
      byte code = Bases.code((byte) i);
      KNOWN[i] = (byte) (code == Bases.UNKNOWN ? 0 : -1);
      BASE_BITS[i] = (byte) (code << 6);
      QUALITY_BITS[i] = (byte) Math.max(0, Math.min(MAXIMUM_QUALITY, i - '!'));
    }
  }

  private byte[] packed = new byte[512];
  private int length;

  /**
   * Takes over a fragment's read.
   *
   * @param mate 0 for the first read, 1 for the second
   */
  public void load(ReadBatch batch, int fragment, int mate) {
    length = batch.length(fragment, mate);
    if (length > packed.length) {
      packed = new byte[length * 2];
    }
    byte[] bases = batch.bases();
    byte[] qualities = batch.qualities();
    int start = batch.start(fragment, mate);
    for (int i = 0; i < length; i++) {
      int letter = bases[start + i] & 0xff;
      int bits = BASE_BITS[letter] | QUALITY_BITS[qualities[start + i] & 0xff];
      packed[i] = (byte) (bits & KNOWN[letter]);
    }
  }

  /** The base of a packed byte. */
  public static int base(byte packed) {
    return (packed & 0xff) >>> 6;
  }

  /** The quality of a packed byte. */
  public static int quality(byte packed) {
    return packed & MAXIMUM_QUALITY;
  }

  /** Number of bases. */
  public int length() {
    return length;
  }

  /** Packed bytes, valid up to the length. */
  public byte[] packed() {
    return packed;
  }
}
